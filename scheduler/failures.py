"""What the last runs met and have not got over: each error since when, and how many runs on end."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

from config.site import Site
from scheduler.history import PastRun
from scheduler.problems import Problem

Met = dict[str, Any]


def failures(site: Site, runs: Sequence[PastRun], passing: Callable[[str], bool]) -> Iterator[Problem]:
    """Yield what the last run met, and per source what the last run met that reached it.

    Given:  runs, the newest first; which source is about to be tried again by itself.
    """
    for source in sorted(site.sources):
        told = [run for run in runs if any(part["source"] == source for part in run.summary["sources"])]
        for error in _met(told[:1], source):
            since, count = _streak(told, error)
            again = source in told[0].to_try_again and passing(source)
            provider = site.sources[source].provider
            yield Problem.met(error, since, count=count, provider=provider, passing=again)
    for error in _met(runs[:1], None):
        since, count = _streak(runs, error)
        again = any(passing(source) for source in runs[0].to_try_again & site.sources.keys())
        yield Problem.met(error, since, count=count, passing=again)


def _met(runs: Sequence[PastRun], source: str | None) -> list[Met]:
    """Return the errors of the source in these runs; None is for those of the run and its flows.

    Given: summaries; one from before they told their errors to programs has none.
    """
    return [error for run in runs for error in run.summary.get("met", ()) if error["source"] == source]


def _streak(runs: Sequence[PastRun], error: Met) -> tuple[datetime, int]:
    """Return since when the error is met without a break, and in how many runs."""
    since, count = runs[0].started_at, 0
    whose = tuple(error[name] for name in ("code", "source", "flow"))
    for run in runs:
        if whose not in {(met["code"], met["source"], met["flow"]) for met in run.summary.get("met", ())}:
            break
        since, count = run.started_at, count + 1
    return since, count
