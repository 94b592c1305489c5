"""What a column would take of words that are shown to it, however many, however often they repeat."""

from typing import get_args

import pytest

from mappings.model import ConverterName
from mappings.readers import STRICTNESS, Reader
from mappings.words import FEW_ROWS

WORDS = ["A1", "B", "", " C3 ", "D44"]


@pytest.mark.parametrize("times", [1, FEW_ROWS, 20 * FEW_ROWS])
def test_a_word_is_taken_or_not_whatever_stands_beside_it(times: int) -> None:
    """Cells that stand in a wrong column are cut into very many pieces, most of them alike."""
    reader = Reader("code", "reference", pattern="[A-Z][0-9]")
    one_by_one = [reader.accepts([word])[0] for word in WORDS]
    assert one_by_one == [True, False, False, True, False]
    assert reader.accepts(WORDS * times) == one_by_one * times


def test_a_column_of_every_converter_can_be_judged() -> None:
    """One without a place in the order would stop the run at the first row of a mapping that uses it."""
    assert sorted(STRICTNESS) == sorted(get_args(ConverterName))


def test_a_mistyped_degree_is_one_cell_to_mend_and_no_sign_of_a_shift() -> None:
    """What looks like a number too long for the globe is of the column's own make; a word is not."""
    reader = Reader("latitude", "coordinate")
    assert reader.own_make("-2158,0")
    assert not reader.own_make("Zqstreet 3")
