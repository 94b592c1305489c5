"""Which alphabet stands in which column of the warehouse: a cell in the wrong column is known by it."""

from contextlib import closing
from pathlib import Path

import duckdb

from demo.words import STEMS
from tests.conservation.made import BORN, DAY_OF
from tests.conservation.rules import Mapping

FLOWS = ("early_help", "commissioning")
PROVENANCE = {"source_system", "batch_sequence", "run_id", "released_at"}
Marks = frozenset[str]


def check_alphabets(site: Path, mappings: list[Mapping]) -> int:
    """Return in how many columns an alphabet was found, each of them where the mappings say it belongs."""
    allowed = _allowed(mappings)
    found = 0
    with closing(duckdb.connect(str(site / "var/warehouse.duckdb"), read_only=True)) as warehouse:
        columns = warehouse.execute(
            "select table_schema, table_name, column_name, data_type from information_schema.columns"
            " where table_schema in ('early_help', 'commissioning') and table_name != 'withdrawn_records'"
        ).fetchall()
        for flow, entity, column, kind in columns:
            if column not in PROVENANCE and kind in {"VARCHAR", "DATE"}:
                marks = _marks(warehouse, f"{flow}.{entity}", column, kind)
                assert marks <= allowed.get((entity, column), frozenset()), (flow, entity, column, marks)
                found += bool(marks)
    return found


def _marks(warehouse: duckdb.DuckDBPyConnection, table: str, column: str, kind: str) -> Marks:
    mark = (
        f"regexp_extract({column}, 'Zq[a-z]{{3}}')"
        if kind == "VARCHAR"
        else f"'day ' || ((({column} - date '1970-01-01') % 16 + 16) % 16)::varchar"
    )
    asked = f"select distinct {mark} from {table} where {column} is not null"
    return frozenset(one for (one,) in warehouse.execute(asked).fetchall() if one)


def _allowed(mappings: list[Mapping]) -> dict[tuple[str, str], Marks]:
    """Return the alphabets that may stand in each field: those of the columns it is made of."""
    allowed: dict[tuple[str, str], Marks] = {}
    for mapping in mappings:
        for block in mapping.blocks:
            for target in block.targets:
                mark = _alphabet(mapping.export, target.column)
                for name in {target.field, target.field.replace("_at", "_on")} if mark else ():
                    allowed[block.entity, name] = allowed.get((block.entity, name), frozenset()) | {mark}
    return allowed


def _alphabet(export: str, column: str) -> str:
    if (export, column) in DAY_OF:
        return f"day {DAY_OF[export, column]}"
    return f"day {BORN}" if column == "Date of Birth" else STEMS.get(column, "")
