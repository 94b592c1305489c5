"""A run is due once a night, in local time, also on the nights the clocks change."""

import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from apscheduler.triggers.cron import CronTrigger

from common import clock
from config.site import Site
from config.timetable import Day, Timetable
from scheduler import next_due, overdue, past_runs
from scheduler.daemon import cron, keep_time, timetables
from scheduler.errors import SchedulerRuns
from scheduler.timetable import slots
from tests.unit.scheduler.nights_by_clock import LONDON, minutes, ran, site_at, source, with_sources

NIGHTLY = Timetable(at=["02:30"])
SPRING = datetime(2026, 3, 29, tzinfo=LONDON)
AUTUMN = datetime(2026, 10, 25, tzinfo=LONDON)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return site_at(tmp_path)


@pytest.mark.parametrize(("night", "offset"), [(SPRING, 1), (AUTUMN, 0)])
def test_one_run_on_the_nights_the_clocks_change(night: datetime, offset: int) -> None:
    """At 02:30 local time there is exactly one slot, whatever the clocks did before it."""
    found = list(slots(NIGHTLY, LONDON, night, night + timedelta(hours=23)))
    assert found == [datetime(night.year, night.month, night.day, 2, 30, tzinfo=LONDON)]
    assert found[0].utcoffset() == timedelta()
    assert found[0].astimezone(LONDON).utcoffset() == timedelta(hours=offset)


@pytest.mark.parametrize("start", [SPRING - timedelta(days=3), AUTUMN - timedelta(days=3)])
@pytest.mark.parametrize(
    "timetable",
    [NIGHTLY, Timetable(at=["00:30", "02:00", "23:59"]), Timetable(at=["06:15"], days=[Day.SUN, Day.TUE])],
)
def test_the_library_wakes_when_the_calendar_says(start: datetime, timetable: Timetable) -> None:
    """The trigger that wakes us and the arithmetic that finds missed runs agree, slot by slot."""
    trigger, ours = cron(timetable, "Europe/London"), []
    theirs = []
    moment = start.astimezone(UTC)
    while True:
        fires = trigger.get_next_fire_time(None, moment)
        if fires > start + timedelta(days=7):
            break
        theirs.append(fires.astimezone(UTC))
        moment = fires.astimezone(UTC) + timedelta(seconds=1)
    ours = list(slots(timetable, LONDON, start - timedelta(seconds=1), start + timedelta(days=7)))
    assert ours == theirs


@pytest.mark.parametrize("named", ["started_at", "ended_at"])
def test_a_run_whose_instants_have_no_zone_is_passed_over(site: Site, named: str) -> None:
    """Nobody knows when it was; it can be compared with nothing, and keeps nobody from looking."""
    began = datetime(2026, 6, 1, 2, 30, tzinfo=LONDON)
    ran(site, began, "hub", **{named: "2026-06-01T02:30:00"})
    ran(site, began + timedelta(hours=1), "hub")
    (run,) = past_runs(site.var / "runs")
    assert run.started_at == began + timedelta(hours=1)


def test_a_missed_run_is_found_in_the_history(site: Site) -> None:
    """Two nights without a run are one overdue run, due since the last slot."""
    ran(site, datetime(2026, 6, 1, 2, 30, tzinfo=LONDON), "hub", "community_support")
    with clock.frozen(datetime(2026, 6, 3, 9, 0, tzinfo=LONDON)):
        found = overdue(site)
    assert [due.source for due in found] == ["community_support", "hub"]
    assert {due.due_at for due in found} == {datetime(2026, 6, 3, 2, 30, tzinfo=LONDON)}


def test_a_run_that_failed_was_not_missed(site: Site) -> None:
    """What began after the slot counts, however it ended; a dry run does not count."""
    ran(site, datetime(2026, 6, 1, 2, 30, tzinfo=LONDON), "hub", "community_support")
    ran(site, datetime(2026, 6, 2, 2, 31, tzinfo=LONDON), "hub", exit_code=20)
    ran(site, datetime(2026, 6, 2, 2, 32, tzinfo=LONDON), "community_support", dry_run=True)
    with clock.frozen(datetime(2026, 6, 2, 9, 0, tzinfo=LONDON)):
        assert [due.source for due in overdue(site)] == ["community_support"]


