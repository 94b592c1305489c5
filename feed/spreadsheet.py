"""CSV that a spreadsheet shows and never runs."""

import csv
import io
import re
from collections.abc import Iterable

import polars as pl

Value = str | int | float | None
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%", "＝", "＋", "－", "＠")

_BLANKS = " \u00a0\ufeff\u200b"
_COULD_BE_ONE = rf"^[{_BLANKS}]*(?:{'|'.join(map(re.escape, _STARTS_A_FORMULA))})"


def inert(text: str) -> str:
    """Return the text so that no spreadsheet takes it for a formula, a quote set before what could be one."""
    return f"'{text}" if text.lstrip(_BLANKS).startswith(_STARTS_A_FORMULA) else text


def inert_text(text: pl.Expr) -> pl.Expr:
    """Return the same of every text of a column; null stays null."""
    return pl.when(text.str.contains(_COULD_BE_ONE)).then(pl.concat_str(pl.lit("'"), text)).otherwise(text)


def csv_bytes(header: list[str], rows: Iterable[Iterable[Value]]) -> bytes:
    """Return a CSV file that Excel opens as UTF-8: byte order mark, CRLF, all quoted, every text inert."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow([inert(name) for name in header])
    writer.writerows([_cell(value) for value in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def _cell(value: Value) -> str:
    if value is None:
        return ""
    return inert(value) if isinstance(value, str) else str(value)
