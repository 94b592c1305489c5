"""A published table: its columns with their meaning and codes, its key, and its rows."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

import duckdb
import polars as pl
import pyarrow as pa


class Kind(StrEnum):
    """What a published column holds."""

    TEXT = "text"
    DATE = "date"
    WHOLE = "whole"
    NUMBER = "number"


POLARS = {
    Kind.TEXT: pl.String(),
    Kind.DATE: pl.Date(),
    Kind.WHOLE: pl.Int64(),
    Kind.NUMBER: pl.Float64(),
}
ARROW = {Kind.TEXT: pa.string(), Kind.DATE: pa.date32(), Kind.WHOLE: pa.int64(), Kind.NUMBER: pa.float64()}


@dataclass(frozen=True)
class Column:
    """One column of a published table; `codes` are all that may stand in it, in the order of the list."""

    name: str
    kind: Kind
    meaning: str
    required: bool = True
    codes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rule:
    """A sentence about the rows of a table that SQL can ask: how many rows break it."""

    name: str
    says: str
    broken: str


@dataclass(frozen=True)
class Sheet:
    """A table as it is published; the same rows make its CSV and its Parquet file."""

    name: str
    title: str
    meaning: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    rows: pl.DataFrame
    rules: tuple[Rule, ...] = ()

    @classmethod
    def of(cls, rows: pl.DataFrame, like: "Sheet") -> "Sheet":
        """Return the sheet with these rows, in its columns' order and types, sorted by its key.

        Errors: Polars' own, if a column is not there or is of a type that cannot be read as the declared one.
        """
        typed = rows.select(map(_typed, like.columns))
        ordered = typed.sort(like.key, nulls_last=True, maintain_order=True)
        return cls(like.name, like.title, like.meaning, like.columns, like.key, ordered, like.rules)


def _typed(column: Column) -> pl.Expr:
    """Return the column in its declared type; of text that may be empty, no text and null are one."""
    cells = pl.col(column.name).cast(POLARS[column.kind])
    blank = column.kind is Kind.TEXT and not column.required
    return pl.when(cells != "").then(cells).alias(column.name) if blank else cells


def empty(columns: tuple[Column, ...]) -> pl.DataFrame:
    """Return no rows of these columns."""
    return pl.DataFrame(schema={column.name: POLARS[column.kind] for column in columns})


def unsound(sheets: Iterable[Sheet]) -> list[str]:
    """Return what is wrong with the rows by what is declared of them, a line each; no value among it."""
    with duckdb.connect(":memory:", config={"threads": 1}) as connection:
        return [line for each in sheets for line in (*_unlike_its_columns(each), *_broken(each, connection))]


def _unlike_its_columns(sheet: Sheet) -> Iterator[str]:
    rows = sheet.rows
    for column in sheet.columns:
        cells = rows.get_column(column.name)
        if column.required and cells.null_count():
            yield f"{sheet.name}.{column.name}: {cells.null_count()} empty"
        if column.codes and (strange := cells.drop_nulls().is_in(column.codes).not_().sum()):
            yield f"{sheet.name}.{column.name}: {strange} outside its list"
    if repeated := len(rows) - rows.select(sheet.key).n_unique():
        yield f"{sheet.name}: {repeated} repeated by {', '.join(sheet.key)}"


class _Rows:
    """Rows lent to DuckDB as they lie in memory: it then imports no more of Arrow than it needs."""

    def __init__(self, rows: pl.DataFrame) -> None:
        self._rows = rows.to_arrow()

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._rows.__arrow_c_stream__(requested_schema)


def _broken(sheet: Sheet, connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """Yield the rules that rows of the sheet break, asked in the very words that the contract has."""
    if not sheet.rules:
        return
    asked = ", ".join(f"count(*) FILTER (WHERE {rule.broken})" for rule in sheet.rules)
    connection.register("sheet", _Rows(sheet.rows))
    (counts,) = connection.execute(f"SELECT {asked} FROM sheet").fetchall()
    connection.unregister("sheet")
    for rule, count in zip(sheet.rules, counts, strict=True):
        if count:
            yield f"{sheet.name}: {count} break the rule: {rule.name}"
