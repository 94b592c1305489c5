"""A run is due once a night, in local time, also on the nights the clocks change."""

import json
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from apscheduler.triggers.cron import CronTrigger

from common import clock
from config.documents import read_document
from config.limits import RunLimits
from config.settings import Day, SiteSettings, SourceSettings, Timetable
from config.site import Brakes, KeyFolders, Retention, Site, SiteLookups
from scheduler import next_due, overdue, past_runs
from scheduler.daemon import SchedulerRuns, cron, groups, keep_time
from scheduler.timetable import slots

LONDON = ZoneInfo("Europe/London")
NIGHTLY = Timetable(at=["02:30"])
SPRING = datetime(2026, 3, 29, tzinfo=LONDON)
AUTUMN = datetime(2026, 10, 25, tzinfo=LONDON)


def source(name: str, schedule: Timetable | None = None) -> SourceSettings:
    return SourceSettings(
        name=name,
        connector="folder",
        provider=name,
        mappings={"people": "mappings/people.yaml"},
        schedule=schedule,
    )


@pytest.fixture
def site(tmp_path: Path) -> Site:
    settings = read_document(Path("config/example/site.yaml"), SiteSettings)
    return Site(
        folder=tmp_path,
        name="Test",
        sample=True,
        time_zone="Europe/London",
        dpia=tmp_path,
        landing=tmp_path,
        warehouse=tmp_path,
        council_side="embedded",
        keys=KeyFolders(tmp_path, tmp_path),
        lookups=SiteLookups(None, (), None),
        schedule=settings.schedule,
        brakes=Brakes(),
        receipt_within=timedelta(hours=24),
        retention=Retention(),
        limits=RunLimits(),
        sources={"hub": source("hub"), "community_support": source("community_support")},
        providers={},
        registers=tmp_path,
    )


def ran(site: Site, at: datetime, *sources: str, exit_code: int = 0, dry_run: bool = False) -> None:
    folder = site.var / "runs"
    folder.mkdir(parents=True, exist_ok=True)
    run_id = f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}-000000"
    summary = {
        "run_id": run_id,
        "started_at": clock.stamp(at),
        "exit_code": exit_code,
        "dry_run": dry_run,
        "sources": [{"source": name} for name in sources],
    }
    (folder / f"{run_id}.json").write_text(json.dumps(summary), encoding="utf-8")


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


def test_sources_that_share_a_timetable_share_a_run(site: Site) -> None:
    """One run for all sources of one timetable; another timetable is another run."""
    sources = {**site.sources, "old": source("old", Timetable(at=["12:00"]))}
    assert [names for _, names in groups(replace(site, sources=sources))] == [
        ("community_support", "hub"),
        ("old",),
    ]


def test_the_real_scheduler_runs_one_at_a_time_and_stops_gently(site: Site) -> None:
    """Woken every second it never runs twice at once, catches up once, and lets the last run end."""
    ran(site, datetime(2020, 1, 1, 2, 30, tzinfo=LONDON), "hub")
    stop, busy, calls, ended = threading.Event(), threading.Lock(), [], []

    def act(sources: tuple[str, ...]) -> int:
        assert busy.acquire(blocking=False)
        calls.append(sources)
        if len(calls) == 3:
            stop.set()
        threading.Event().wait(0.3)
        ended.append(sources)
        busy.release()
        return 0

    guard = threading.Timer(30, stop.set)
    guard.start()
    keep_time(site, act, stop, trigger=lambda _table, zone: CronTrigger(second="*", timezone=zone))
    guard.cancel()
    assert ("hub",) in calls
    assert ("community_support", "hub") in calls
    assert len(calls) >= 3
    assert ended == calls


def test_a_second_scheduler_is_turned_away(site: Site) -> None:
    """One process keeps a site's timetable; another leaves with a clear error and exit code 75."""
    stop, second = threading.Event(), threading.Event()
    met: list[int] = []

    def act(_sources: tuple[str, ...]) -> int:
        try:
            keep_time(site, act, second)
        except SchedulerRuns as error:
            met.append(error.exit_code)
        stop.set()
        return 0

    guard = threading.Timer(30, stop.set)
    guard.start()
    keep_time(site, act, stop, trigger=lambda _table, zone: CronTrigger(second="*", timezone=zone))
    guard.cancel()
    assert met[0] == 75
