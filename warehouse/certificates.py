"""The terms that were sent with the rows, and the certificates of what was removed by them.

Both are kept in the warehouse beside the rows, so that they move in the transaction that moves the rows.
"""

import hashlib
from dataclasses import dataclass
from itertools import chain

import duckdb

from sealing.manifest import DpiaReference, Manifest, RetentionTerm

TABLES = """
CREATE TABLE IF NOT EXISTS viaduct_retention (
    flow VARCHAR NOT NULL, entity VARCHAR NOT NULL, period VARCHAR NOT NULL, since VARCHAR NOT NULL
);
CREATE TABLE IF NOT EXISTS viaduct_certificates (
    flow VARCHAR NOT NULL, number BIGINT NOT NULL, certified_at TIMESTAMPTZ NOT NULL,
    rows_expired BIGINT NOT NULL, certificate VARCHAR NOT NULL, marks BLOB NOT NULL
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


def is_kept(connection: duckdb.DuckDBPyConnection) -> bool:
    """Return whether the warehouse has the two tables; one loaded before there were terms has not."""
    found = connection.execute(
        "SELECT count(*) FROM duckdb_tables() WHERE database_name = current_database() "
        "AND schema_name = 'main' AND table_name IN ('viaduct_retention', 'viaduct_certificates')"
    ).fetchone()
    return found is not None and found[0] == 2


def write_terms(connection: duckdb.DuckDBPyConnection, manifest: Manifest) -> None:
    """Keep the terms of the manifest in place of those of the flow's batch before it."""
    connection.execute(TABLES)
    connection.execute("DELETE FROM viaduct_retention WHERE flow = ?", [manifest.flow])
    rows = [(manifest.flow, term.entity, term.period, term.since) for term in manifest.retention]
    if rows:
        places = ", ".join(["(?, ?, ?, ?)"] * len(rows))
        connection.execute(f"INSERT INTO viaduct_retention VALUES {places}", list(chain.from_iterable(rows)))


def read_terms(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, RetentionTerm]]:
    """Return the terms by flow and entity."""
    terms: dict[str, dict[str, RetentionTerm]] = {}
    rows = connection.execute("SELECT flow, entity, period, since FROM viaduct_retention ORDER BY ALL")
    for flow, entity, period, since in rows.fetchall():
        term = RetentionTerm.model_validate({"entity": entity, "period": period, "since": since})
        terms.setdefault(flow, {})[entity] = term
    return terms


def last_batch(connection: duckdb.DuckDBPyConnection, flow: str) -> LastBatch | None:
    """Return the flow's last loaded batch, if there is one."""
    row = connection.execute(
        "SELECT sequence, run_id, manifest_sha256, dpia_id, dpia_version, dpia_sha256 FROM viaduct_batches "
        "WHERE flow = ? ORDER BY sequence DESC LIMIT 1",
        [flow],
    ).fetchone()
    if row is None:
        return None
    return LastBatch(row[0], row[1], row[2], DpiaReference(id=row[3], version=row[4], sha256=row[5]))


def certificates(connection: duckdb.DuckDBPyConnection) -> list[Kept]:
    """Return every certificate given, by flow and number."""
    rows = connection.execute(
        "SELECT flow, number, certificate, marks FROM viaduct_certificates ORDER BY flow, number"
    )
    return [Kept(flow, number, text.encode(), marks) for flow, number, text, marks in rows.fetchall()]


def write_certificate(
    connection: duckdb.DuckDBPyConnection, kept: Kept, certified_at: str, expired: int
) -> None:
    """Keep a certificate, in the transaction that removed the rows."""
    connection.execute(
        "INSERT INTO viaduct_certificates VALUES (?, ?, ?::TIMESTAMPTZ, ?, ?, ?)",
        [kept.flow, kept.number, certified_at, expired, kept.certificate.decode(), kept.marks],
    )
