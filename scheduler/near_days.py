"""Days after which something does not run, as the last run told them: near, or passed."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from common.clock import LONDON
from scheduler.history import PastRun
from scheduler.problems import DAY_PASSED, STATE_UNREADABLE, Problem
from scheduler.who_acts import Actor

KEYS, LANDING = "keys/", "landing/"
NEAR = {LANDING: (30, 7, 1)}
"""From how many days before its day on something is told, by where it stands; it is news again at each."""
USUALLY = (7,)


def near_days(runs: Sequence[PastRun], now: datetime) -> Iterator[Problem]:
    """Yield the days that are near, and those passed, that the last run told of; its count: days left.

    Given:  runs, the newest first. What begins only and what is waived is nobody's to act on; a flow's own
            key does not stop it and is told by `status`. What cannot be read of a run's days is a problem.
    """
    said = runs[0].summary.get("days", ()) if runs else ()
    for told in said if isinstance(said, list | tuple) else (None,):
        match told:
            case {"on": str(on), "path": str(path), "stops": str(stops), "begins": bool(begins)} if _day(on):
                if not (begins or told.get("waived") or stops == "nothing"):
                    yield from near_day(date.fromisoformat(on), path, now)
            case _:
                about = f"runs/{runs[0].run_id}.json"
                yield Problem.of(STATE_UNREADABLE, runs[0].started_at, about=about)
                return


def near_day(last_day: date, path: str, now: datetime) -> Iterator[Problem]:
    """Yield the problem that one day is, once it is near; it counts for the exit code once it has passed.

    Given: the last day on which what it is of may be relied on, and where it stands.
    """
    left = (last_day - now.astimezone(LONDON).date()).days
    bands = next((bands for place, bands in NEAR.items() if path.startswith(place)), USUALLY)
    band = min((band for band in bands if left <= band), default=None)
    if band is None:
        return
    since = datetime.combine(last_day - timedelta(days=band), time(), LONDON).astimezone(UTC)
    problem = Problem.of(DAY_PASSED, since, count=max(0, left), about=path)
    actor = Actor.IT if path.startswith((KEYS, LANDING)) else problem.actor
    yield replace(problem, actor=actor, exit_code=problem.exit_code if left < 0 else 0)


def _day(said: Any) -> bool:
    try:
        return bool(date.fromisoformat(said))
    except ValueError:
        return False
