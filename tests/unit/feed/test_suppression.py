"""Small counts are hidden, and what is hidden cannot be worked out again."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feed.suppression import cells, hidden_cells, whole_percent

COUNTS = st.lists(st.integers(0, 40), min_size=2, max_size=6)


@pytest.mark.parametrize(
    ("counts", "hidden"),
    [
        ([100, 200], set()),
        ([0, 100], set()),
        ([3, 100, 50], {0, 2}),
        ([3, 4, 100], {0, 1, 2}),
        ([5, 6, 100], {0, 1}),
        ([7, 7, 7], {0, 1, 2}),
        ([8, 0, 0], set()),
        ([2, 0, 0], {0, 1, 2}),
        ([1, 1, 0], {0, 1, 2}),
    ],
)
def test_small_counts_and_what_would_give_them_away_are_hidden(counts: list[int], hidden: set[int]) -> None:
    """1 to 7 are hidden, zero and larger counts are kept unless the total would give a hidden one away."""
    assert hidden_cells(counts) == hidden


@given(COUNTS)
def test_no_small_count_is_ever_shown(counts: list[int]) -> None:
    """Whatever the breakdown, a count of 1 to 7 never stands in it."""
    assert not [cell for cell in cells([("", count) for count in counts]) if cell.count in range(1, 8)]


@given(st.lists(st.integers(0, 12), min_size=2, max_size=4))
def test_knowing_the_total_does_not_fix_a_hidden_count(counts: list[int]) -> None:
    """Every hidden small count could, for all that is published, be another number too."""
    hidden = sorted(hidden_cells(counts))
    if not any(1 <= counts[place] <= 7 for place in hidden) or hidden == list(range(len(counts))):
        return
    total = sum(counts[place] for place in hidden)
    ways = [way for way in product(range(total + 1), repeat=len(hidden)) if sum(way) == total and all(way)]
    assert all(len({way[i] for way in ways}) >= 8 for i in range(len(hidden)))


def test_a_group_of_one_is_a_number_already_published() -> None:
    """What stands on the page as a figure is shown in the chart too, and hides nobody else."""
    assert hidden_cells([429, 3, 762], [{0}, {1, 2}]) == {1, 2}


def test_organisations_are_not_people() -> None:
    """How many organisations were signposted to once may be told."""
    assert [cell.count for cell in cells([("once", 3), ("more", 5)], people=False)] == [3, 5]


@pytest.mark.parametrize(
    ("part", "whole", "percent"), [(1, 200, 1), (1, 201, 0), (1322, 2167, 61), (3, 3, 100)]
)
def test_a_half_is_rounded_up(part: int, whole: int, percent: int) -> None:
    """Whole per cents are computed in whole numbers: no banker's rounding, no float."""
    assert whole_percent(part, whole) == percent
