"""Days after which something does not run, as the last run told them: near, or passed."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from common.clock import LONDON
from scheduler.history import PastRun
from scheduler.problems import DAY_PASSED, Problem
from scheduler.who_acts import Actor

NEAR = timedelta(days=7)
KEYS = "keys/"


def near_days(runs: Sequence[PastRun], now: datetime) -> Iterator[Problem]:
    """Yield the days within a week, and those passed, that the last run told of; its count: days left.

    Given:  runs, the newest first. What begins only and what is waived is nobody's to act on; a flow's own
            key does not stop it and is told by `status`.
    """
    today = now.astimezone(LONDON).date()
    for told in runs[0].summary.get("days", ()) if runs else ():
        last_day = date.fromisoformat(told["on"])
        if told["begins"] or told["waived"] or told["stops"] == "nothing" or last_day - today > NEAR:
            continue
        since = datetime.combine(last_day - NEAR, time(), LONDON).astimezone(UTC)
        problem = Problem.of(DAY_PASSED, since, count=max(0, (last_day - today).days), about=told["path"])
        passed, of_it = last_day < today, told["path"].startswith(KEYS)
        yield replace(
            problem,
            actor=Actor.IT if of_it else problem.actor,
            exit_code=problem.exit_code if passed else 0,
        )
