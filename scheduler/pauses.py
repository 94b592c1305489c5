"""Pauses: who let the runs of a source, or of the whole site, rest, why and until when."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from filelock import FileLock

from common import clock, log
from common.clock import LONDON
from common.files import private_folder, write_atomic
from config.site import Site
from scheduler.errors import PausesUnreadable

LOG = log.get("scheduler")
KEPT = timedelta(days=90)


@dataclass(frozen=True)
class Pause:
    """One pause: of a source, or of the site where none is named; `until` is the first day of runs again."""

    since: datetime
    by: str
    reason: str
    source: str | None = None
    until: date | None = None
    resumed_at: datetime | None = None
    resumed_by: str | None = None

    @property
    def ends_at(self) -> datetime | None:
        """Return the instant from which it no longer stands; None if nobody knows yet."""
        if self.resumed_at is not None or self.until is None:
            return self.resumed_at
        return datetime.combine(self.until, time(), LONDON).astimezone(UTC)

    def stands(self, now: datetime) -> bool:
        """Return whether it stands; one whose beginning a clock set back has not reached stands too."""
        return self.ends_at is None or now < self.ends_at

    def covers(self, slot: datetime) -> bool:
        """Return whether the slot falls into it: then it is not made good afterwards."""
        return self.since <= slot and (self.ends_at is None or slot < self.ends_at)

    def of(self, source: str) -> bool:
        """Return whether it is the source's, or the whole site's."""
        return self.source in {None, source}

    def to_json(self) -> dict[str, Any]:
        """Return it as the state file and `status --json` write it."""
        return {
            name: clock.stamp(value)
            if isinstance(value, datetime)
            else str(value)
            if isinstance(value, date)
            else value
            for name, value in vars(self).items()
        }


def pauses_path(site: Site) -> Path:
    """Return where the pauses stand."""
    return site.var / "state" / "pauses.json"


def read_pauses(site: Site) -> list[Pause]:
    """Return every pause that is kept, those that have ended too. Errors: PausesUnreadable."""
    path, failed = pauses_path(site), None
    if not path.exists():
        return []
    try:
        told = json.loads(path.read_bytes())
        if isinstance(told, list):
            return [_pause(said) for said in told]
    except (ValueError, KeyError, TypeError) as error:
        failed = error
    LOG.error("pauses_unreadable", error=failed)
    raise PausesUnreadable(f"state/{path.name}")


def standing_pauses(site: Site) -> list[Pause]:
    """Return the pauses that stand now: the site's first, then those of sources. Errors: PausesUnreadable."""
    now = clock.now()
    found = [pause for pause in read_pauses(site) if pause.stands(now)]
    return sorted(found, key=lambda pause: pause.source or "")


def paused_sources(site: Site) -> list[str]:
    """Return the sources that are not to be run now. Errors: PausesUnreadable."""
    standing = standing_pauses(site)
    return [source for source in sorted(site.sources) if any(pause.of(source) for pause in standing)]


def begin_pause(site: Site, pause: Pause) -> None:
    """Write the pause down, in the place of the source's last. Errors: PausesUnreadable, OSError."""
    _change(site, lambda pauses: [*_ended(pauses, pause.source, pause.by), pause])
    LOG.warning("paused", source=pause.source)


def end_pause(site: Site, source: str | None, by: str) -> None:
    """Write down that the pause of the source, or the site's, is over. Errors: PausesUnreadable, OSError."""
    _change(site, lambda pauses: _ended(pauses, source, by))
    LOG.warning("resumed", source=source)


def _ended(pauses: list[Pause], source: str | None, by: str) -> list[Pause]:
    now = clock.now()
    return [
        replace(one, resumed_at=now, resumed_by=by) if one.source == source and one.stands(now) else one
        for one in pauses
    ]


def _change(site: Site, change: Callable[[list[Pause]], list[Pause]]) -> None:
    path, before = pauses_path(site), clock.now() - KEPT
    private_folder(path.parent)
    with FileLock(path.with_suffix(".lock")):
        kept = [one for one in change(read_pauses(site)) if one.ends_at is None or one.ends_at > before]
        write_atomic(path, json.dumps([pause.to_json() for pause in kept], indent=2).encode())


def _pause(said: dict[str, Any]) -> Pause:
    return Pause(
        since=datetime.fromisoformat(said["since"]),
        by=str(said["by"]),
        reason=str(said["reason"]),
        source=said["source"],
        until=date.fromisoformat(said["until"]) if said["until"] else None,
        resumed_at=datetime.fromisoformat(said["resumed_at"]) if said["resumed_at"] else None,
        resumed_by=said["resumed_by"],
    )
