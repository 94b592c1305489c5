"""How figures made of a flow's rows hide small counts: the terms that came with its last batch."""

import json
from dataclasses import dataclass

from sealing.manifest import DisclosureTerms, DpiaReference, Manifest
from warehouse.database import Database

TABLE = """
CREATE TABLE IF NOT EXISTS viaduct_disclosure_control (
    flow VARCHAR NOT NULL, terms VARCHAR NOT NULL, dpia_id VARCHAR NOT NULL, dpia_version VARCHAR NOT NULL,
    dpia_sha256 VARCHAR NOT NULL
)
"""


@dataclass(frozen=True)
class Told:
    """The terms, and the assessment that says so."""

    terms: DisclosureTerms
    dpia: DpiaReference


def write_control(database: Database, manifest: Manifest) -> None:
    """Keep the terms of the manifest in place of those of the flow's batch before it; none, for none."""
    database.change("DELETE FROM viaduct_disclosure_control WHERE flow = ?", [manifest.flow])
    if manifest.disclosure_control is not None:
        dpia = manifest.dpia
        terms = json.dumps(manifest.disclosure_control.model_dump(mode="json"), sort_keys=True)
        database.change(
            "INSERT INTO viaduct_disclosure_control VALUES (?, ?, ?, ?, ?)",
            [manifest.flow, terms, dpia.id, dpia.version, dpia.sha256],
        )


def read_control(database: Database, flow: str) -> Told | None:
    """Return what was told with the flow's last batch; None where nothing was."""
    kept = database.rows(
        "SELECT count(*) FROM information_schema.tables WHERE table_catalog = current_database() "
        "AND table_schema = current_schema() AND table_name = 'viaduct_disclosure_control'"
    )
    if kept != [(1,)]:
        return None
    found = database.rows(
        "SELECT terms, dpia_id, dpia_version, dpia_sha256 FROM viaduct_disclosure_control WHERE flow = ?",
        [flow],
    )
    if not found:
        return None
    ((terms, identity, version, sha256),) = found
    return Told(
        DisclosureTerms.model_validate_json(terms),
        DpiaReference(id=identity, version=version, sha256=sha256),
    )
