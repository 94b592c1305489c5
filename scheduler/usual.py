"""What is usual of a source: robust statistics over its own nights, and whether one differs from them.

The middle of the nights and the middle of their distances from it: one wild night moves neither.
Source:  Leys et al. 2013, Detecting outliers: do not use standard deviation around the mean, use absolute
         deviation around the median (J. Exp. Soc. Psychol. 49(4)).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from config.health import HealthSettings
from config.site import Site
from scheduler.history import PastRun
from scheduler.timetable import latest_slot

# Of a normal distribution, the median distance times this is the standard deviation.
OF_SPREAD = 1.4826
SPREADS = 4.0
RELEASED = "accept_drop"


class Verdict(StrEnum):
    """What can be said of a night beside those before it."""

    USUAL = "usual"
    FAR_LESS = "far less than usual"
    TOO_LITTLE_HISTORY = "too little history"


@dataclass(frozen=True)
class Night:
    """What a source gave in one slot: rows that became records, and in how many seconds, if that is told."""

    slot: datetime
    weekday: int
    run_id: str
    started_at: datetime
    records: int
    seconds: float | None
    complete: bool
    released: bool


@dataclass(frozen=True)
class Judged:
    """A number of the last good night beside its usual; the usual is that of so many nights."""

    verdict: Verdict
    number: float | None = None
    usual: float | None = None
    nights: int = 0

    def to_json(self) -> dict[str, Any]:
        """Return it as `health --json` prints it."""
        return {**vars(self), "verdict": self.verdict.value}


Judge = Callable[[Sequence["Night"], HealthSettings], Judged]
NOTHING = Judged(Verdict.TOO_LITTLE_HISTORY)


def nights_of(site: Site, source: str, runs: Iterable[PastRun]) -> list[Night]:
    """Return the good nights of the source, the newest first; of runs for one slot the last good one.

    Given: runs, the newest first. A night belongs to the weekday of its slot, in the site's zone.
    """
    zone, found = ZoneInfo(site.time_zone), dict[datetime, Night]()
    for run in runs:
        told = next((part for part in run.summary["sources"] if part["source"] == source), None)
        if source not in run.sources or told is None or told.get("error") or not told.get("exports"):
            continue
        slot = latest_slot(site.timetable(source), zone, run.started_at)
        found.setdefault(slot, _night(run, told, slot, slot.astimezone(zone).weekday()))
    return list(found.values())


def _night(run: PastRun, told: dict[str, Any], slot: datetime, weekday: int) -> Night:
    return Night(
        slot=slot,
        weekday=weekday,
        run_id=run.run_id,
        started_at=run.started_at,
        records=sum(int(counts.get("read", 0)) for counts in told["exports"].values()),
        seconds=run.summary.get("source_seconds", {}).get(told["source"]),
        complete=bool(told.get("complete", True)),
        released=RELEASED in run.summary.get("accepted", ()),
    )


def judge_records(nights: Sequence[Night], settings: HealthSettings) -> Judged:
    """Return whether the first night gave far fewer records than that weekday's usual.

    Given: nights, the newest first. What somebody released as a drop is the new usual: nights before it do
           not count any more, and the night itself is not judged.
    """
    if not nights or nights[0].released:
        return NOTHING
    tonight, before = nights[0], _since_released(nights[1:])
    values = [
        night.records for night in before if _alike(night, tonight) and night.weekday == tonight.weekday
    ]
    if len(values) < settings.least_nights:
        return Judged(Verdict.TOO_LITTLE_HISTORY, tonight.records, nights=len(values))
    middle, spread = _middle(values)
    lost = middle - tonight.records
    counts = lost >= settings.fewer_records or (middle >= 5 and lost > middle / 2)
    far = counts and lost > max(SPREADS * spread, middle * settings.fewer_percent / 100)
    return Judged(_verdict(far), tonight.records, middle, len(values))


def judge_seconds(nights: Sequence[Night], settings: HealthSettings) -> Judged:
    """Return whether the first night took far less time than the source's own usual; as `judge_records`."""
    if not nights or nights[0].seconds is None:
        return NOTHING
    tonight = nights[0]
    values = [night.seconds for night in nights[1:] if _alike(night, tonight) and night.seconds is not None]
    if len(values) < settings.least_nights:
        return Judged(Verdict.TOO_LITTLE_HISTORY, tonight.seconds, nights=len(values))
    middle, _ = _middle(values)
    seconds = nights[0].seconds
    far = middle >= settings.fast_seconds and seconds < middle * settings.fast_percent / 100
    far = far and seconds < min(values)
    return Judged(_verdict(far), tonight.seconds, middle, len(values))


def since_when(nights: Sequence[Night], judge: Judge, settings: HealthSettings) -> datetime:
    """Return when the first of those nights began that are all, down to the last, far less than usual.

    Given: nights, the newest first, and it far less than usual. What lasts is one problem, not one a night.
    """
    first = nights[0]
    for at in range(1, len(nights)):
        if judge(nights[at:], settings).verdict is not Verdict.FAR_LESS:
            break
        first = nights[at]
    return first.started_at


def _since_released(nights: Sequence[Night]) -> Sequence[Night]:
    last = next((at for at, night in enumerate(nights) if night.released), len(nights) - 1)
    return nights[: last + 1]


def _alike(one: Night, other: Night) -> bool:
    """Return whether both were pulled alike: what reads only what changed is no measure of a whole night."""
    return one.complete == other.complete


def _middle(values: Sequence[float]) -> tuple[float, float]:
    middle = float(median(values))
    return middle, OF_SPREAD * float(median(abs(value - middle) for value in values))


def _verdict(far: bool) -> Verdict:
    return Verdict.FAR_LESS if far else Verdict.USUAL
