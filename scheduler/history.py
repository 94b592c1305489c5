"""The history of runs, as their summaries tell it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from common import log

LOG = log.get("scheduler")


@dataclass(frozen=True)
class PastRun:
    """One run: when it began, which sources it pulled, how it ended."""

    run_id: str
    started_at: datetime
    exit_code: int
    sources: frozenset[str]
    summary: dict[str, Any] = field(repr=False)


def past_runs(folder: Path) -> Iterator[PastRun]:
    """Yield the runs whose summaries lie in the folder, newest first; an unreadable one is passed over."""
    for path in sorted(folder.glob("*.json"), reverse=True):
        try:
            summary = json.loads(path.read_bytes())
            run = PastRun(
                run_id=str(summary["run_id"]),
                started_at=datetime.fromisoformat(summary["started_at"]),
                exit_code=int(summary["exit_code"]),
                sources=frozenset(source["source"] for source in summary["sources"]),
                summary=summary,
            )
        except (OSError, ValueError, KeyError, TypeError) as error:
            LOG.warning("run_summary_unreadable", error=error)
            continue
        if not summary.get("dry_run"):
            yield run


def last_started(folder: Path, sources: set[str]) -> dict[str, datetime]:
    """Return, per source, when the last run began that was to pull it; sources never pulled are absent."""
    found: dict[str, datetime] = {}
    for run in past_runs(folder):
        for source in (run.sources & sources) - set(found):
            found[source] = run.started_at
        if set(found) == sources:
            break
    return found
