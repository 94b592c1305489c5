"""A year of nights on the tiny site: each at its slot by the timetable, with what goes wrong drawn for it.

The clock is the test's: the year begins in the autumn of 2026 whatever day it is, so keys, periods and both
nights on which the clocks change are the same whenever it is played. What a night must do the model says.
"""

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random

from commands.sample_site import make_keys
from common import clock
from scheduler import due_now, notice
from scheduler.due import claim_due
from tests.tiny.assessment import TURNS
from tests.tiny.costs import Allowed, Costs
from tests.tiny.events import ORDINARY
from tests.tiny.model import SOURCES, Wanted
from tests.tiny.nights import forget_read
from tests.tiny.start import new_site
from tests.tiny.upkeep import STATEMENTS_KEPT, Upkeep
from tests.tiny.world import FLOWS

FIRST = date(2026, 10, 19)
STEPS_OF_A_NIGHT = 24
ZONES = ("America/Los_Angeles", "Asia/Kathmandu", "Pacific/Kiritimati", "UTC")
RUNS_DAYS, BODIES_DAYS = 60, 30
# The model knows no patience: the council side is never away for longer than a receipt may take.
AWAY = timedelta(days=10)
DECLARED = f"""
receipt_within_hours: 336
retention:
  run_summaries_days: {RUNS_DAYS}
  batch_bodies_days: {BODIES_DAYS}
  statements_days: {STATEMENTS_KEPT.days}
"""
REVIEWED_EVERY, SETTLED_EVERY, CONFIRMED_EVERY = 90, 30, 7
AGAIN, LATER, AN_HOUR = timedelta(minutes=31), timedelta(hours=7), timedelta(hours=1)
EVERY_SOURCE = tuple(sorted(SOURCES))


