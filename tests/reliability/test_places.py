"""What a push plays of the faults: every fault, and within three days every place of it."""

from collections.abc import Mapping

from tests.reliability.places import one_place_today
from tests.reliability.portal_cases import Case, borne, refused
from tests.reliability.rest_cases import BORNE, REFUSED


def played(day: int, *, every: bool = False) -> Mapping[str, set[str]]:
    """Return the places that a push plays of each fault of the portal."""
    places: dict[str, set[str]] = {}
    for chosen in one_place_today([*refused(), *borne()], of, every=every, day=day):
        (case,), marks = chosen.values, [mark.name for mark in chosen.marks]  # type: ignore[attr-defined]
        assert marks in ([], ["soak"])
        if not marks:
            places.setdefault(case.words, set()).add(case.place)
    return places


def of(case: Case) -> str:
    return case.words


def test_every_fault_is_played_every_day_at_one_place() -> None:
    """No fault waits for the long run."""
    faults = {case.words for case in (*refused(), *borne())}
    for day in range(740_000, 740_007):
        assert set(played(day)) == faults
        assert {len(places) for places in played(day).values()} == {1}


def test_days_go_through_every_place() -> None:
    """As many days as a fault has places play it at each of them."""
    whole = played(0, every=True)
    most = max(len(places) for places in whole.values())
    seen: dict[str, set[str]] = {}
    for day in range(740_000, 740_000 + most):
        for fault, places in played(day).items():
            seen.setdefault(fault, set()).update(places)
    assert seen == whole


def test_rows_are_written_from_every_case() -> None:
    """`make reliability` plays all of them, whatever the day."""
    all_of_them = one_place_today([*REFUSED, *BORNE], lambda case: case.words, every=True)
    assert len(all_of_them) == len(REFUSED) + len(BORNE)
    assert not any(chosen.marks for chosen in all_of_them)  # type: ignore[attr-defined]
