"""The digest that a controller signs: SHA-256 of RFC 8785 JSON, however it is written fast."""

import hashlib
from typing import Any

import pytest
import rfc8785

from sharing.loading import digest


@pytest.mark.parametrize(
    "said",
    [
        {"b": ['é\u2028\x01\x1f\x7f"\\/\b\f\n\r\t', True, None, {"z": {}, "a": []}], "a": "", "B": -7},
        {"n": [0, 2**53 - 1, 1 - 2**53], "euro": "\U0001f600 €"},
        {"fraction": [1.0, 1e21, 1e-7, -0.0, 0.1]},
        {"\ufb33": 1, "\U0001f600": 2, "é": 3, "a": 4},
        {"deep": [{"\U0001f600": 1, "\ufb33": [2.5]}]},
    ],
    ids=["texts", "whole numbers", "fractions", "odd keys", "odd keys within"],
)
def test_the_digest_is_that_of_rfc_8785(said: dict[str, Any]) -> None:
    """Of texts with every escape, of numbers of every kind, of keys that sort otherwise in UTF-16."""
    assert digest(said) == hashlib.sha256(rfc8785.dumps(said)).hexdigest()


def test_a_number_that_json_does_not_hold_exactly_has_no_digest() -> None:
    """Nobody signs what two readers may read as two numbers."""
    with pytest.raises(rfc8785.IntegerDomainError):
        digest({"n": 2**53})
