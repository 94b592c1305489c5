"""What a provider is asked in a week: a list that only grows shorter, and what it weighs."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from config.timetable import Day
from config.weekly import WeeklySettings
from quality.asked import AskedStore, AskedUnreadable, WeekList, Wish
from quality.week import Candidate, to_ask

MONDAY = date(2026, 3, 2)
AT = datetime(2026, 3, 2, 4, tzinfo=UTC)
BEFORE, AFTER = "2026-03-01T04:00:00Z", "2026-03-03T04:00:00Z"


def ranked(*names: str, effect: str = "none", opened: str = BEFORE) -> list[Candidate]:
    return [Candidate(name, effect, opened, 2.5) for name in names]


def asked(store: AskedStore, names: list[Candidate], day: date = MONDAY, *, joined: bool = False) -> WeekList:
    store.ask("hub", day, [one.wish for one in names], AT, joined=joined)
    return store.week("hub", day)


@pytest.fixture
def store(tmp_path: Path) -> AskedStore:
    """Return an empty store."""
    return AskedStore(tmp_path / "state" / "asked.sqlite")


def test_the_first_so_many_are_asked_and_nothing_takes_the_place_of_what_is_mended(store: AskedStore) -> None:
    """Twenty at first, and none on the next night, though five of the twenty are mended by then."""
    everything = ranked(*(f"F{number:03}" for number in range(50)))
    week = asked(store, to_ask(everything, store.week("hub", MONDAY), 20, 10))
    assert week.codes == {f"F{number:03}" for number in range(20)}
    assert to_ask(everything[5:], week, 20, 10) == []


def test_what_newly_holds_a_record_joins_at_once_and_no_more_of_them_than_agreed(store: AskedStore) -> None:
    """Not what was there before the list was made, not what blanks a field, and never a flood."""
    week = asked(store, ranked("F1"))
    old = ranked("OLD", effect="hold_record", opened=BEFORE)
    other = ranked("BLANK", effect="blank_field", opened=AFTER)
    new = ranked("H1", "H2", "H3", effect="hold_record", opened=AFTER)
    chosen = to_ask(old + other + new, week, 20, 2)
    assert [one.code for one in chosen] == ["H1", "H2"]
    week = asked(store, chosen, joined=True)
    assert to_ask(old + other + new, week, 20, 2) == []
    assert [one.code for one in week.asked if one.joined] == ["H1", "H2"]


def test_a_list_that_began_with_nothing_takes_what_comes(store: AskedStore) -> None:
    """Going live on a Wednesday, or a clean Monday: the first twenty are asked when they are there."""
    week = asked(store, [])
    assert week.made_at == "2026-03-02T04:00:00Z"
    assert len(to_ask(ranked(*map(str, range(30))), week, 20, 10)) == 20


def test_who_wants_everything_gets_it_as_it_comes(store: AskedStore) -> None:
    """And nothing is counted twice."""
    week = asked(store, to_ask(ranked("F1", "F2"), store.week("hub", MONDAY), None, 0))
    assert [one.code for one in to_ask(ranked("F1", "F2", "F3"), week, None, 0)] == ["F3"]


def test_what_stood_on_the_last_list_and_was_told_is_not_news_on_the_next(store: AskedStore) -> None:
    """That it was told goes over to the next list; what was not told does not."""
    asked(store, ranked("F1", "F2"))
    store.told("hub", MONDAY, ["F1"], ["F1"], AT)
    week = asked(store, ranked("F1", "F2", "F3"), MONDAY + timedelta(days=7))
    told = {one.code: (one.told, one.overdue_told) for one in week.asked}
    assert told == {"F1": (True, True), "F2": (False, False), "F3": (False, False)}


def test_the_same_twice_changes_nothing(store: AskedStore) -> None:
    """A kill between asking and the next step costs nothing."""
    first = asked(store, ranked("F1", "F2"))
    assert asked(store, ranked("F1", "F2"), joined=True) == first


def test_the_burden_is_counted_by_provider_and_iso_week(store: AskedStore) -> None:
    """A list with nothing on it is a week of no minutes; the turn of the year is that of ISO 8601."""
    asked(store, ranked("F1", "F2"))
    store.ask("community", MONDAY, [], AT, joined=False)
    store.ask("hub", date(2026, 12, 28), [Wish("F9", 4.0)], AT, joined=False)
    assert store.burden().rows() == [
        ("community", "2026-W10", MONDAY, 0, 0.0),
        ("hub", "2026-W10", MONDAY, 2, 5.0),
        ("hub", "2026-W53", date(2026, 12, 28), 1, 4.0),
    ]
    store.sweep(date(2026, 12, 1))
    assert store.burden()["week"].to_list() == ["2026-W53"]


def test_a_store_that_is_damaged_is_told_and_what_was_in_it_is_not(tmp_path: Path) -> None:
    """E945 names the file alone."""
    path = tmp_path / "state" / "asked.sqlite"
    path.parent.mkdir()
    path.write_bytes(b"secret-word" * 1000)
    with pytest.raises(AskedUnreadable) as met:
        AskedStore(path).week("hub", MONDAY)
    assert "secret-word" not in str(met.value)


@pytest.mark.parametrize(
    ("day", "today", "begins"),
    [
        (Day.MON, date(2026, 3, 2), date(2026, 3, 2)),
        (Day.MON, date(2026, 3, 8), date(2026, 3, 2)),
        (Day.WED, date(2026, 3, 2), date(2026, 2, 25)),
        (Day.SUN, date(2026, 3, 8), date(2026, 3, 8)),
    ],
)
def test_a_week_begins_on_its_day(day: Day, today: date, begins: date) -> None:
    """A night that was missed on that day makes no difference: the list is made on the next."""
    assert WeeklySettings(day=day).list_day(today) == begins
