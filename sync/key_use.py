"""When each key was last used, as far as the run history of this machine tells it."""

from datetime import date
from pathlib import Path
from typing import Any

from common.clock import day_of
from scheduler import past_runs

EVERY_RUN = ("log", "memory")
"""Of every run, whatever it sent: its leaf is signed, its index is keyed."""
SENDING = ("signing", "council")


def last_used(runs: Path) -> dict[str, date]:
    """Return the day of each role's last use: in Europe/London, of the roles that a run uses.

    Given:   the folder of the run summaries. A role that is absent was not used here, or not by a run.
    """
    found: dict[str, date] = {}
    for run in past_runs(runs):
        day = day_of(run.summary["started_at"])
        for role in _used(run.summary):
            found.setdefault(role, day)
    return found


def _used(summary: dict[str, Any]) -> list[str]:
    flows = [*summary.get("flows", ()), *summary.get("earlier_batches", ())]
    used = [*EVERY_RUN] if summary.get("log") else []
    for flow in flows:
        if flow.get("batch_id"):
            used += [*SENDING, f"pseudonym-{flow['flow']}"]
        if flow.get("receipt"):
            used.append("receipt")
    return used
