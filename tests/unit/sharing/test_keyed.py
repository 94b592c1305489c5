"""Keyed digests: equal to the published vectors and to the standard library."""

import hmac

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sharing.keyed import hmac_sha256_16

RFC_4231 = [
    (b"\x0b" * 20, b"Hi There", "b0344c61d8db38535ca8afceaf0bf12b"),
    (b"Jefe", b"what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c7"),
    (b"\xaa" * 20, b"\xdd" * 50, "773ea91e36800e46854db8ebd09181a7"),
    (bytes(range(1, 26)), b"\xcd" * 50, "82558a389a443c0ea4cc819899f2083a"),
    (b"\x0c" * 20, b"Test With Truncation", "a3b6167473100ee06e0c796c2955552b"),
    (
        b"\xaa" * 131,
        b"Test Using Larger Than Block-Size Key - Hash Key First",
        "60e431591ee0b67f0d8a26aacbf5b77f",
    ),
    (
        b"\xaa" * 131,
        (
            b"This is a test using a larger than block-size key and a larger than block-size data. "
            b"The key needs to be hashed before being used by the HMAC algorithm."
        ),
        "9b09ffa71b942fcb27635fbcd5b0e944",
    ),
]


@pytest.mark.parametrize(("key", "message", "expected"), RFC_4231)
def test_the_digest_is_the_one_rfc_4231_publishes(key: bytes, message: bytes, expected: str) -> None:
    """All seven test cases, cut to 16 bytes: binary messages, short and long keys."""
    found = hmac_sha256_16(pl.Series([message], dtype=pl.Binary), key)
    assert found.to_list() == [bytes.fromhex(expected)]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.text(max_size=90) | st.none(), min_size=1, max_size=20), st.binary(min_size=1, max_size=150)
)
def test_every_text_gets_the_digest_the_standard_library_gives(values: list[str | None], key: bytes) -> None:
    """Whatever the letters and whatever the key; null stays null, and the order is kept."""
    found = hmac_sha256_16(pl.Series("v", values, dtype=pl.String), key)
    told = [None if value is None else hmac.digest(key, value.encode(), "sha256")[:16] for value in values]
    assert found.to_list() == told
    assert found.dtype == pl.Binary


def test_a_column_without_rows_gives_a_column_without_rows() -> None:
    """An empty series comes back empty, and binary."""
    found = hmac_sha256_16(pl.Series("v", [], dtype=pl.String), b"key")
    assert (len(found), found.dtype) == (0, pl.Binary)
