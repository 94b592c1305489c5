"""A published table as bytes: CSV that spreadsheets open safely, and Parquet; same rows, same bytes."""

import hashlib
from io import BytesIO

import polars as pl
import pyarrow.parquet as pq

from feed.release.sheet import ARROW, Kind, Sheet
from feed.spreadsheet import inert_text

ROWS_IN_A_GROUP = 100_000


def csv_of(sheet: Sheet) -> bytes:
    """Return the table as CSV: UTF-8 with its mark (Excel asks for it), CRLF, no text that is a formula.

    An empty cell is null. Whole numbers have no decimals.
    """
    cells = [_cell(column.name, column.kind).alias(column.name) for column in sheet.columns]
    text = sheet.rows.select(cells).write_csv(line_terminator="\r\n", quote_style="necessary", null_value="")
    return text.encode("utf-8-sig")


def parquet_of(sheet: Sheet) -> bytes:
    """Return the table as Parquet, version 2.6, compressed by zstd; nothing of when or where it was made."""
    table = sheet.rows.rechunk().to_arrow()
    for place, column in enumerate(sheet.columns):
        table = table.set_column(place, column.name, table[column.name].cast(ARROW[column.kind]))
    out = BytesIO()
    pq.write_table(
        table.combine_chunks(),
        out,
        version="2.6",
        compression="zstd",
        row_group_size=ROWS_IN_A_GROUP,
        store_schema=False,
    )
    return out.getvalue()


def rows_of(content: bytes) -> pl.DataFrame:
    """Return the rows of a table that `parquet_of` wrote. Errors: Polars' own, if it is not one."""
    return pl.read_parquet(BytesIO(content))


def sha256(content: bytes) -> str:
    """Return the digest of a file, as a data package writes it."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _cell(name: str, kind: Kind) -> pl.Expr:
    value = pl.col(name)
    if kind is Kind.TEXT:
        return inert_text(value)
    if kind is Kind.NUMBER:
        whole = (value == value.floor()) & (value.abs() < 2**53)
        return (
            pl.when(whole)
            .then(value.cast(pl.Int64, strict=False).cast(pl.String))
            .otherwise(value.cast(pl.String))
        )
    return value
