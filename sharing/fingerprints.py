"""What is remembered of a released record: a keyed digest of exactly what the recipient sees of it."""

import polars as pl

from canonical import Kind
from sharing.compiled import Column
from sharing.keyed import hmac_sha256_16

NULL, FIELD, ESCAPE = "\x00", "\x1f", "\x1b"
MARKS = [ESCAPE, NULL, FIELD]
ESCAPED = [f"{ESCAPE}e", f"{ESCAPE}n", f"{ESCAPE}f"]
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
    if column.kind not in FREE_TEXT:
        plain = value.cast(pl.Int8) if column.kind is Kind.BOOLEAN else value.to_physical()
        return (value if column.kind is Kind.DECIMAL else plain).cast(pl.String)
    if rows[name].str.contains_any(MARKS).any():
        return value.str.replace_many(MARKS, ESCAPED)
    return value
