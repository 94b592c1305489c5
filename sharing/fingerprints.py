"""What is remembered of a released record: a keyed digest of exactly what the recipient sees of it."""

import polars as pl

from canonical import Kind
from sharing.compiled import Column
from sharing.keyed import hmac_sha256_16

NULL, FIELD, ESCAPE = "\x00", "\x1f", "\x1b"
MARKS = [ESCAPE, NULL, FIELD]
ESCAPED = [f"{ESCAPE}e", f"{ESCAPE}n", f"{ESCAPE}f"]
CLOSE_TOGETHER = 100_000
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
    texts = [_text(rows, column).fill_null(NULL) for column in columns]
    return rows.select(pl.concat_str([pl.lit(digests), *texts], separator=FIELD)).to_series().alias("")


def _text(rows: pl.DataFrame, column: Column) -> pl.Expr:
    name = f"ref.{column.name}" if column.is_key else column.name
    value = pl.col(name)
    if column.kind is Kind.BOOLEAN:
        return pl.when(value).then(pl.lit("1")).when(~value).then(pl.lit("0"))
    if column.kind in {Kind.DATE, Kind.INTEGER}:
        return _whole_number(rows[name].to_physical(), value.to_physical())
    if column.kind not in FREE_TEXT:
        return (value if column.kind is Kind.DECIMAL else value.to_physical()).cast(pl.String)
    if rows[name].str.contains_any(MARKS).any():
        return value.str.replace_many(MARKS, ESCAPED)
    return value


def _whole_number(numbers: pl.Series, value: pl.Expr) -> pl.Expr:
    """Return the number as text; of numbers that lie close together each is put into words once."""
    span = numbers.drop_nulls()
    if span.is_empty():
        return value.cast(pl.String)
    least, most = int(str(span.min())), int(str(span.max()))
    if most - least >= CLOSE_TOGETHER:
        return value.cast(pl.String)
    words = pl.int_range(least, most + 1, eager=True).cast(pl.String)
    return pl.lit(words).gather((value.cast(pl.Int64) - least).cast(pl.UInt32))
