"""Keyed digests of whole columns: HMAC-SHA-256, its first 16 bytes.

The engine is `polars-hash` (RustCrypto's SHA-2 as a Polars plugin). Measured per million short values, in
CPU seconds on the build machine: this module 0.4, hashlib in a Python loop 0.9, hmac.digest 2.2, nested
sha256() in DuckDB 1.9. Results are tested against RFC 4231 and the standard library.
"""

import binascii
import hashlib
from typing import Any

import polars as pl
import polars_hash  # noqa: F401  importing it gives expressions their `chash`
import pyarrow as pa

BLOCK = 64
SIZE = 16


def hmac_sha256_16(values: pl.Series, key: bytes, prefix: str = "") -> pl.Series:
    """Return the first 16 bytes of HMAC-SHA-256 of each value.

    Given:   a String or Binary series, any key, and a text that stands before every value.
    Returns: a Binary series of the same length and name; null stays null.
    """
    if values.is_empty():
        return pl.Series(values.name, [], dtype=pl.Binary)
    message = pl.col("value") if not prefix else pl.lit(prefix.encode()) + pl.col("value").cast(pl.Binary)
    as_text = _text_of(key)
    if as_text is not None:
        digits = _plugged(message).chash.hmac_sha256(key=as_text)
        return _bytes_of(values, digits, SIZE)
    return _nested(values, message, key)


def _plugged(message: pl.Expr) -> Any:
    """Return the expression as one that has the plugin's `chash`, which its own type does not tell."""
    return message


def _text_of(key: bytes) -> str | None:
    """Return the key as text if it is UTF-8, which is how the plugin takes a key; else nothing."""
    try:
        return key.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _nested(values: pl.Series, message: pl.Expr, key: bytes) -> pl.Series:
    """Return the HMAC by its definition (RFC 2104), for a key that is not text."""
    block = (hashlib.sha256(key).digest() if len(key) > BLOCK else key).ljust(BLOCK, b"\0")
    inner = bytes(byte ^ 0x36 for byte in block)
    outer = bytes(byte ^ 0x5C for byte in block)
    first = _plugged(pl.lit(inner) + message.cast(pl.Binary)).chash.sha2_256()
    second = _plugged(pl.lit(outer) + pl.col("value")).chash.sha2_256()
    return _bytes_of(_bytes_of(values, first, 32), second, SIZE)


def _bytes_of(values: pl.Series, digits: pl.Expr, size: int) -> pl.Series:
    """Return the first `size` bytes of the hexadecimal digits that the expression makes of the values."""
    given, wanted = pl.DataFrame({"value": values}), digits.str.slice(0, size * 2)
    if values.null_count():
        return given.select_seq(wanted.str.decode("hex")).to_series().alias(values.name)
    packed = pa.py_buffer(binascii.unhexlify(str(given.select_seq(wanted.str.join("")).item())))
    array = pa.FixedSizeBinaryArray.from_buffers(pa.binary(size), len(values), [None, packed])
    return pl.Series(values.name, pl.from_arrow(array), dtype=pl.Binary)
