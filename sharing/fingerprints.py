"""What is remembered of a released record: a keyed digest of exactly what the recipient sees of it."""

import polars as pl

from sharing.compiled import Column
from sharing.keyed import hmac_sha256_16
from sharing.row_text import FIELD, value_texts


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
    seen = rows.select([f"ref.{column.name}" if column.is_key else column.name for column in columns])
    texts = [pl.lit(digests), *value_texts(seen)]
    return seen.select(pl.concat_str(texts, separator=FIELD)).to_series().alias("")
