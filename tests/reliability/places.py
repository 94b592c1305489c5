"""Which faults a push plays, and at which place: others every day; `make reliability` plays them all."""

from collections.abc import Callable, Iterable
from typing import TypeVar
from zlib import crc32

import pytest

from tests.reliability.book import writing
from tests.today import SEED

Case = TypeVar("Case")
Test = TypeVar("Test", bound=Callable[..., object])


def one_place_today(
    cases: Iterable[Case],
    fault: Callable[[Case], str],
    *,
    every: bool | None = None,
    day: int = SEED,
    turns: int = 1,
) -> list[object]:
    """Return the cases for `parametrize`: of those with the same fault, one is for a push, the rest for soak.

    Given: what the fault of a case is called; whether every case is for a push (where rows are written);
           the day, a number that goes up by one; in how many days each fault has a turn, at its next place.
    """
    groups: dict[str, list[Case]] = {}
    for case in cases:
        groups.setdefault(fault(case), []).append(case)
    everything = writing() if every is None else every
    chosen: list[object] = []
    for number, (name, places) in enumerate(groups.items()):
        its_turn = (number + day) % turns == 0
        today = (day // turns + crc32(name.encode())) % len(places)
        for at, case in enumerate(places):
            marks = () if everything or (its_turn and at == today) else (pytest.mark.soak,)
            chosen.append(pytest.param(case, marks=marks))
    return chosen


def in_turn(*values: str) -> list[object]:
    """Return the values for `parametrize`: a push plays one of them, the next one the day after."""
    return one_place_today(values, lambda _: "", day=SEED)


def takes_turns(number: int, of: int, days: int = 1) -> Callable[[Test], Test]:
    """Mark a test as one of several of which a push plays one, the next one the day after.

    Given: how many days a turn lasts: as many as its own cases have turns, so that each of them comes up.
    """

    def marked(test: Test) -> Test:
        return test if writing() or SEED // days % of == number else pytest.mark.soak(test)

    return marked
