"""Our entities as tables of a warehouse: the same names and types on DuckDB and on PostgreSQL."""

from canonical.entities import spec
from canonical.fields import Kind

warehouse_columns = ("source_system", "batch_sequence", "run_id", "released_at")

DUCKDB: dict[Kind, str] = {
    Kind.KEY: "UUID",
    Kind.TEXT: "VARCHAR",
    Kind.CODE: "VARCHAR",
    Kind.DATE: "DATE",
    Kind.INSTANT: "TIMESTAMP WITH TIME ZONE",
    Kind.BOOLEAN: "BOOLEAN",
    Kind.INTEGER: "INTEGER",
    Kind.DECIMAL: "DECIMAL(12,2)",
    Kind.COORDINATE: "DECIMAL(9,6)",
}
POSTGRES: dict[Kind, str] = DUCKDB | {
    Kind.TEXT: "TEXT",
    Kind.CODE: "TEXT",
    Kind.DECIMAL: "NUMERIC(12,2)",
    Kind.COORDINATE: "NUMERIC(9,6)",
}


def duckdb_sql(entity: str, columns: tuple[str, ...] | None = None, schema: str = "canonical") -> str:
    """Return the statement that makes the entity's table in a DuckDB warehouse."""
    return _create(entity, columns, schema, types=DUCKDB)


def postgres_sql(entity: str, columns: tuple[str, ...] | None = None, schema: str = "canonical") -> str:
    """Return the statement that makes the entity's table in a PostgreSQL warehouse."""
    key = ", ".join(spec(entity).key)
    return _create(entity, columns, schema, types=POSTGRES, constraint=f"PRIMARY KEY ({key})")


def _create(
    name: str, columns: tuple[str, ...] | None, schema: str, *, types: dict[Kind, str], constraint: str = ""
) -> str:
    entity = spec(name)
    keys = {key: entity.fields[key] for key in entity.key}
    named = entity.fields if columns is None else {column: entity.fields[column] for column in columns}
    lines = [
        f"{f.name} {types[f.kind]}{' NOT NULL' if f.name in keys else ''}" for f in (keys | named).values()
    ]
    lines += [
        f"source_system {types[Kind.TEXT]} NOT NULL",
        "batch_sequence BIGINT NOT NULL",
        f"run_id {types[Kind.TEXT]} NOT NULL",
        "released_at TIMESTAMP WITH TIME ZONE NOT NULL",
    ]
    body = ",\n".join(f"    {line}" for line in [*lines, constraint] if line)
    return f"CREATE TABLE IF NOT EXISTS {schema}.{entity.name} (\n{body}\n);\n"
