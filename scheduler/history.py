"""The history of runs, as their summaries tell it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from common import log

LOG = log.get("scheduler")
NAMED = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True)
class PastRun:
    """One run: when it began and ended, which sources it was to pull, which of them to try again."""

    run_id: str
    started_at: datetime
    ended_at: datetime
    exit_code: int
    sources: frozenset[str]
    to_try_again: frozenset[str]
    summary: dict[str, Any] = field(repr=False)


def past_runs(folder: Path, since: datetime | None = None) -> Iterator[PastRun]:
    """Yield the runs whose summaries lie in the folder, newest first; an unreadable one is passed over.

    Given: `since`, in UTC: runs that are named for an earlier second are not looked at.
    """
    first = since.strftime(NAMED) if since else ""
    for path in sorted(folder.glob("*.json"), reverse=True):
        if path.name < first:
            return
        run = _read(path)
        if run is not None and not run.summary.get("dry_run"):
            yield run


def _read(path: Path) -> PastRun | None:
    try:
        summary = json.loads(path.read_bytes())
        started_at = _at(summary["started_at"])
        ended = summary.get("ended_at")
        pulled = [source["source"] for source in summary["sources"]]
        return PastRun(
            run_id=str(summary["run_id"]),
            started_at=started_at,
            ended_at=_at(ended) if ended else started_at,
            exit_code=int(summary["exit_code"]),
            sources=frozenset(summary.get("asked", pulled)),
            to_try_again=frozenset(summary.get("to_try_again", ())),
            summary=summary,
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        LOG.warning("run_summary_unreadable", error=error)
        return None


def _at(said: str) -> datetime:
    at = datetime.fromisoformat(said)
    if at.tzinfo is None:
        raise ValueError("an instant without a zone")
    return at


def last_started(folder: Path, sources: set[str]) -> dict[str, datetime]:
    """Return, per source, when the last run began that was to pull it; sources never pulled are absent."""
    found: dict[str, datetime] = {}
    for run in past_runs(folder):
        for source in (run.sources & sources) - set(found):
            found[source] = run.started_at
        if set(found) == sources:
            break
    return found
