"""What the scheduler has begun: per source the slot, and how often; written before the run, never after.

The history tells of runs that ended. A run that was killed leaves no summary, and a host that dies with every
run would begin it for ever; so each beginning is written down first.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from common import clock, log
from common.files import write_atomic

LOG = log.get("scheduler")


@dataclass(frozen=True)
class Claim:
    """Since when a source is known, and of its last slot: how often it was begun, first and last when."""

    known_since: datetime
    slot: datetime | None = None
    begun: int = 0
    first_begun_at: datetime | None = None
    begun_at: datetime | None = None

    def again(self, slot: datetime, now: datetime) -> "Claim":
        """Return the claim with one beginning more, of the slot given."""
        if self.slot != slot or self.first_begun_at is None:
            return Claim(self.known_since, slot, 1, now, now)
        return Claim(self.known_since, slot, self.begun + 1, self.first_begun_at, now)


def read_claims(path: Path) -> dict[str, Claim]:
    """Return the claims by source; of a file that cannot be read none, for the history tells what ended."""
    if not path.exists():
        return {}
    try:
        told = json.loads(path.read_bytes())
        return {source: _claim(said) for source, said in told.items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        LOG.warning("slots_unreadable", error=error)
        return {}


def write_claims(path: Path, claims: Mapping[str, Claim]) -> None:
    """Write the claims down, durably. Errors: OSError."""
    told = {source: _told(claim) for source, claim in sorted(claims.items())}
    write_atomic(path, json.dumps(told, indent=2).encode())


def _claim(said: Mapping[str, Any]) -> Claim:
    return Claim(
        known_since=datetime.fromisoformat(said["known_since"]),
        slot=_instant(said["slot"]),
        begun=int(said["begun"]),
        first_begun_at=_instant(said["first_begun_at"]),
        begun_at=_instant(said["begun_at"]),
    )


def _instant(said: str | None) -> datetime | None:
    return datetime.fromisoformat(said) if said else None


def _told(claim: Claim) -> dict[str, str | int | None]:
    return {
        name: clock.stamp(value) if isinstance(value, datetime) else value
        for name, value in vars(claim).items()
    }
