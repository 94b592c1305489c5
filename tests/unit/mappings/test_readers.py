"""What a column would take of words that are shown to it, however many, however often they repeat."""

import pytest

from mappings.readers import Reader
from mappings.words import FEW_ROWS

WORDS = ["A1", "B", "", " C3 ", "D44"]


@pytest.mark.parametrize("times", [1, FEW_ROWS, 20 * FEW_ROWS])
def test_a_word_is_taken_or_not_whatever_stands_beside_it(times: int) -> None:
    """Cells that stand in a wrong column are cut into very many pieces, most of them alike."""
    reader = Reader("code", "reference", pattern="[A-Z][0-9]")
    one_by_one = [reader.accepts([word])[0] for word in WORDS]
    assert one_by_one == [True, False, False, True, False]
    assert reader.accepts(WORDS * times) == one_by_one * times
