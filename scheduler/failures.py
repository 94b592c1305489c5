"""What the last runs met and have not got over: each error since when, and how many runs on end."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

from config.site import Site
from scheduler.history import PastRun
from scheduler.problems import Problem

Met = dict[str, Any]


def failures(site: Site, runs: Sequence[PastRun], passing: Callable[[str], bool]) -> Iterator[Problem]:
    """Yield what the last run met; per source and flow, what the last run met that reached it.

    Given:  runs, the newest first; which source is about to be tried again by itself.
    """
    for error, since, count in _standing(runs, None, None):
        yield Problem.met(error, since, count=count, passing=_is_tried_again(runs[0], site, passing))
    for source in sorted(site.sources):
        told = [run for run in runs if any(part["source"] == source for part in run.summary["sources"])]
        for error, since, count in _standing(told, source, None):
            again = source in told[0].to_try_again and passing(source)
            provider = site.sources[source].provider
            yield Problem.met(error, since, count=count, provider=provider, passing=again)
    for flow in sorted({error["flow"] for run in runs for error in _met(run) if error["flow"]}):
        told = [run for run in runs if _tells_of(run, flow)]
        for error, since, count in _standing(told, None, flow):
            again = _is_tried_again(told[0], site, passing)
            yield Problem.met(error, since, count=count, passing=again)


def _is_tried_again(run: PastRun, site: Site, passing: Callable[[str], bool]) -> bool:
    return any(passing(source) for source in run.to_try_again & site.sources.keys())


def _tells_of(run: PastRun, flow: str) -> bool:
    """Return whether the run settles what an earlier one met in the flow: it ran the flow, or all there are.

    A run by hand of another flow, or one that stopped before its flows, settles nothing.
    """
    if any(told["flow"] == flow for told in run.summary.get("flows", ())):
        return True
    met = _met(run)
    stopped = any(error["source"] is None and error["flow"] is None for error in met)
    return any(error["flow"] == flow for error in met) or (bool(run.sources) and not stopped)


def _met(run: PastRun) -> Sequence[Met]:
    """Return the run's errors; a summary from before they were told to programs has none."""
    return list(run.summary.get("met", ()))


def _standing(
    runs: Sequence[PastRun], source: str | None, flow: str | None
) -> Iterator[tuple[Met, datetime, int]]:
    """Yield each error of the newest run, since when it is met without a break, and in how many runs."""
    for error in _met(runs[0]) if runs else ():
        if (error["source"], error["flow"]) == (source, flow):
            yield error, *_streak(runs, error)


def _streak(runs: Sequence[PastRun], error: Met) -> tuple[datetime, int]:
    since, count = runs[0].started_at, 0
    names = ("code", "source", "flow")
    for run in runs:
        if not any(all(met[name] == error[name] for name in names) for met in _met(run)):
            break
        since, count = run.started_at, count + 1
    return since, count
