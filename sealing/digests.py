"""Digests of whole columns: SHA-256, and HMAC-SHA-256 under a key of each row's own.

Source:  FIPS 180-4; RFC 2104. The engine is `polars-hash` (RustCrypto's SHA-2 as a Polars plugin).
"""

import binascii
from typing import Any

import polars as pl
import polars_hash  # noqa: F401  importing it gives expressions their `chash`
import pyarrow as pa

BLOCK, DIGEST = 64, 32


def sha256(values: pl.Series) -> pl.Series:
    """Return SHA-256 of each value (text or bytes, none null) as 32 bytes."""
    if values.is_empty():
        return pl.Series(values.name, [], dtype=pl.Binary)
    value: Any = pl.col("value")
    digits = pl.DataFrame({"value": values}).select_seq(value.chash.sha2_256().str.join("")).item()
    return _fixed(binascii.unhexlify(str(digits)), DIGEST, values.name)


def joined_digests(digests: pl.Series, lengths: pl.Series) -> pl.Series:
    """Return digests that follow one another, joined: so many for each value.

    Given: digests of 32 bytes, none null; how many make each value, which together are all of them.
    """
    fixed = digests.rechunk().to_arrow().cast(pa.large_binary()).cast(pa.binary(DIGEST))
    content = fixed.buffers()[1][fixed.offset * DIGEST : (fixed.offset + len(fixed)) * DIGEST]
    ends = lengths.cast(pl.Int64).cum_sum() * DIGEST
    offsets = pl.concat([pl.Series([0], dtype=pl.Int64), ends]).rechunk().to_arrow().buffers()[1]
    return pl.Series(
        pa.LargeBinaryArray.from_buffers(pa.large_binary(), len(lengths), [None, offsets, content])
    )


def hmac_each(keys: pl.Series, message: bytes) -> pl.Series:
    """Return HMAC-SHA-256 of one message under each of many keys of 32 bytes."""
    if keys.is_empty():
        return pl.Series(keys.name, [], dtype=pl.Binary)
    packed = b"".join(keys.to_list())
    if len(packed) != DIGEST * len(keys):
        raise ValueError("each key must be 32 bytes")
    inner = sha256(_joined(_padded(packed, 0x36), pl.lit(message)))
    outer = pl.DataFrame({"pad": _padded(packed, 0x5C), "inner": inner})
    return sha256(outer.select(pl.col("pad") + pl.col("inner")).to_series()).alias(keys.name)


def _joined(first: pl.Series, second: pl.Expr) -> pl.Series:
    return pl.DataFrame({"first": first}).select(pl.col("first") + second).to_series()


def _padded(keys: bytes, pad: int) -> pl.Series:
    """Return each key, filled up to a block and combined with the pad, all in one stroke."""
    number = len(keys) // DIGEST
    half = bytes([pad]) * DIGEST
    mixed = int.from_bytes(keys, "big") ^ int.from_bytes(half * number, "big")
    bare = _fixed(mixed.to_bytes(len(keys), "big"), DIGEST, "key")
    return _joined(bare, pl.lit(half))


def _fixed(content: bytes, size: int, name: str) -> pl.Series:
    array = pa.FixedSizeBinaryArray.from_buffers(
        pa.binary(size), len(content) // size, [None, pa.py_buffer(content)]
    )
    return pl.Series(name, pl.from_arrow(array), dtype=pl.Binary)
