"""Digests of columns are those of the standard library, and of RFC 4231."""

import hashlib
import hmac

import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealing.digests import hmac_each, joined_digests, sha256


@settings(max_examples=50, deadline=None)
@given(st.lists(st.binary(max_size=200), max_size=20))
def test_a_column_of_bytes_has_the_digests_of_the_standard_library(values: list[bytes]) -> None:
    """Row for row, the empty value and the empty column included."""
    found = sha256(pl.Series("v", values, dtype=pl.Binary))
    assert found.to_list() == [hashlib.sha256(value).digest() for value in values]
    assert found.dtype == pl.Binary


def test_text_is_taken_as_utf_8() -> None:
    """What is hashed of a text are its bytes."""
    assert sha256(pl.Series(["é"])).to_list() == [hashlib.sha256("é".encode()).digest()]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.binary(min_size=32, max_size=32), max_size=20), st.binary(max_size=200))
def test_each_key_makes_its_own_hmac(keys: list[bytes], message: bytes) -> None:
    """Leading zero bytes of a key are kept; the order is that of the keys."""
    found = hmac_each(pl.Series("k", keys, dtype=pl.Binary), message)
    assert found.to_list() == [hmac.digest(key, message, "sha256") for key in keys]


def test_the_published_vector_of_a_short_key_filled_with_zeros_holds() -> None:
    """RFC 4231, test case 1: a key of 20 bytes is the same key with zeros after it."""
    key = (b"\x0b" * 20).ljust(32, b"\0")
    expected = "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
    assert hmac_each(pl.Series([key]), b"Hi There").to_list() == [bytes.fromhex(expected)]


def test_a_key_of_another_length_is_refused() -> None:
    """No key is filled up or cut without a word."""
    with pytest.raises(ValueError, match="32 bytes"):
        hmac_each(pl.Series([b"short"]), b"m")


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=5), min_size=1, max_size=9)
)
def test_digests_that_follow_one_another_are_joined(texts: list[list[bytes]]) -> None:
    """Each value holds its own digests, in order; from the middle of a column too."""
    flat = [digest for digests in texts for digest in digests]
    column = pl.concat([pl.Series([b"\xff" * 32]), pl.Series(flat), pl.Series([b"\xff" * 32])])
    found = joined_digests(column[1:-1], pl.Series([len(digests) for digests in texts]))
    assert found.to_list() == [b"".join(digests) for digests in texts]


def test_what_is_no_digest_is_not_joined() -> None:
    """A value of another length would shift all after it."""
    with pytest.raises(pa.ArrowInvalid):
        joined_digests(pl.Series([b"a" * 32, b"b" * 31]), pl.Series([2]))
