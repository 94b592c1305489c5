"""The attacker's ranges are those of the published examples, and those of every table written out."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from feed.disclosure.goals import Goals
from feed.disclosure.linear import Pins, ranges
from feed.disclosure.pieces import Tried
from feed.disclosure.system import System
from tests.unit.feed.disclosure.linked_tables import COUNTIES, EACH, REGIONS, SIZES, SMALL, tables

ANY_WIDTH, NONE, ANY_NUMBER = 100, np.zeros(len(REGIONS)), np.full(len(REGIONS), 100.0)


def found(system: System) -> dict[str, tuple[float, float]]:
    """Return the range of each region, pushed to its ends."""
    told = ranges(system, Goals(EACH, NONE, ANY_NUMBER), ANY_WIDTH, Tried())
    return dict(zip(REGIONS, zip(told.low, told.high, strict=True), strict=True))


@pytest.mark.parametrize(
    ("groups", "hidden", "expected"),
    [
        (COUNTIES, SMALL, (0, 9)),
        (SIZES, SMALL, (0, 7)),
        (COUNTIES + SIZES, SMALL, (3, 3)),
        (COUNTIES + SIZES, SMALL + "N", (0, 10)),
    ],
)
def test_two_linked_tables_tell_what_neither_tells_alone(
    groups: tuple[str, ...], hidden: str, expected: tuple[int, int]
) -> None:
    """By county K lies in 0 to 9, by size in 0 to 7, by both it is 3; with N hidden too, 0 to 10."""
    assert found(tables(*groups, hidden=hidden))["K"] == expected


def test_what_pins_a_number_is_named() -> None:
    """It is N, shown in both tables, that gives K away."""
    (number,) = Pins(tables(*COUNTIES, *SIZES), EACH).of(REGIONS.index("K"))
    assert REGIONS[number] == "N"


def test_numbers_that_contradict_each_other_are_not_called_safe() -> None:
    """Where no table fits what is shown, nothing was found out, and every target counts as given away."""
    three_of_one = System(np.ones(1), np.ones(1), sparse.csr_array([[1.0]]), np.array([3.0]), np.array([3.0]))
    told = ranges(three_of_one, Goals(sparse.csr_array([[1.0]]), np.ones(1), np.full(1, 7.0)), 4, Tried())
    assert not told.possible
    assert told.narrow.all()


def test_a_number_that_may_be_less_without_end_is_not_called_pinned() -> None:
    """What moved may have moved down: of two that moved by none together, neither is known."""
    anything = np.full(2, np.inf)
    both = System(-anything, anything, sparse.csr_array([[1.0, 1.0]]), np.zeros(1), np.zeros(1))
    told = ranges(both, Goals(sparse.csr_array(np.eye(2)), np.ones(2), np.full(2, 7.0)), 4, Tried())
    assert told.possible
    assert not told.narrow.any()


@st.composite
def small_tables(draw: st.DrawFn) -> tuple[System, np.ndarray, list[tuple[int, ...]]]:
    """Return a system, its targets, and every table of whole numbers that fits it, written out."""
    count, sums = draw(st.integers(2, 5)), draw(st.integers(1, 3))
    numbers = st.integers(0, 5)
    truth = np.array(draw(st.lists(numbers, min_size=count, max_size=count)))
    signs = st.lists(st.integers(-1, 1), min_size=count, max_size=count)
    rows = np.array(draw(st.lists(signs, min_size=sums, max_size=sums)))
    slack = np.array(draw(st.lists(st.integers(0, 2), min_size=sums, max_size=sums)))
    room = np.array(draw(st.lists(st.tuples(numbers, numbers), min_size=count, max_size=count)))
    lower, upper = np.maximum(truth - room[:, 0] // 2, 0), truth + room[:, 1] // 2
    least, most = rows @ truth - slack, rows @ truth + slack
    fits = [
        table
        for table in itertools.product(
            *(range(low, high + 1) for low, high in zip(lower, upper, strict=True))
        )
        if np.all(rows @ table >= least) and np.all(rows @ table <= most)
    ]
    targets = np.vstack([np.eye(count, dtype=int), draw(signs)])
    system = System(
        lower.astype(float),
        upper.astype(float),
        sparse.csr_array(rows),
        least.astype(float),
        most.astype(float),
    )
    return system, targets, fits


@given(small_tables(), st.integers(1, 6))
@settings(max_examples=40, deadline=None)
def test_a_range_is_that_of_all_tables_written_out(
    table: tuple[System, np.ndarray, list[tuple[int, ...]]], width: int
) -> None:
    """What is called narrow is so by enumeration, with the same ends, and nothing that is so is missed."""
    system, targets, fits = table
    values = np.array(fits) @ targets.T
    low, high = values.min(axis=0), values.max(axis=0)
    count = len(targets)
    told = ranges(
        system, Goals(sparse.csr_array(targets), np.ones(count), np.full(count, 7.0)), width, Tried()
    )
    expected = (high - low < width) & (low <= 7) & (low >= 1)
    assert told.possible
    assert np.array_equal(told.narrow, expected)
    assert np.array_equal(told.low[expected], low[expected])
    assert np.array_equal(told.high[expected], high[expected])
