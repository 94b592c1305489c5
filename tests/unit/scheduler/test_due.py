"""A slot is run once: by whoever looks, however often, whatever the clocks do and whoever is killed."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from common import clock
from config.site import Site
from config.timetable import Retry, Timetable
from scheduler import NothingDue, claim_due, due_now, next_due, overdue
from scheduler.due import claims_path
from tests.unit.scheduler.nights_by_clock import LONDON, Keeper, ran, site_at, source, with_sources

EVENING = datetime(2026, 6, 1, 20, 0, tzinfo=LONDON)
SLOT = datetime(2026, 6, 2, 2, 30, tzinfo=LONDON)
BOTH = ("community_support", "hub")
CHANGES = [datetime(2026, 3, 29, tzinfo=LONDON), datetime(2026, 10, 25, tzinfo=LONDON)]


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return site_at(tmp_path)


@pytest.fixture
def keeper(site: Site) -> Keeper:
    """Return a scheduler that has looked once, the evening before."""
    keeper = Keeper(site)
    keeper.look(EVENING)
    return keeper


@pytest.mark.parametrize("night", CHANGES)
@pytest.mark.parametrize("at", ["00:30", "02:00", "02:30"])
def test_one_run_on_each_night_the_clocks_change(night: datetime, at: str, tmp_path: Path) -> None:
    """Looking at every minute from the evening before until noon there is one run, at the slot itself."""
    keeper = Keeper(site_at(tmp_path, source("hub", Timetable(at=[at]))))
    hour, minute = map(int, at.split(":"))
    due = night.replace(hour=hour, minute=minute)
    assert keeper.every_minute(night - timedelta(hours=4), night.replace(hour=12)) == [due]


@pytest.mark.parametrize("night", CHANGES)
@pytest.mark.parametrize("back", [timedelta(hours=1), timedelta(minutes=7)])
def test_a_clock_that_is_set_back_after_a_run_runs_nothing_again(
    night: datetime, back: timedelta, tmp_path: Path
) -> None:
    """Set back behind the slot, and going through it a second time, the clock finds it run."""
    keeper = Keeper(site_at(tmp_path, source("hub")))
    slot = night.replace(hour=2, minute=30)
    keeper.every_minute(slot - timedelta(minutes=90), slot + timedelta(minutes=5))
    keeper.every_minute(slot + timedelta(minutes=5) - back, slot + timedelta(hours=3))
    assert len(keeper.began) == 1


def test_a_clock_that_is_set_back_behind_a_person_s_run_runs_nothing_again(keeper: Keeper) -> None:
    """What somebody ran ten minutes after the slot serves it, though by the clock it is still to come."""
    keeper.look(SLOT - timedelta(minutes=1))
    ran(keeper.site, SLOT + timedelta(minutes=10), *BOTH)
    keeper.every_minute(SLOT, SLOT + timedelta(hours=1))
    assert keeper.began == []


def test_a_clock_that_ran_a_day_ahead_costs_no_night(keeper: Keeper) -> None:
    """A run of tomorrow, by a clock that was put right since, does not count as tomorrow's."""
    keeper.every_minute(SLOT, SLOT + timedelta(minutes=2))
    keeper.look(SLOT + timedelta(hours=32))
    keeper.every_minute(SLOT + timedelta(hours=10), SLOT + timedelta(hours=27))
    assert [at for at, _ in keeper.began] == [SLOT, SLOT + timedelta(hours=32), SLOT + timedelta(days=1)]


