"""What was laid into each provider's drop, which notices left, and which of the two fails.

Digests and instants alone stand in state/worklists.json. Where it cannot be read, all is laid once more.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from common import log
from common.files import write_atomic
from config.site import Site
from scheduler.alert_state import Failing
from scheduler.problems import NOTICE_NOT_SENT, WORKLIST_NOT_LAID, Problem

LOG = log.get("scheduler")
DROP = "worklist"
MAIL = "notice"
KINDS = {DROP: WORKLIST_NOT_LAID, MAIL: NOTICE_NOT_SENT}


@dataclass(frozen=True)
class Laid:
    """What lies in a provider's drop: the digest of what it says, and the names of its files."""

    digest: str
    files: tuple[str, ...]
    at: datetime


@dataclass
class WorklistState:
    """By provider: what was laid, when it was last written to, who has the notice under way, what fails.

    failing: by provider and DROP or MAIL.
    sent:    by provider, the name of the notice under way and the digests of addresses that have it already.
    """

    laid: dict[str, Laid] = field(default_factory=dict)
    noticed: dict[str, datetime] = field(default_factory=dict)
    sent: dict[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    failing: dict[str, dict[str, Failing]] = field(default_factory=dict)

    def failed(self, provider: str, way: str, now: datetime) -> None:
        """Note that laying or telling failed once more."""
        of = self.failing.setdefault(provider, {})
        before = of.get(way)
        of[way] = Failing(before.since, before.times + 1) if before else Failing(now, 1)

    def went_well(self, provider: str, way: str) -> None:
        """Note that it does not fail any more."""
        self.failing.get(provider, {}).pop(way, None)


def state_path(site: Site) -> Path:
    """Return where it stands."""
    return site.var / "state" / "worklists.json"


def read_state(site: Site) -> WorklistState:
    """Return what was laid and told; where that cannot be read, nothing."""
    try:
        return _read(json.loads(state_path(site).read_bytes()))
    except FileNotFoundError:
        return WorklistState()
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        LOG.warning("worklist_state_unreadable", error=error)
        return WorklistState()


def write_state(site: Site, state: WorklistState) -> None:
    """Write it down, whole or not at all. Errors: OSError."""
    said = {
        "laid": {name: {**vars(one), "at": one.at.isoformat()} for name, one in state.laid.items()},
        "noticed": {name: at.isoformat() for name, at in state.noticed.items()},
        "sent": {name: {"notice": notice, "to": to} for name, (notice, to) in state.sent.items()},
        "failing": {
            name: {way: _said(one) for way, one in of.items()} for name, of in state.failing.items() if of
        },
    }
    write_atomic(state_path(site), f"{json.dumps(said, sort_keys=True, indent=1)}\n".encode())


def worklists_not_told(site: Site) -> Iterator[Problem]:
    """Yield each provider whose drop or whose notices fail, as a problem for IT."""
    failing = read_state(site).failing
    for name, provider in sorted(site.providers.items()):
        wanted = {
            DROP: provider.worklist.drop is not None,
            MAIL: site.findings.notices is not None and not provider.notices.off,
        }
        for way, one in sorted(failing.get(name, {}).items()):
            if wanted.get(way, False):
                about = f"{way} of {name}"
                yield Problem.of(KINDS[way], one.since, count=one.times, provider=name, about=about)


def _read(said: dict[str, Any]) -> WorklistState:
    laid = {
        name: Laid(str(one["digest"]), tuple(map(str, one["files"])), _at(one["at"]))
        for name, one in said["laid"].items()
    }
    noticed = {name: _at(at) for name, at in said["noticed"].items()}
    sent = {name: (str(one["notice"]), tuple(map(str, one["to"]))) for name, one in said["sent"].items()}
    failing = {
        name: {way: Failing(_at(one["since"]), int(one["times"])) for way, one in of.items()}
        for name, of in said["failing"].items()
    }
    return WorklistState(laid, noticed, sent, failing)


def _said(one: Failing) -> dict[str, Any]:
    return {"since": one.since.isoformat(), "times": one.times}


def _at(said: str) -> datetime:
    at = datetime.fromisoformat(said)
    if at.tzinfo is None:
        raise ValueError("an instant without a zone")
    return at
