"""Which sources are due at this moment: from the calendar, the history of runs and what was begun.

One function decides for the daemon, for `run --due` from cron and for what `status` tells, and it decides
again while the lock of the run is held: so a slot is run once, whoever is asked to run it, however often.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from filelock import FileLock

from common import clock
from common.files import private_folder
from config.site import Site
from config.timetable import Retry
from scheduler.ahead import note_ahead, read_ahead
from scheduler.claims import Claim, read_claims, write_claims
from scheduler.errors import NothingDue
from scheduler.history import PastRun, last_started, past_runs
from scheduler.pauses import read_pauses, standing_pauses
from scheduler.timetable import LOOK_BACK, MOMENT, latest_slot, slot_after

# A clock that ran ahead leaves runs and claims in the future: so far off they tell nothing of tonight.
AHEAD = timedelta(hours=2)


@dataclass(frozen=True)
class Due:
    """A run that is due: for which source, since or from when, and when the last one began."""

    source: str
    due_at: datetime
    last_started_at: datetime | None


@dataclass(frozen=True)
class Standing:
    """What is known of one source's latest slot: what was begun of it, and which runs ended, newest first."""

    slot: datetime
    claim: Claim
    runs: tuple[PastRun, ...]
    paused: bool = False
    fell_into_a_pause: bool = False

    @property
    def missed(self) -> bool:
        """Return whether the slot has come, was not to be passed over, and no run of it has ended."""
        passed_over = self.paused or self.fell_into_a_pause or self.slot <= self.claim.known_since
        return not self.runs and not passed_over

    def due_since(self, retry: Retry, source: str) -> datetime | None:
        """Return from when on the source is to be run for this slot; None if nothing more is."""
        begun = max(self._begun, len(self.runs))
        if not begun:
            return self.slot if self.missed else None
        if begun > retry.times or self.paused:
            return None
        if self._cut_off is not None:
            return self._cut_off + retry.wait
        last, first = self.runs[0], self._first_begun_at
        if source not in last.to_try_again or last.ended_at + retry.wait > first + retry.window:
            return None
        return last.ended_at + retry.wait

    @property
    def _begun(self) -> int:
        return self.claim.begun if self.claim.slot == self.slot else 0

    @property
    def _cut_off(self) -> datetime | None:
        """Return when the run began that was begun and never ended; None if the last one ended."""
        began = self.claim.begun_at if self._begun else None
        ended = began is not None and any(run.started_at >= began for run in self.runs)
        return None if ended else began

    @property
    def _first_begun_at(self) -> datetime:
        claimed = self.claim.first_begun_at if self._begun else None
        return min(filter(None, [claimed, self.runs[-1].started_at]))


def due_now(site: Site) -> tuple[str, ...]:
    """Return the sources to be pulled at this moment, in one run."""
    now, retry = clock.now(), site.schedule.retry
    found = []
    for source, standing in standings(site, now).items():
        since = standing.due_since(retry, source)
        if since is not None and since <= now:
            found.append(source)
    return tuple(found)


def claim_due(site: Site) -> tuple[str, ...]:
    """Return the sources to be pulled now, once it stands on the disk that they are begun.

    Given:  the lock of the run is held by the caller.
    Errors: NothingDue, OSError.
    """
    due, now = due_now(site), _second(clock.now())
    if not due:
        raise NothingDue
    begun = standings(site, now)
    _write(site, {source: begun[source].claim.again(begun[source].slot, now) for source in due})
    return due


def notice(site: Site) -> None:
    """Write down since when each source is known, if that is new: its slots from now on are due.

    And what a clock that ran ahead has left: the hour that such a run is named for will come once more.
    """
    now = _second(clock.now())
    known = read_claims(claims_path(site))
    believed = _known(site, now)
    if new := {source: believed[source] for source in site.sources if known.get(source) != believed[source]}:
        _write(site, new)
    note_ahead(site.var, now + AHEAD, now - LOOK_BACK)


def overdue(site: Site) -> list[Due]:
    """Return the sources whose latest slot has passed with no run ended since; one entry each.

    Given:   a source that was never pulled waits for its first slot and is not overdue; one that is paused,
             or whose slot fell into a pause, is not either.
    """
    begun = last_started(site.var / "runs", set(site.sources))
    return [
        Due(source, standing.slot, begun.get(source))
        for source, standing in standings(site, clock.now()).items()
        if standing.missed
    ]


def next_due(site: Site) -> list[Due]:
    """Return the next slot of every source, behind its pause; none of a source whose pause has no end."""
    now, zone, pauses = clock.now(), ZoneInfo(site.time_zone), standing_pauses(site)
    begun = last_started(site.var / "runs", set(site.sources))
    found = []
    for source in sorted(site.sources):
        ends = [pause.ends_at for pause in pauses if pause.of(source)]
        if None not in ends:
            first = max([now, *(end - MOMENT for end in ends if end)])
            due_at = slot_after(site.timetable(source), zone, first)
            found.append(Due(source, due_at, begun.get(source)))
    return found


def standings(site: Site, now: datetime) -> dict[str, Standing]:
    """Return how each source's latest slot stands; a source that is new is known from now on."""
    zone, claims, pauses = ZoneInfo(site.time_zone), _known(site, now), read_pauses(site)
    latest = {source: latest_slot(site.timetable(source), zone, now) for source in sorted(site.sources)}
    ahead = read_ahead(site.var)
    ended = [
        run for run in past_runs(site.var / "runs", since=min(latest.values())) if run.run_id not in ahead
    ]
    return {
        source: Standing(
            slot,
            claims[source],
            tuple(run for run in ended if _serves(run, source, slot, now)),
            paused=any(pause.stands(now) for pause in pauses if pause.of(source)),
            fell_into_a_pause=any(pause.covers(slot) for pause in pauses if pause.of(source)),
        )
        for source, slot in latest.items()
    }


def claims_path(site: Site) -> Path:
    """Return where it stands what the scheduler has begun."""
    return site.var / "state" / "slots.json"


def _write(site: Site, told: dict[str, Claim]) -> None:
    path = claims_path(site)
    private_folder(path.parent)
    with FileLock(path.with_suffix(".lock")):
        claims = read_claims(path) | told
        write_claims(path, {source: claim for source, claim in claims.items() if source in site.sources})


def _serves(run: PastRun, source: str, slot: datetime, now: datetime) -> bool:
    return source in run.sources and slot <= run.started_at <= now + AHEAD


def _known(site: Site, now: datetime) -> dict[str, Claim]:
    """Return a claim for every source: as written down, else since its last run, else since now."""
    claims = {source: _believed(claim, now) for source, claim in read_claims(claims_path(site)).items()}
    if new := set(site.sources) - set(claims):
        begun = last_started(site.var / "runs", new)
        claims |= {source: Claim(min(begun.get(source, now), now)) for source in new}
    return claims


def _believed(claim: Claim, now: datetime) -> Claim:
    """Return the claim; of one from a clock that ran ahead only since when the source is known."""
    return claim if (claim.begun_at or now) <= now + AHEAD else Claim(min(claim.known_since, now))


def _second(instant: datetime) -> datetime:
    """Return the instant as summaries write it, so that the two can be compared."""
    return instant.astimezone(UTC).replace(microsecond=0)
