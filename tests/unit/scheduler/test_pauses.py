"""What is paused does not run, by the timetable or by hand, and is not called overdue."""

import json
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from common import clock
from config.site import Site
from scheduler import due_now, next_due, overdue
from scheduler.errors import PausesUnreadable
from scheduler.pauses import (
    Pause,
    begin_pause,
    end_pause,
    paused_sources,
    pauses_path,
    read_pauses,
    standing_pauses,
)
from tests.unit.scheduler.nights_by_clock import LONDON, Keeper, site_at

EVENING = datetime(2026, 6, 1, 20, 0, tzinfo=LONDON)
SLOT = datetime(2026, 6, 2, 2, 30, tzinfo=LONDON)
DAY = timedelta(days=1)
BOTH = ("community_support", "hub")


@pytest.fixture
def keeper(tmp_path: Path) -> Keeper:
    """Return a scheduler that has looked once, the evening before."""
    keeper = Keeper(site_at(tmp_path))
    keeper.look(EVENING)
    return keeper


def pause(site: Site, at: datetime, source: str | None = None, until: date | None = None) -> None:
    with clock.frozen(at):
        begin_pause(site, Pause(clock.now(), "operator", "maintenance", source, until))


def test_a_source_that_is_paused_is_left_out_and_not_overdue(keeper: Keeper) -> None:
    """The other source runs at its slot; the paused one has no next run and is not called overdue."""
    pause(keeper.site, EVENING, "hub")
    keeper.every_minute(SLOT, SLOT + timedelta(hours=2))
    assert [sources for _, sources in keeper.began] == [("community_support",)]
    with clock.frozen(SLOT + timedelta(hours=2)):
        assert overdue(keeper.site) == []
        assert [due.source for due in next_due(keeper.site)] == ["community_support"]
        assert paused_sources(keeper.site) == ["hub"]


@pytest.mark.parametrize("until", [None, date(2026, 6, 4)])
def test_nights_that_fell_into_a_pause_are_not_made_good(keeper: Keeper, until: date | None) -> None:
    """After resume, or from the first minute of the day it ends on, the next slot is the next run."""
    pause(keeper.site, EVENING, until=until)
    with clock.frozen(SLOT):
        assert [due.due_at for due in next_due(keeper.site)] == (
            [] if until is None else [SLOT + 2 * DAY] * 2
        )
    assert keeper.every_minute(SLOT, SLOT + timedelta(minutes=90)) == []
    back = datetime(2026, 6, 4, 0, 0, tzinfo=LONDON)
    if until is None:
        with clock.frozen(back):
            end_pause(keeper.site, None, "operator")
    with clock.frozen(back - timedelta(seconds=1)):
        assert paused_sources(keeper.site) == [*BOTH]
    with clock.frozen(back):
        assert (standing_pauses(keeper.site), overdue(keeper.site)) == ([], [])
    assert keeper.every_minute(back, SLOT + 2 * DAY) == [SLOT + 2 * DAY]


def test_a_pause_after_another_forgets_neither(keeper: Keeper) -> None:
    """A night in the first pause stays passed over when a second pause has come and gone."""
    pause(keeper.site, EVENING)
    for hour in (9, 11):
        with clock.frozen(SLOT + timedelta(hours=hour)):
            end_pause(keeper.site, None, "operator")
        pause(keeper.site, SLOT + timedelta(hours=hour + 1))
    with clock.frozen(SLOT + timedelta(hours=13)):
        end_pause(keeper.site, None, "operator")
        assert due_now(keeper.site) == ()
    assert keeper.every_minute(SLOT + DAY, SLOT + DAY) == [SLOT + DAY]


def test_a_retry_waits_while_its_source_is_paused(keeper: Keeper) -> None:
    """What failed is not tried again in the pause; when that is over within the night, it is."""
    keeper.fails = [{"hub"}]
    keeper.look(SLOT)
    pause(keeper.site, SLOT, "hub")
    keeper.every_minute(SLOT, SLOT + timedelta(hours=2))
    assert len(keeper.began) == 1
    with clock.frozen(SLOT + timedelta(hours=2)):
        end_pause(keeper.site, "hub", "operator")
    keeper.look(SLOT + timedelta(hours=2))
    assert keeper.began[-1] == (SLOT + timedelta(hours=2), ("hub",))


def test_a_clock_set_back_ends_no_pause(keeper: Keeper) -> None:
    """Paused at eight, it stands at seven as well."""
    pause(keeper.site, EVENING)
    with clock.frozen(EVENING - timedelta(hours=1)):
        assert paused_sources(keeper.site) == [*BOTH]


@pytest.mark.parametrize("damage", [b"", b"{", b"{}", b'[{"since": 1}]', b"[1]"])
def test_where_nobody_can_tell_what_is_paused_nothing_is_run(keeper: Keeper, damage: bytes) -> None:
    """A damaged note stops the timetable with an error of four lines, and is not overwritten."""
    pauses_path(keeper.site).write_bytes(damage)
    with clock.frozen(SLOT), pytest.raises(PausesUnreadable) as refused:
        due_now(keeper.site)
    assert len(str(refused.value).splitlines()) == 4
    with pytest.raises(PausesUnreadable):
        pause(keeper.site, SLOT)
    assert pauses_path(keeper.site).read_bytes() == damage


def test_who_paused_and_who_resumed_stays_written_for_a_season(keeper: Keeper) -> None:
    """The file tells of pauses that ended, for ninety days; what stands is kept however old it is."""
    pause(keeper.site, EVENING)
    with clock.frozen(EVENING + DAY):
        end_pause(keeper.site, None, "another")
    pause(keeper.site, EVENING + 2 * DAY, "hub")
    told = json.loads(pauses_path(keeper.site).read_bytes())
    assert [(one["source"], one["by"], one["resumed_by"]) for one in told] == [
        (None, "operator", "another"),
        ("hub", "operator", None),
    ]
    pause(keeper.site, EVENING + 95 * DAY, "community_support")
    assert [one.source for one in read_pauses(keeper.site)] == ["hub", "community_support"]