class Year:
    """One site, night after night; `faults` counts what went wrong, `costs` holds what each night left."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.drawn = Random(seed)
        self.day, self.versions = FIRST, 1
        self.faults: Counter[str] = Counter()
        self.costs: list[Costs] = []
        self.runs: list[date] = []
        self.away_since = FIRST
        with clock.frozen(self.slot - timedelta(hours=12)):
            self.nights = new_site(folder)
            self.upkeep = Upkeep(self.nights)
            site = folder / "site.yaml"
            site.write_text(site.read_text(encoding="utf-8") + DECLARED, encoding="utf-8")
            notice(self.nights.site.read())
        self._by_the_timetable(accept=True)

    def go_on(self, count: int, told: Callable[[str], None] = lambda _: None) -> None:
        """Let so many nights go by. Errors: AssertionError, with the night and what went wrong in it."""
        for number in range(1, count + 1):
            self.day += timedelta(days=1)
            fault = all_is_settled if number % SETTLED_EVERY == 0 else self.drawn.choice(FAULTS)
            try:
                self._night(number, fault)
            except BaseException as error:
                error.add_note(f"night {number}, {self.day}: {fault.__name__}")
                raise
            self.faults[fault.__name__.replace("_", " ")] += 1
            self.costs.append(Costs.of(self.nights.site.folder / "var"))
            told(f"{number} {self.day} {fault.__name__} {self.costs[-1]}")

    def play(self, fault: "Fault") -> None:
        """Let one more night go by in which just this goes wrong, and nothing happened by day."""
        self.day += timedelta(days=1)
        fault(self)

    def _night(self, number: int, fault: "Fault") -> None:
        for event in self.drawn.sample(ORDINARY, self.drawn.randint(0, 2)):
            event(self.nights.model.world, *(self.drawn.randrange(12) for _ in range(3)))
        if self.day - self.away_since > AWAY:
            self.nights.move_council(here=True)
        before = self.nights.count
        fault(self)
        if number % REVIEWED_EVERY == 0:
            self.assess(self.nights.model.turns)
        with clock.frozen(self.slot + LATER):
            if number % CONFIRMED_EVERY == 0:
                make_keys(self.nights.site.read(), list(FLOWS))
            self.upkeep.by_day(number)
        self.runs += [self.day] * (self.nights.count - before)
        for flow, sequence in [*self.nights.model.sealed]:
            if sequence <= self.nights.told[flow]:
                del self.nights.model.sealed[flow, sequence]
        forget_read()

    # -- what a night is made of -----------------------------------------------------------------------------

    @property
    def slot(self) -> datetime:
        """Return the instant of the day's slot."""
        return datetime(self.day.year, self.day.month, self.day.day, 2, 30, tzinfo=clock.LONDON)

    @property
    def accepts(self) -> bool:
        """Draw whether somebody lets through tonight what a brake would hold."""
        return self.drawn.random() < 0.5

    def due(self, at: datetime) -> tuple[str, ...]:
        """Look, as the daemon and `run --due` do: return what is due by a clock that shows this instant."""
        site = self.nights.site.read()
        with clock.frozen(at):
            notice(site)
            return due_now(site)

    @contextmanager
    def claiming(self, at: datetime, wanted: tuple[str, ...] = EVERY_SOURCE) -> Iterator[None]:
        """Let one night be what is due at the instant, which is these sources; then nothing more is due."""
        assert self.due(at) == wanted, (self.due(at), wanted)
        site = self.nights.site.read()
        self.nights.choose = partial(claim_due, site)
        try:
            with clock.frozen(at):
                yield
        finally:
            self.nights.choose = None
        assert self.due(at) == ()

    def _by_the_timetable(
        self, at: datetime | None = None, *, accept: bool | None = None, **wanted: frozenset[str]
    ) -> None:
        with self.claiming(at or self.slot):
            self.nights.night(Wanted(accept=self.accepts if accept is None else accept, **wanted))

    def by_hand(self, wanted: Wanted) -> None:
        """Let somebody run a night in the morning."""
        with clock.frozen(self.slot + LATER):
            self.nights.night(wanted)

    def assess(self, turns: frozenset[str], *, in_force: bool = True) -> None:
        """Put another version of the assessment in force, or let it lapse."""
        self.versions += 1
        with clock.frozen(self.slot):
            self.nights.assess(turns, in_force=in_force)

    # -- what history declares -------------------------------------------------------------------------------

    def allowed(self) -> Allowed:
        """Return what may stand in the end, counted by the calendar and the landing zone."""
        batches = [path.parent.name for path in self._manifests()]
        young = [
            name for name in batches if name[9:17] > f"{self.day - timedelta(days=BODIES_DAYS + 1):%Y%m%d}"
        ]
        kept = self._runs_within(timedelta(days=RUNS_DAYS))
        stated = self._runs_within(STATEMENTS_KEPT)
        return Allowed(len(batches), self.versions, len(young), kept, stated, len(self.runs))

    def _runs_within(self, period: timedelta) -> int:
        return sum(day > self.day - period - timedelta(days=1) for day in self.runs)

    def _manifests(self) -> list[Path]:
        return list((self.nights.site.folder / "var/landing").glob("*/*/manifest.json"))


Fault = Callable[[Year], None]


def nothing_goes_wrong(year: Year) -> None:
    """A night like any other."""
    year._by_the_timetable()


def a_source_is_away(year: Year) -> None:
    """One charity's exports come half an hour late: it is tried again, alone."""
    source = year.drawn.choice(SOURCES)
    year._by_the_timetable(missing=frozenset({source}))
    assert year.due(year.slot + AGAIN - timedelta(minutes=2)) == ()
    with year.claiming(year.slot + AGAIN, (source,)):
        year.nights.night(Wanted(source=source, accept=year.accepts))


def it_is_killed(year: Year) -> None:
    """Killed at a step; half an hour later the timetable catches up, once."""
    with year.claiming(year.slot):
        killed = year.nights.killed_night(
            Wanted(accept=year.accepts), year.drawn.randint(1, STEPS_OF_A_NIGHT)
        )
    _caught_up(year, killed)


def it_is_killed_twice(year: Year) -> None:
    """The run that catches up is killed as well."""
    for at in (year.slot, year.slot + AGAIN):
        if at == year.slot or year.due(at):
            with year.claiming(at):
                step = year.drawn.randint(1, STEPS_OF_A_NIGHT)
                killed = year.nights.killed_night(Wanted(accept=year.accepts), step)
    _caught_up(year, killed)


