"""The terms that were sent with the rows, and the certificates of what was removed by them.

Both are kept in the warehouse beside the rows, so that they move in the transaction that moves the rows.
"""

import hashlib
from dataclasses import dataclass
from itertools import chain

from sealing.manifest import DpiaReference, Manifest, RetentionTerm
from warehouse.database import Database, Proof

_TABLES = """
CREATE TABLE IF NOT EXISTS viaduct_retention (
    flow VARCHAR NOT NULL, entity VARCHAR NOT NULL, period VARCHAR NOT NULL, since VARCHAR NOT NULL
);
CREATE TABLE IF NOT EXISTS viaduct_certificates (
    flow VARCHAR NOT NULL, number BIGINT NOT NULL, certified_at TIMESTAMPTZ NOT NULL,
    rows_expired BIGINT NOT NULL, certificate VARCHAR NOT NULL, marks {bytes_type} NOT NULL
);
"""


@dataclass(frozen=True)
class Kept:
    """A certificate as it was signed, and the marks that lie beside it."""

    flow: str
    number: int
    certificate: bytes
    marks: bytes

    @property
    def sha256(self) -> str:
        """Digest of the certificate; the next one names it."""
        return hashlib.sha256(self.certificate).hexdigest()


@dataclass(frozen=True)
class LastBatch:
    """The last batch that was loaded of a flow, and the assessment it was sent under."""

    sequence: int
    run_id: str
    manifest_sha256: str
    dpia: DpiaReference


def make_tables(database: Database) -> None:
    """Make the two tables where they are missing."""
    database.run(_TABLES.format(bytes_type=database.bytes_type))


def is_kept(database: Database) -> bool:
    """Return whether the warehouse has the two tables; one loaded before there were terms has not."""
    found = database.rows(
        "SELECT count(*) FROM information_schema.tables WHERE table_catalog = current_database() "
        "AND table_schema = current_schema() AND table_name IN ('viaduct_retention', 'viaduct_certificates')"
    )
    return found == [(2,)]


def write_terms(database: Database, manifest: Manifest) -> None:
    """Keep the terms of the manifest in place of those of the flow's batch before it."""
    make_tables(database)
    database.change("DELETE FROM viaduct_retention WHERE flow = ?", [manifest.flow])
    rows = [(manifest.flow, term.entity, term.period, term.since) for term in manifest.retention]
    if rows:
        places = ", ".join(["(?, ?, ?, ?)"] * len(rows))
        database.change(f"INSERT INTO viaduct_retention VALUES {places}", list(chain.from_iterable(rows)))


def read_terms(database: Database) -> dict[str, dict[str, RetentionTerm]]:
    """Return the terms by flow and entity."""
    terms: dict[str, dict[str, RetentionTerm]] = {}
    rows = database.rows("SELECT flow, entity, period, since FROM viaduct_retention ORDER BY flow, entity")
    for flow, entity, period, since in rows:
        term = RetentionTerm.model_validate({"entity": entity, "period": period, "since": since})
        terms.setdefault(flow, {})[entity] = term
    return terms


def last_batch(database: Database, flow: str) -> LastBatch | None:
    """Return the flow's last loaded batch, if there is one."""
    found = database.rows(
        "SELECT sequence, run_id, manifest_sha256, dpia_id, dpia_version, dpia_sha256 FROM viaduct_batches "
        "WHERE flow = ? ORDER BY sequence DESC LIMIT 1",
        [flow],
    )
    if not found:
        return None
    (row,) = found
    return LastBatch(row[0], row[1], row[2], DpiaReference(id=row[3], version=row[4], sha256=row[5]))


def certificates(database: Database) -> list[Kept]:
    """Return every certificate given, by flow and number."""
    rows = database.rows(
        "SELECT flow, number, certificate, marks FROM viaduct_certificates ORDER BY flow, number"
    )
    return [Kept(flow, number, text.encode(), marks) for flow, number, text, marks in rows]


def write_certificate(database: Database, kept: Kept, certified_at: str, expired: int) -> None:
    """Keep a certificate, in the transaction that removed the rows."""
    database.change(
        "INSERT INTO viaduct_certificates VALUES (?, ?, ?::TIMESTAMPTZ, ?, ?, ?)",
        [kept.flow, kept.number, certified_at, expired, kept.certificate.decode(), kept.marks],
    )


def proof_of(kept: Kept) -> Proof:
    """Return what to ask to learn whether the certificate stands in the warehouse."""
    return Proof(
        "SELECT 1 FROM viaduct_certificates WHERE flow = ? AND number = ? AND certificate = ?",
        (kept.flow, kept.number, kept.certificate.decode()),
    )
