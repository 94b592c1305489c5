"""The verb shows a published number whole, however large."""

import pytest

from commands.feed import _number


@pytest.mark.parametrize(
    ("value", "words"), [(3663.0, "3,663"), (1_234_567.0, "1,234,567"), (1.96, "1.96"), (None, "suppressed")]
)
def test_a_number_is_shown_with_every_digit(value: float | None, words: str) -> None:
    """A sum of more than a million pounds loses none of them; what is hidden says why."""
    assert _number({"value": value, "shown": "suppressed"}) == words