def _caught_up(year: Year, killed: str) -> None:
    again = year.due(year.slot + 3 * AGAIN)
    assert killed or not again
    if again:
        year._by_the_timetable(year.slot + 3 * AGAIN)


def the_host_is_down(year: Year) -> None:
    """Some nights do not take place; in the morning after there is one run."""
    year.day += timedelta(days=year.drawn.randint(1, 3))
    year._by_the_timetable(year.slot + LATER)


def the_clock_runs_a_day_ahead(year: Year) -> None:
    """Tomorrow's slot comes today; then the clock is put right, and tonight's and tomorrow's are run."""
    with year.claiming(year.slot + timedelta(days=1, minutes=year.drawn.choice((0, 5, 90, 500)))):
        year.nights.night(Wanted(accept=year.accepts))
    year._by_the_timetable(year.slot + timedelta(minutes=20))


def the_clock_goes_back(year: Year) -> None:
    """After the run the clock is set back behind the slot and comes to it again: nothing is due."""
    year._by_the_timetable()
    assert year.due(year.slot - AN_HOUR) == year.due(year.slot) == ()


def it_runs_elsewhere(year: Year) -> None:
    """The host's own zone is another one."""
    with zone(year.drawn.choice(ZONES)):
        year._by_the_timetable()


def the_assessment_lapses(year: Year) -> None:
    """Nothing leaves; in the morning it is renewed."""
    year.assess(year.nights.model.turns, in_force=False)
    year._by_the_timetable()
    year.assess(year.nights.model.turns)
    year.by_hand(Wanted(accept=year.accepts))


def the_assessment_changes(year: Year) -> None:
    """Tightened, or widened again."""
    year.assess(year.nights.model.turns ^ {year.drawn.choice(sorted(TURNS))})
    year._by_the_timetable()


def the_council_side_is_away(year: Year) -> None:
    """From tonight on it answers in its own time, or at once again."""
    year.away_since = year.day
    year.nights.move_council(here=not year.nights.model.council_here)
    year._by_the_timetable()


def the_council_side_answers(year: Year) -> None:
    """What has arrived is loaded after the night; sometimes it was spoilt on the way."""
    year._by_the_timetable()
    if year.nights.model.waiting and not year.nights.model.council_here:
        with clock.frozen(year.slot + LATER):
            year.nights.council_loads(spoilt=year.accepts)


def a_dry_run_goes_before(year: Year) -> None:
    """Somebody looks the evening before; the slot is run all the same."""
    with clock.frozen(year.slot - timedelta(hours=6)):
        year.nights.night(Wanted(dry_run=True))
    year._by_the_timetable()


def somebody_sends_all_again(year: Year) -> None:
    """In the morning everything is sent once more."""
    year._by_the_timetable()
    year.by_hand(Wanted(full=True, accept=True))


def all_is_settled(year: Year) -> None:
    """Once a month everything that waits ends, and a night on the same exports sends and leaves nothing."""
    year._by_the_timetable()
    with clock.frozen(year.slot + LATER):
        year.nights.end_what_waits()
        year.upkeep.idle_night()
        year.upkeep.look()


FAULTS: tuple[Fault, ...] = (
    nothing_goes_wrong, nothing_goes_wrong, nothing_goes_wrong, nothing_goes_wrong, a_source_is_away,
    a_source_is_away, it_is_killed, it_is_killed, it_is_killed_twice, the_host_is_down,
    the_clock_runs_a_day_ahead, the_clock_goes_back, it_runs_elsewhere, the_assessment_lapses,
    the_assessment_changes, the_council_side_is_away, the_council_side_answers, the_council_side_answers,
    a_dry_run_goes_before, somebody_sends_all_again,
)  # fmt: skip


@contextmanager
def zone(name: str) -> Iterator[None]:
    """Let this process believe for a while that it is in another time zone."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = name
    time.tzset()
    try:
        yield
    finally:
        os.environ.pop("TZ") if before is None else os.environ.update(TZ=before)
        time.tzset()
