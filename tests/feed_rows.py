"""A council warehouse of the few rows a test writes down: typed as the loader's, keys from short words."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

import duckdb
import polars as pl

from canonical import Kind, duckdb_sql, spec

Row = Mapping[str, Any]
SCHEMA = "commissioning"
TAIL = {"batch_sequence": "1", "run_id": "RUN", "released_at": "2022-12-01 06:00:00+00"}


def key(word: Any) -> UUID:
    """Return the key that a short word stands for."""
    return uuid5(NAMESPACE_URL, str(word))


def write_rows(
    path: Path, tables: Mapping[str, Sequence[Row]], without: Mapping[str, tuple[str, ...]] | None = None
) -> Path:
    """Return a warehouse file with these rows.

    Given: by entity its rows, in which keys are short words, what is left out is null, and the source is the
           hub's; by entity the fields that the flow does not release.
    """
    with duckdb.connect(str(path)) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.begin()
        connection.execute(f"CREATE SCHEMA {SCHEMA}")
        for entity, rows in tables.items():
            gone = (without or {}).get(entity, ())
            fields = tuple(name for name in spec(entity).fields if name not in gone)
            connection.execute(duckdb_sql(entity, fields, SCHEMA))
            columns = (*fields, "source_system", *TAIL)
            told = pl.DataFrame(
                {name: [_cell(entity, name, at, row) for at, row in enumerate(rows)] for name in columns},
                schema=dict.fromkeys(columns, pl.String()),
            )
            connection.register("told", told.to_arrow())
            connection.execute(f"INSERT INTO {SCHEMA}.{entity} ({', '.join(columns)}) SELECT * FROM told")
        connection.commit()
    return path


def _cell(entity: str, name: str, place: int, row: Row) -> str | None:
    """Return the cell as text, which the table's type then takes."""
    if name in TAIL:
        return TAIL[name]
    if name == "source_system":
        return str(row.get(name, "hub"))
    value = row.get(name)
    known = spec(entity).fields[name]
    if value is None and name in spec(entity).key:
        value = f"{entity} {place}"
    if value is None:
        return None
    return str(key(value)) if known.kind is Kind.KEY else str(value)
