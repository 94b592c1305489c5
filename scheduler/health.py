"""How a site fares, told by what it has written down: nothing is written, so a dead scheduler is seen too.

Four ways in which a night fails without a word: no run began, one began and did not end, one ended too fast,
one brought far fewer records than is usual on that weekday. Beside them the errors that runs met, and the
days that are near. Everything comes from `state/`, `runs/` and the timetable.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from common import clock
from common.errors import ViaductError
from config.site import Site
from scheduler.alert_state import alerts_not_sent
from scheduler.claims import Claim, read_claims
from scheduler.due import AHEAD, Standing, claims_path, standings
from scheduler.errors import PausesUnreadable
from scheduler.failures import failures
from scheduler.history import PastRun, past_runs
from scheduler.near_days import near_days
from scheduler.pauses import Pause, pauses_path, read_pauses
from scheduler.problems import FAR_FEWER, NOT_BEGUN, NOT_ENDED, STATE_UNREADABLE, TOO_FAST, Problem
from scheduler.pulse import Pulse, read_pulse
from scheduler.timetable import MOMENT, slot_after, slots
from scheduler.usual import (
    NOTHING,
    Judged,
    Night,
    Verdict,
    judge_records,
    judge_seconds,
    nights_of,
    since_when,
)
from scheduler.worklist_state import worklists_not_told

# From the claim of a slot to the first pulse of its run.
SOON = timedelta(minutes=1)


@dataclass(frozen=True)
class SourceHealth:
    """How one source fares: its last run that ended, and that night beside what is usual.

    good:     the last night that could be read.
    due_at:   when its next run is to begin: a slot, one that was missed, or the next try; None without end.
    ends_by:  by when the run that is under way has ended; None where none is.
    """

    source: str
    paused: bool
    last: PastRun | None
    good: Night | None = None
    due_at: datetime | None = None
    ends_by: datetime | None = None
    records: Judged = NOTHING
    seconds: Judged = NOTHING


@dataclass(frozen=True)
class Health:
    """How the sync side fares at one instant: the problems, the worst of them first, and each source."""

    at: datetime
    problems: tuple[Problem, ...]
    sources: tuple[SourceHealth, ...]
    runs: tuple[PastRun, ...]


@dataclass(frozen=True)
class Begun:
    """A run that has begun and whose end nobody has seen: when it is too long, and when it is tried again."""

    at: datetime
    too_long_at: datetime
    again_at: datetime | None
    gone: bool


def look_at_health(site: Site) -> Health:
    """Return how the sync side of the site fares now; nothing is written. Errors: OSError."""
    return _Look(site, clock.now()).health()


@dataclass
class _Look:
    """One look: what was written down, read once."""

    site: Site
    now: datetime

    def __post_init__(self) -> None:
        first = self.now - self.site.health.look_back
        known = (run for run in past_runs(self.site.var / "runs", since=first.astimezone(UTC)))
        self.runs = tuple(run for run in known if run.started_at <= self.now + AHEAD)
        self.pulse = read_pulse(self.site)
        self.claims = read_claims(claims_path(self.site))
        self.pauses, self.unreadable = _pauses(self.site)

    def health(self) -> Health:
        """Return the whole of it."""
        sources = tuple(self._source(name) for name in sorted(self.site.sources))
        found = [
            *self._unreadable(),
            *(problem for name in sorted(self.site.sources) for problem in self._dead_man(name)),
            *(problem for told in sources for problem in self._unusual(told)),
            *failures(self.site, self.runs, self._is_tried_again),
            *near_days(self.runs, self.now),
            *alerts_not_sent(self.site),
            *worklists_not_told(self.site),
        ]
        worst_first = sorted(found, key=lambda one: (one.passing, -one.exit_code, one.key))
        return Health(self.now, tuple(worst_first), sources, self.runs)

    def _source(self, name: str) -> SourceHealth:
        settings = self.site.health
        nights = nights_of(self.site, name, self.runs)
        last = next((run for run in self.runs if name in run.sources), None)
        begun = self._begun(name)
        return SourceHealth(
            name,
            self._is_paused(name, self.now),
            last,
            good=next(iter(nights), None),
            due_at=self._due_at(name, begun),
            ends_by=begun.too_long_at if begun and not begun.gone else None,
            records=judge_records(nights, settings),
            seconds=judge_seconds(nights, settings),
        )

    def _due_at(self, name: str, begun: Begun | None) -> datetime | None:
        """Return when the next run is to begin; what stays in the past was missed. A pause moves it."""
        if missed := self._missed(name, begun):
            return missed[0]
        ends = [pause.ends_at for pause in self.pauses if pause.of(name) and pause.stands(self.now)]
        if None in ends:
            return None
        if not ends and not self.unreadable and (begun is None or begun.gone):
            again = self.standings[name].due_since(self.site.schedule.retry, name)
            if again is not None:
                return again
        zone = ZoneInfo(self.site.time_zone)
        return slot_after(
            self.site.timetable(name), zone, max([self.now, *(end - MOMENT for end in ends if end)])
        )

    @cached_property
    def standings(self) -> dict[str, Standing]:
        """Return how each source's latest slot stands. Errors: PausesUnreadable."""
        return standings(self.site, self.now)

    def _unreadable(self) -> Iterator[Problem]:
        if self.unreadable:
            changed = datetime.fromtimestamp(pauses_path(self.site).stat().st_mtime, UTC)
            yield Problem.of(STATE_UNREADABLE, changed, about="state/pauses.json")

    def _dead_man(self, name: str) -> Iterator[Problem]:
        """Yield that no run began, or that one began and did not end."""
        begun = self._begun(name)
        if begun is not None and (begun.gone or self.now > begun.too_long_at):
            again_by = begun.again_at and begun.again_at + self.site.health.begin_within
            passing = begun.gone and again_by is not None and self.now <= again_by
            yield Problem.of(NOT_ENDED, begun.at, source=name, passing=passing)
        if missed := self._missed(name, begun):
            yield Problem.of(NOT_BEGUN, missed[0], count=len(missed), source=name)

    def _missed(self, name: str, begun: Begun | None) -> list[datetime]:
        """Return the slots since the last run that have come and gone, and for which no run has begun."""
        if self._is_paused(name, self.now):
            return []
        last = max((run.started_at for run in self.runs if name in run.sources), default=None)
        since = max(
            [self._known_since(name), self.now - self.site.health.look_back]
            + [at for at in (last, begun.at if begun else None) if at]
        )
        until = self.now - self.site.health.begin_within - MOMENT
        if since >= until:
            return []
        zone = ZoneInfo(self.site.time_zone)
        missed = slots(self.site.timetable(name), zone, since, until)
        return [slot for slot in missed if not self._is_paused(name, slot)]

    def _known_since(self, name: str) -> datetime:
        """Return since when the source is to be run: as the scheduler knows, else since its file was written.

        A host on which no scheduler was ever begun has nothing written down, and is the deadest of all.
        """
        if name in self.claims:
            return self.claims[name].known_since
        path = self.site.folder / "sources" / f"{name}.yaml"
        return datetime.fromtimestamp(path.stat().st_mtime, UTC) if path.is_file() else self.now

    def _is_paused(self, name: str, at: datetime) -> bool:
        covering = (pause for pause in self.pauses if pause.of(name))
        return any(pause.covers(at) or (at == self.now and pause.stands(at)) for pause in covering)

    def _begun(self, name: str) -> Begun | None:
        """Return the run that has begun on the source and not ended, if there is one."""
        claim, pulse = self._open_claim(name), self._open_pulse(name)
        if claim is None and pulse is None:
            return None
        schedule, limits = self.site.schedule, self.site.limits
        at = max(one for one in (claim, pulse and pulse.begun_at) if one)
        minutes = schedule.longest_run_minutes if claim is not None else limits.run_minutes
        slack = timedelta(seconds=schedule.stop_within_seconds) + self.site.health.begin_within
        tries = self.claims[name].begun if claim is not None else 0
        again = at + schedule.retry.wait if 0 < tries <= schedule.retry.times else None
        its_own = pulse is not None and pulse.begun_at >= at - SOON
        gone = its_own and pulse is not None and pulse.is_silent(self.now)
        return Begun(at, at + timedelta(minutes=minutes) + slack, again, gone)

    def _open_claim(self, name: str) -> datetime | None:
        claim = self.claims.get(name, Claim(self.now))
        if claim.begun_at is None or claim.begun_at > self.now + AHEAD:
            return None
        ended = any(name in run.sources and run.started_at >= claim.begun_at for run in self.runs)
        return None if ended else claim.begun_at

    def _open_pulse(self, name: str) -> Pulse | None:
        pulse = self.pulse
        if pulse is None or name not in pulse.sources or pulse.begun_at > self.now + AHEAD:
            return None
        ended = (self.site.var / "runs" / f"{pulse.run_id}.json").exists()
        later = any(name in run.sources and run.started_at >= pulse.begun_at for run in self.runs)
        return None if ended or later else pulse

    def _unusual(self, told: SourceHealth) -> Iterator[Problem]:
        """Yield that the last good night was too fast, or brought far fewer records, and since when."""
        night, settings = told.good, self.site.health
        provider = self.site.sources[told.source].provider
        nights = nights_of(self.site, told.source, self.runs) if night else []
        if night is not None and told.seconds.verdict is Verdict.FAR_LESS:
            since = since_when(nights, judge_seconds, settings)
            yield Problem.of(TOO_FAST, since, source=told.source, provider=provider)
        if night is not None and told.records.verdict is Verdict.FAR_LESS:
            since = since_when(nights, judge_records, settings)
            lost = round((told.records.usual or 0) - night.records)
            yield Problem.of(FAR_FEWER, since, count=lost, source=told.source, provider=provider)

    def _is_tried_again(self, name: str) -> bool:
        """Return whether the schedule runs the source again by itself, and is not late with it."""
        if self.unreadable:
            return False
        since = self.standings[name].due_since(self.site.schedule.retry, name)
        return since is not None and self.now <= since + self.site.health.begin_within


def _pauses(site: Site) -> tuple[list[Pause], ViaductError | None]:
    try:
        return read_pauses(site), None
    except PausesUnreadable as error:
        return [], error
