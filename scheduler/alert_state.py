"""What was told to whom, and which ways failed: in state/alerts.json; codes, names and instants alone."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from common import log
from common.files import write_atomic
from config.site import Site
from scheduler.alerts import Known
from scheduler.problems import ALERT_NOT_SENT, Problem

LOG = log.get("scheduler")


@dataclass(frozen=True)
class Failing:
    """A way that fails: since when, and how often it was tried."""

    since: datetime
    times: int


@dataclass
class AlertState:
    """By way: what was told, and whether it fails."""

    told: dict[str, dict[str, Known]] = field(default_factory=dict)
    failing: dict[str, Failing] = field(default_factory=dict)

    def failed(self, route: str, now: datetime) -> None:
        """Note that the way failed once more."""
        before = self.failing.get(route)
        self.failing[route] = Failing(before.since, before.times + 1) if before else Failing(now, 1)


def alerts_path(site: Site) -> Path:
    """Return where it stands."""
    return site.var / "state" / "alerts.json"


def read_alerts(site: Site) -> AlertState:
    """Return what was told; where that cannot be read, nothing: told twice is better than never."""
    path = alerts_path(site)
    try:
        return _read(json.loads(path.read_bytes()))
    except FileNotFoundError:
        return AlertState()
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        LOG.warning("alerts_unreadable", error=error)
        return AlertState()


def write_alerts(site: Site, state: AlertState) -> None:
    """Write it down, whole or not at all. Errors: OSError."""
    told = {way: {one.key: _said(one) for one in known.values()} for way, known in state.told.items()}
    failing = {
        way: {"since": one.since.isoformat(), "times": one.times} for way, one in state.failing.items()
    }
    content = json.dumps({"told": told, "failing": failing}, sort_keys=True, indent=1)
    write_atomic(alerts_path(site), f"{content}\n".encode())


def alerts_not_sent(site: Site) -> Iterator[Problem]:
    """Yield each way that fails, as a problem for IT."""
    if site.alerts is None:
        return
    for way, failing in sorted(read_alerts(site).failing.items()):
        yield Problem.of(ALERT_NOT_SENT, failing.since, count=failing.times, about=way)


def _read(said: dict[str, Any]) -> AlertState:
    told = {way: {key: _known(key, one) for key, one in known.items()} for way, known in said["told"].items()}
    failing = {way: Failing(_at(one["since"]), int(one["times"])) for way, one in said["failing"].items()}
    return AlertState(told, failing)


def _known(key: str, said: dict[str, Any]) -> Known:
    since, told_at = _at(said["since"]), _at(said["told_at"])
    return Known(key, str(said["code"]), int(said["exit_code"]), str(said["place"]), since, told_at)


def _said(one: Known) -> dict[str, Any]:
    instants = {"since": one.since.isoformat(), "told_at": one.told_at.isoformat()}
    return {"code": one.code, "exit_code": one.exit_code, "place": one.place, **instants}


def _at(said: str) -> datetime:
    at = datetime.fromisoformat(said)
    if at.tzinfo is None:
        raise ValueError("an instant without a zone")
    return at
