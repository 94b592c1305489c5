"""Runs of a clock that ran ahead: once it is put right they serve no slot, tonight's nor the one they name.

A clock that is a day ahead runs tomorrow's slot today. Whoever looks after it was put right sees a run of the
future; a day later nobody could tell it from one that did run then, and a night would be lost.
"""

import json
from datetime import datetime
from pathlib import Path

from common import log
from common.files import private_folder, write_atomic
from scheduler.history import NAMED, past_runs

LOG = log.get("scheduler")


def read_ahead(var: Path) -> frozenset[str]:
    """Return the ids of runs that a clock that ran ahead has named; of a file that cannot be read none."""
    path = _path(var)
    if not path.exists():
        return frozenset()
    try:
        return frozenset(map(str, json.loads(path.read_bytes())))
    except (ValueError, TypeError) as error:
        LOG.warning("runs_ahead_unreadable", error=error)
        return frozenset()


def note_ahead(var: Path, after: datetime, forget_before: datetime) -> None:
    """Write down which runs began after the instant, which is still to come; say so once for each.

    Given:  runs that are named for a time before `forget_before` are looked at by nobody any more.
    Errors: OSError.
    """
    known = read_ahead(var)
    seen = frozenset(run.run_id for run in past_runs(var / "runs", since=after) if run.started_at > after)
    if new := seen - known:
        LOG.warning("runs_of_the_future", records=len(new))
        kept = [run for run in sorted(known | seen) if run >= forget_before.strftime(NAMED)]
        private_folder(_path(var).parent)
        write_atomic(_path(var), json.dumps(kept).encode())


def _path(var: Path) -> Path:
    return var / "state" / "runs_ahead.json"
