"""What a push plays of the faults: every fault within two days, and within six every place of it."""

from collections.abc import Mapping

import pytest

from tests.reliability.places import one_place_today
from tests.reliability.portal_cases import Case, borne, refused
from tests.reliability.rest_cases import BORNE, REFUSED


def played(day: int, *, every: bool = False, turns: int = 2) -> Mapping[str, set[str]]:
    """Return the places that a push plays of each fault of the portal."""
    places: dict[str, set[str]] = {}
    for chosen in one_place_today([*refused(), *borne()], of, every=every, day=day, turns=turns):
        (case,), marks = chosen.values, [mark.name for mark in chosen.marks]  # type: ignore[attr-defined]
        assert marks in ([], ["soak"])
        if not marks:
            places.setdefault(case.words, set()).add(case.place)
    return places


def of(case: Case) -> str:
    return case.words


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_every_fault_has_its_turn_at_one_place_within_so_many_days(turns: int) -> None:
    """No fault waits for the long run, and no day plays many more than another."""
    faults = {case.words for case in (*refused(), *borne())}
    for day in range(740_000, 740_007):
        of_days = [played(day + later, turns=turns) for later in range(turns)]
        assert set().union(*of_days) == faults
        assert sum(map(len, of_days)) == len(faults)
        assert max(map(len, of_days)) - min(map(len, of_days)) <= 1
        assert {len(places) for of_day in of_days for places in of_day.values()} == {1}


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_days_go_through_every_place(turns: int) -> None:
    """As many turns as a fault has places play it at each of them."""
    whole = played(0, every=True)
    most = max(len(places) for places in whole.values())
    seen: dict[str, set[str]] = {}
    for day in range(740_000, 740_000 + most * turns):
        for fault, places in played(day, turns=turns).items():
            seen.setdefault(fault, set()).update(places)
    assert seen == whole


def test_rows_are_written_from_every_case() -> None:
    """`make reliability` plays all of them, whatever the day."""
    all_of_them = one_place_today([*REFUSED, *BORNE], lambda case: case.words, every=True)
    assert len(all_of_them) == len(REFUSED) + len(BORNE)
    assert not any(chosen.marks for chosen in all_of_them)  # type: ignore[attr-defined]