@pytest.mark.parametrize("late", [0, 119, 121])
def test_a_clock_that_ran_exactly_a_day_ahead_takes_no_slot_of_tomorrow(keeper: Keeper, late: int) -> None:
    """Tomorrow's slot comes today and is run; the clock is put right, and tomorrow's is run when it comes.
    The look that sees a run of the future writes that down: a day later it could not be told any more.
    """
    keeper.every_minute(SLOT, SLOT + timedelta(minutes=2))
    ahead, tomorrow = SLOT + timedelta(days=1, minutes=late), SLOT + timedelta(days=1)
    keeper.look(ahead)
    keeper.look(SLOT + timedelta(hours=1))
    keeper.every_minute(tomorrow - timedelta(minutes=2), tomorrow + timedelta(minutes=40))
    assert [at for at, _ in keeper.began] == [SLOT, ahead, tomorrow]
    claims_path(keeper.site).with_name("runs_ahead.json").write_bytes(b"{")
    keeper.every_minute(tomorrow + timedelta(days=1), tomorrow + timedelta(days=1, minutes=5))
    assert len(keeper.began) == 4


def test_a_clock_that_ran_ahead_of_a_killed_run_takes_no_slot_either(keeper: Keeper) -> None:
    """What the wrong clock began and never ended, the right one does not begin again before the slot."""
    keeper.every_minute(SLOT, SLOT + timedelta(minutes=2))
    keeper.killed = 1
    ahead, tomorrow = SLOT + timedelta(days=1, minutes=1), SLOT + timedelta(days=1)
    keeper.look(ahead)
    keeper.look(SLOT + timedelta(hours=1))
    keeper.every_minute(tomorrow - timedelta(minutes=2), tomorrow + timedelta(minutes=40))
    assert [at for at, _ in keeper.began] == [SLOT, ahead, tomorrow]


def test_a_source_that_is_new_waits_for_its_first_slot(keeper: Keeper) -> None:
    """Nothing is due in the evening it is declared; at the slot it is, though it was never pulled."""
    assert keeper.began == []
    keeper.every_minute(EVENING, SLOT - timedelta(minutes=1))
    assert keeper.began == []
    keeper.look(SLOT)
    assert keeper.began == [(SLOT, BOTH)]


def test_each_source_has_its_own_slots_and_a_shared_one_is_one_run(keeper: Keeper) -> None:
    """The source with its own timetable is run at noon, the others at night, in one run."""
    keeper.site = with_sources(
        keeper.site, source("hub"), source("old", Timetable(at=["12:00"])), source("new")
    )
    keeper.every_minute(SLOT - timedelta(minutes=2), SLOT + timedelta(hours=12))
    assert [sources for _, sources in keeper.began] == [("hub", "new"), ("old",)]


def test_runs_missed_while_nothing_ran_are_caught_up_by_one(keeper: Keeper) -> None:
    """The host is down for three nights; in the first minute after it there is one run, and no other."""
    keeper.every_minute(SLOT, SLOT + timedelta(minutes=1))
    back = SLOT + timedelta(days=3, hours=6)
    with clock.frozen(back):
        assert [due.source for due in overdue(keeper.site)] == [*BOTH]
    assert keeper.every_minute(back, back + timedelta(hours=5)) == [back]
    with clock.frozen(back + timedelta(hours=5)):
        assert overdue(keeper.site) == []


def test_of_two_schedulers_and_a_cron_job_one_runs_the_slot(keeper: Keeper) -> None:
    """Whoever decides second, with the lock, finds nothing due; a person's run serves the slot as well."""
    other = Keeper(keeper.site)
    with clock.frozen(SLOT):
        assert due_now(keeper.site) == BOTH
    keeper.look(SLOT)
    with clock.frozen(SLOT), pytest.raises(NothingDue):
        claim_due(other.site)
    other.every_minute(SLOT, SLOT + timedelta(hours=8))
    assert other.began == []
    ran(keeper.site, SLOT + timedelta(hours=24), "hub")
    keeper.look(SLOT + timedelta(hours=24, minutes=1))
    assert keeper.began[-1][1] == ("community_support",)