def test_a_site_that_never_ran_waits_for_its_first_slot(site: Site) -> None:
    """With no history nothing is overdue, and the next slot is tonight's."""
    with clock.frozen(datetime(2026, 6, 2, 9, 0, tzinfo=LONDON)):
        assert overdue(site) == []
        (first, second) = next_due(site)
    assert first.due_at == second.due_at == datetime(2026, 6, 3, 2, 30, tzinfo=LONDON)
    assert first.last_started_at is None


def test_a_damaged_summary_hides_no_other(site: Site) -> None:
    """A summary that cannot be read is passed over."""
    ran(site, datetime(2026, 6, 1, 2, 30, tzinfo=LONDON), "hub")
    (site.var / "runs" / "20260602T020000Z-000000.json").write_bytes(b"{")
    assert [run.exit_code for run in past_runs(site.var / "runs")] == [0]


def test_each_timetable_wakes_once(site: Site) -> None:
    """Sources that share a timetable share its wake-ups; another timetable has its own."""
    assert timetables(site) == [site.schedule]
    noon = Timetable(at=["12:00"])
    assert timetables(with_sources(site, *site.sources.values(), source("old", noon))) == [
        site.schedule,
        noon,
    ]


@pytest.mark.parametrize("night", [SPRING, AUTUMN])
@pytest.mark.parametrize("at", ["00:30", "00:59", "02:00", "02:30", "03:00"])
def test_the_trigger_fires_once_whatever_minute_it_is_asked_in(night: datetime, at: str) -> None:
    """Asked at every minute from the evening before until noon, the library names one instant and no other.

    It is the calendar's: the next at or after the minute, and after it the one of the day that follows.
    """
    table, found = Timetable(at=[at]), set()
    trigger = cron(table, "Europe/London")
    first, last = night - timedelta(hours=3), night + timedelta(hours=12)
    for minute in minutes(first, last):
        fires = trigger.get_next_fire_time(None, minute).astimezone(UTC)
        (due, *_) = slots(table, LONDON, minute - timedelta(seconds=1), minute + timedelta(days=2))
        assert fires == due
        found.add(fires)
    assert len([fires for fires in found if fires <= last]) == 1


class Looking:
    """What a scheduler calls: it is never called twice at once, and asks to stop after so many calls."""

    def __init__(self, calls: int) -> None:
        self.wanted, self.began, self.ended = calls, 0, 0
        self.until = time.monotonic() + 30

    def __call__(self) -> None:
        assert self.began == self.ended
        self.began += 1
        time.sleep(0.3)
        self.ended += 1

    def asked(self) -> bool:
        return self.ended >= self.wanted or time.monotonic() > self.until


def every_second(_table: Timetable, zone: str) -> CronTrigger:
    return CronTrigger(second="*", timezone=zone)


def test_the_real_scheduler_looks_at_once_then_when_it_is_woken_and_lets_a_look_end(site: Site) -> None:
    """Woken every second by the library it looks one at a time; when it returns no look is under way."""
    looking = Looking(3)
    keep_time(site, looking, looking.asked, trigger=every_second)
    assert looking.began == looking.ended == 3
    assert threading.active_count() == 1 or not [
        thread.name for thread in threading.enumerate() if thread.name.startswith("APScheduler")
    ]


def test_a_second_scheduler_is_turned_away(site: Site) -> None:
    """One process keeps a site's timetable; another leaves with a clear error and exit code 75."""
    met: list[int] = []

    def look() -> None:
        with pytest.raises(SchedulerRuns) as refused:
            keep_time(site, Looking(1), lambda: True)
        met.append(refused.value.exit_code)

    keep_time(site, look, lambda: bool(met))
    assert met == [75]
