"""What is remembered of a released record: a keyed digest of exactly what the recipient sees of it."""

from typing import Any

import polars as pl

from canonical import FRACTIONS, Kind
from sharing.compiled import Column
from sharing.keyed import hmac_sha256_16

NULL, FIELD, ESCAPE = "\x00", "\x1f", "\x1b"
MARKS = [ESCAPE, NULL, FIELD]
ESCAPED = [f"{ESCAPE}e", f"{ESCAPE}n", f"{ESCAPE}f"]
CLOSE_TOGETHER = 100_000
WHOLE = frozenset({Kind.DATE, Kind.INTEGER})
FREE_TEXT = frozenset({Kind.TEXT, Kind.CODE, Kind.KEY})


def fingerprints(
    rows: pl.DataFrame, columns: tuple[Column, ...], digests: pl.Series, key: bytes
) -> pl.Series:
    """Return the fingerprint of each record.

    Given:   released values, with the references that key columns stand for under `ref.COLUMN`; the
             digest of each record's treatment.
    Returns: HMAC-SHA-256, 16 bytes, over fields that cannot be mistaken for one another: null differs
             from empty, and no value can imitate a border.
    """
    return hmac_sha256_16(serialised(rows, columns, digests), key)


def serialised(rows: pl.DataFrame, columns: tuple[Column, ...], digests: pl.Series) -> pl.Series:
    """Return each record as one text: its treatment's digest, then its fields in order."""
    looked = _look(rows, columns)
    texts = [_text(column, looked).fill_null(NULL) for column in columns]
    return rows.select(pl.concat_str([pl.lit(digests), *texts], separator=FIELD)).to_series().alias("")


def _look(rows: pl.DataFrame, columns: tuple[Column, ...]) -> dict[str, Any]:
    """Return what the columns hold, asked once: does a text hold a mark, how far do numbers lie apart."""
    asked = []
    for column in columns:
        value = pl.col(_name(column))
        if column.kind in FREE_TEXT:
            asked.append(value.str.contains_any(MARKS).any().alias(f"marked.{column.name}"))
        elif column.kind in WHOLE:
            number = value.to_physical().cast(pl.Int64)
            asked += [number.min().alias(f"least.{column.name}"), number.max().alias(f"most.{column.name}")]
    return rows.select(asked).row(0, named=True) if asked else {}


def _name(column: Column) -> str:
    return f"ref.{column.name}" if column.is_key else column.name


def _text(column: Column, looked: dict[str, Any]) -> pl.Expr:
    value = pl.col(_name(column))
    if column.kind in FREE_TEXT:
        return value.str.replace_many(MARKS, ESCAPED) if looked[f"marked.{column.name}"] else value
    if column.kind is Kind.BOOLEAN:
        return pl.when(value).then(pl.lit("1")).when(~value).then(pl.lit("0"))
    if column.kind in WHOLE:
        return _whole_number(
            value.to_physical(), looked[f"least.{column.name}"], looked[f"most.{column.name}"]
        )
    return (value if column.kind in FRACTIONS else value.to_physical()).cast(pl.String)


def _whole_number(value: pl.Expr, least: int | None, most: int | None) -> pl.Expr:
    """Return the number as text; of many numbers that lie close together each is put into words once."""
    if least is None or most is None or most - least >= CLOSE_TOGETHER:
        return value.cast(pl.String)
    words = pl.int_range(least, most + 1, eager=True).cast(pl.String)
    return pl.lit(words).gather((value.cast(pl.Int64) - least).cast(pl.UInt32))