def test_a_run_that_was_killed_is_begun_again_once_and_one_that_ended_is_not(keeper: Keeper) -> None:
    """Killed before its summary, after the claim: caught up after the wait. Killed after it: never again."""
    keeper.killed = 1
    keeper.every_minute(SLOT, SLOT + timedelta(hours=12))
    assert [at for at, _ in keeper.began] == [SLOT, SLOT + timedelta(minutes=30)]
    restarted = Keeper(keeper.site)
    restarted.every_minute(SLOT + timedelta(hours=12), SLOT + timedelta(hours=20))
    assert restarted.began == []


def test_a_run_that_kills_its_host_each_time_is_not_begun_for_ever(keeper: Keeper) -> None:
    """Begun four times and never ended, it is left for a person, and status calls it overdue."""
    keeper.killed = 100
    keeper.every_minute(SLOT, SLOT + timedelta(hours=9))
    assert [(at - SLOT) // timedelta(minutes=1) for at, _ in keeper.began] == [0, 30, 60, 90]
    with clock.frozen(SLOT + timedelta(hours=9)):
        assert [due.source for due in overdue(keeper.site)] == [*BOTH]


def test_what_failed_for_a_passing_reason_is_tried_again_alone_within_its_budget(keeper: Keeper) -> None:
    """Half an hour after the end of each run, three times and no more; what worked is left alone."""
    keeper.minutes, keeper.fails = 10, [{"hub"}] * 9
    keeper.every_minute(SLOT, SLOT + timedelta(hours=9))
    told = [((at - SLOT) // timedelta(minutes=1), sources) for at, sources in keeper.began]
    assert told == [(0, BOTH), (40, ("hub",)), (80, ("hub",)), (120, ("hub",))]
    keeper.fails = [{"hub"}]
    keeper.every_minute(SLOT + timedelta(days=1), SLOT + timedelta(days=1, hours=4))
    assert len(keeper.began) == 6


@pytest.mark.parametrize(
    ("retry", "minutes"),
    [
        (Retry(times=0), [0]),
        (Retry(times=20, after_minutes=60, within_hours=2), [0, 60, 120]),
        (Retry(times=2, after_minutes=5), [0, 5, 10]),
    ],
)
def test_the_budget_is_the_site_s(retry: Retry, minutes: list[int], tmp_path: Path) -> None:
    """How often, how soon and how late are what site.yaml says."""
    keeper = Keeper(site_at(tmp_path, source("hub"), retry=retry), fails=[{"hub"}] * 30)
    keeper.every_minute(SLOT - timedelta(minutes=1), SLOT + timedelta(hours=9))
    assert [(at - SLOT) // timedelta(minutes=1) for at, _ in keeper.began] == minutes


def test_a_failure_that_a_person_must_put_right_is_not_tried_again(keeper: Keeper) -> None:
    """A refused password would be refused again, and the account locked."""
    keeper.look(SLOT - timedelta(minutes=1))
    ran(keeper.site, SLOT, *BOTH, exit_code=21)
    keeper.every_minute(SLOT, SLOT + timedelta(hours=9))
    assert keeper.began == []


def test_a_damaged_note_of_what_was_begun_runs_nothing_twice(keeper: Keeper) -> None:
    """The history tells what ended; without the note only the budget of killed runs begins anew."""
    keeper.look(SLOT)
    for damage in (b"", b"[]", b'{"hub": {}}'):
        claims_path(keeper.site).write_bytes(damage)
        keeper.every_minute(SLOT, SLOT + timedelta(minutes=90))
    claims_path(keeper.site).unlink()
    keeper.every_minute(SLOT, SLOT + timedelta(minutes=90))
    assert len(keeper.began) == 1


def test_the_next_slot_is_told_whatever_has_begun(keeper: Keeper) -> None:
    """At the slot itself the next one is tomorrow's, with when each source was last begun."""
    keeper.look(SLOT)
    with clock.frozen(SLOT):
        told = next_due(keeper.site)
    assert {due.due_at for due in told} == {SLOT + timedelta(days=1)}
    assert {due.last_started_at for due in told} == {SLOT}
