"""The values of released rows as one text each, in which nothing can be mistaken for anything else.

Text stands as it is, its marks escaped; days and instants as numbers (days, microseconds since 1970-01-01 in
UTC), decimals with their places, booleans as 1 and 0. Fields are joined by 1F; null is 00, and so differs
from empty; 1B, 00 and 1F within a text become 1B followed by e, n and f.
"""

import hashlib
import json
from typing import Any

import polars as pl
import pyarrow as pa

from sharing.keyed import SIZE

NULL, FIELD, ESCAPE = "\x00", "\x1f", "\x1b"
NO_KEY = bytes(SIZE)
MARKS = [ESCAPE, NULL, FIELD]
ESCAPED = [f"{ESCAPE}e", f"{ESCAPE}n", f"{ESCAPE}f"]
CLOSE_TOGETHER = 100_000
KINDS: dict[str, Any] = {
    "key": pl.Binary,
    "text": pl.String,
    "boolean": pl.Boolean,
    "days": pl.Date,
    "instant": pl.Datetime("us", "UTC"),
}


def heading(table: pl.DataFrame, entity: str, operation: str) -> bytes:
    """Return the SHA-256 of what a row's values are: its columns in order and their kinds, entity, operation.

    It is taken of RFC 8785 JSON of `columns` (pairs of name and kind), `entity` and `operation`, which are
    ASCII words.
    """
    columns = [[name, _kind(kind)] for name, kind in table.schema.items()]
    said = {"columns": columns, "entity": entity, "operation": operation}
    return hashlib.sha256(json.dumps(said, sort_keys=True, separators=(",", ":")).encode()).digest()


def _kind(kind: pl.DataType) -> str:
    """Return how the column's values are written: `key`, `days`, `instant`, or what they are."""
    for words, own in KINDS.items():
        if kind == own:
            return words
    return "integer" if kind.is_integer() else "decimal" if kind.is_decimal() else str(kind)


def row_bytes(table: pl.DataFrame, before: pl.Series, heading: bytes) -> pl.Series:
    """Return, per row, what stands before it, the heading, and the row itself as bytes.

    A row is a 1 for each key that is there and a 0 for each that is not; its keys, 16 bytes each and 16 zero
    bytes for one that is not there; and its other values, as texts joined by 1F (`value_texts`). The table
    has one key at least.
    """
    from pyarrow.compute import binary_join_element_wise  # noqa: PLC0415 - few verbs commit to rows

    keys = table.select(pl.col(pl.Binary))
    parts = [_bytes(before), _begun(keys, heading), *[_bytes(key) for key in keys]]
    others = table.select(pl.exclude(pl.Binary))
    if others.width:
        texts = others.select(pl.concat_str(value_texts(others), separator=FIELD))
        parts.append(_bytes(texts.to_series()))
    nothing = pa.scalar(b"", pa.large_binary())
    joined = binary_join_element_wise(*parts, nothing, null_handling="replace", null_replacement=NO_KEY)
    return pl.Series("row", joined, dtype=pl.Binary)


def _bytes(values: pl.Series) -> pa.Array:
    return values.rechunk().to_arrow().cast(pa.large_binary())


def _begun(keys: pl.DataFrame, heading: bytes) -> pa.Array | pa.Scalar:
    """Return the heading and which keys there are: one for all rows where none lacks a key."""
    if not any(key.null_count() for key in keys):
        return pa.scalar(heading + b"1" * keys.width, pa.large_binary())
    there = keys.select(pl.concat_str(pl.all().is_not_null().cast(pl.UInt8)).cast(pl.Binary)).to_series()
    return _bytes(pl.Series([heading]) + there)


def value_texts(table: pl.DataFrame) -> list[pl.Expr]:
    """Return per column, in order, the expression of its values as text; never null. None is binary."""
    looked = _look(table)
    return [_text(name, kind, looked).fill_null(NULL) for name, kind in table.schema.items()]


def is_whole(kind: pl.DataType) -> bool:
    """Return whether the column holds days or whole numbers."""
    return kind == pl.Date or kind.is_integer()


def _look(table: pl.DataFrame) -> dict[str, Any]:
    """Return what the columns hold, asked once: does a text hold a mark, how far do numbers lie apart."""
    asked = []
    for name, kind in table.schema.items():
        value = pl.col(name)
        if kind == pl.String:
            asked.append(value.str.contains_any(MARKS).any().alias(f"marked.{name}"))
        elif is_whole(kind):
            number = value.to_physical().cast(pl.Int64)
            asked += [number.min().alias(f"least.{name}"), number.max().alias(f"most.{name}")]
    return table.select(asked).row(0, named=True) if asked else {}


def _text(name: str, kind: pl.DataType, looked: dict[str, Any]) -> pl.Expr:
    value = pl.col(name)
    if kind == pl.String:
        return value.str.replace_many(MARKS, ESCAPED) if looked[f"marked.{name}"] else value
    if kind == pl.Boolean:
        return pl.when(value).then(pl.lit("1")).when(~value).then(pl.lit("0"))
    if is_whole(kind):
        return _whole_number(value.to_physical(), looked[f"least.{name}"], looked[f"most.{name}"])
    return (value if kind.is_decimal() else value.to_physical()).cast(pl.String)


def _whole_number(value: pl.Expr, least: int | None, most: int | None) -> pl.Expr:
    """Return the number as text; of many numbers that lie close together each is put into words once."""
    if least is None or most is None or most - least >= CLOSE_TOGETHER:
        return value.cast(pl.String)
    words = pl.int_range(least, most + 1, eager=True).cast(pl.String)
    return pl.lit(words).gather((value.cast(pl.Int64) - least).cast(pl.UInt32))
