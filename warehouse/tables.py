"""The tables of the warehouse: one schema per flow, and two lists of what became of each batch.

Names come from the agreed schema and from manifests whose names were checked; no value is ever put into a
statement.
"""

from canonical import spec
from sealing.manifest import Manifest
from warehouse.database import Database

SOURCE = "source_system"
BATCHES = "batches"
BATCH_COLUMNS = (
    "sequence, batch_id, run_id, dpia_id, dpia_version, released_at, loaded_at, rows_upserted, rows_withdrawn"
)
"""What readers of a flow see of the list of its batches."""
BOOKS = """
CREATE TABLE IF NOT EXISTS viaduct_batches (
    flow VARCHAR NOT NULL, sequence BIGINT NOT NULL, batch_id VARCHAR NOT NULL, run_id VARCHAR NOT NULL,
    manifest_sha256 VARCHAR NOT NULL, dpia_id VARCHAR NOT NULL, dpia_version VARCHAR NOT NULL,
    dpia_sha256 VARCHAR NOT NULL, schema_version VARCHAR NOT NULL, released_at TIMESTAMPTZ NOT NULL,
    loaded_at TIMESTAMPTZ NOT NULL, rows_upserted BIGINT NOT NULL, rows_withdrawn BIGINT NOT NULL,
    receipt VARCHAR NOT NULL
);
CREATE TABLE IF NOT EXISTS viaduct_refusals (
    flow VARCHAR NOT NULL, sequence BIGINT NOT NULL, batch_id VARCHAR NOT NULL,
    manifest_sha256 VARCHAR NOT NULL, reason VARCHAR NOT NULL, refused_at TIMESTAMPTZ NOT NULL,
    receipt VARCHAR NOT NULL
);
"""
SETTLED = """
SELECT flow, sequence, batch_id, manifest_sha256, receipt FROM viaduct_batches
UNION ALL SELECT flow, sequence, batch_id, manifest_sha256, receipt FROM viaduct_refusals
ORDER BY flow, sequence
"""


def quoted(name: str) -> str:
    """Return a checked name as SQL writes it."""
    return f'"{name}"'


def table(flow: str, entity: str) -> str:
    """Return the full name of an entity's table."""
    return f"{quoted(flow)}.{quoted(entity)}"


def tombstones(flow: str) -> str:
    """Return the full name of the flow's list of withdrawn records."""
    return table(flow, "withdrawn_records")


def prepare(database: Database, manifest: Manifest) -> None:
    """Make what the batch needs and the warehouse lacks; columns are only ever added."""
    database.make_schema(manifest.flow)
    database.run(
        f"CREATE TABLE IF NOT EXISTS {tombstones(manifest.flow)} ("
        "entity VARCHAR NOT NULL, key UUID NOT NULL, batch_sequence BIGINT NOT NULL, "
        "withdrawn_at TIMESTAMPTZ NOT NULL, reason VARCHAR NOT NULL)"
    )
    present = columns_in(database, manifest.flow)
    for entity, shape in manifest.entities.items():
        released = tuple(column for column in shape.columns if column != SOURCE)
        if entity not in present:
            database.make_table(manifest.flow, entity, released)
            continue
        name = table(manifest.flow, entity)
        for column in (column for column in released if column not in present[entity]):
            kind = database.types[spec(entity).fields[column].kind]
            database.run(f"ALTER TABLE {name} ADD COLUMN IF NOT EXISTS {quoted(column)} {kind}")


def columns_in(database: Database, flow: str) -> dict[str, list[str]]:
    """Return the tables that the flow has, each with its columns in order."""
    found = database.rows(
        "SELECT table_name, column_name FROM information_schema.columns "
        "WHERE table_catalog = current_database() AND table_schema = ? ORDER BY table_name, ordinal_position",
        [flow],
    )
    tables: dict[str, list[str]] = {}
    for name, column in found:
        tables.setdefault(name, []).append(column)
    return tables


def columns_of(database: Database, flow: str, entity: str) -> list[str]:
    """Return the columns that the entity's table has; none where there is no such table."""
    return columns_in(database, flow).get(entity, [])


def is_empty(database: Database, flow: str, entity: str) -> bool:
    """Return whether the entity's table has no row."""
    return not database.rows(f"SELECT 1 FROM {table(flow, entity)} LIMIT 1")
