"""Nights by a clock that the test holds: a site, a run history, and a scheduler that looks every minute."""

import json
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from common import clock
from config.documents import read_document
from config.limits import RunLimits
from config.places import KeyFolders, SiteLookups
from config.settings import SiteSettings, SourceSettings
from config.sides import CouncilSide
from config.site import Brakes, Retention, Site
from config.timetable import Retry, Timetable
from scheduler import NothingDue, claim_due, due_now, notice

LONDON = ZoneInfo("Europe/London")
MINUTE = timedelta(minutes=1)


def source(name: str, schedule: Timetable | None = None) -> SourceSettings:
    """Return a source of that name."""
    return SourceSettings(
        name=name,
        connector="folder",
        provider=name,
        mappings={"people": "mappings/people.yaml"},
        schedule=schedule,
    )


def site_at(folder: Path, *sources: SourceSettings, retry: Retry | None = None) -> Site:
    """Return a site in the folder with these sources, two of them if none is given."""
    settings = read_document(Path("config/example/site.yaml"), SiteSettings)
    declared = sources or (source("hub"), source("community_support"))
    return Site(
        folder=folder,
        name="Test",
        sample=True,
        time_zone="Europe/London",
        dpia=folder,
        landing=folder,
        warehouse=folder,
        council_side=CouncilSide.EMBEDDED,
        lake=None,
        keys=KeyFolders(folder, folder),
        lookups=SiteLookups(None, (), None),
        schedule=settings.schedule.model_copy(update={"retry": retry} if retry else {}),
        brakes=Brakes(),
        receipt_within=timedelta(hours=24),
        retention=Retention(),
        limits=RunLimits(),
        sources={one.name: one for one in declared},
        providers={},
        registers=folder,
    )


def ran(
    site: Site,
    at: datetime,
    *sources: str,
    exit_code: int = 0,
    dry_run: bool = False,
    again: Iterable[str] = (),
    minutes: int = 0,
    **told: Any,
) -> None:
    """Write the summary of a run into the site's history; what else it tells is given by name."""
    folder = site.var / "runs"
    folder.mkdir(parents=True, exist_ok=True)
    run_id = f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
    summary = {
        "run_id": run_id,
        "started_at": clock.stamp(at),
        "ended_at": clock.stamp(at + timedelta(minutes=minutes)),
        "exit_code": exit_code,
        "dry_run": dry_run,
        "asked": sorted(sources),
        "to_try_again": sorted(again),
        "sources": [{"source": name} for name in sources],
        **told,
    }
    (folder / f"{run_id}.json").write_text(json.dumps(summary), encoding="utf-8")


@dataclass
class Keeper:
    """A scheduler that looks every minute of a clock that the test holds, and writes down what it ran.

    fails:  the sources of the next runs that fail for a passing reason, run by run; then none does.
    killed: how many of the next runs are killed before they write their summary.
    """

    site: Site
    fails: list[set[str]] = field(default_factory=list)
    killed: int = 0
    minutes: int = 0
    began: list[tuple[datetime, tuple[str, ...]]] = field(default_factory=list)

    def look(self, at: datetime) -> None:
        """Look once, as the daemon and `run --due` do."""
        with clock.frozen(at):
            notice(self.site)
            if not due_now(self.site):
                return
            try:
                sources = claim_due(self.site)
            except NothingDue:
                return
            self.began.append((at.astimezone(UTC), sources))
            if self.killed:
                self.killed -= 1
                return
            again = self.fails.pop(0) if self.fails else set()
            code = 20 if again else 0
            ran(self.site, at, *sources, exit_code=code, again=again, minutes=self.minutes)

    def every_minute(self, first: datetime, last: datetime) -> list[datetime]:
        """Look at every minute from the first to the last instant; return when runs began, in UTC."""
        before = len(self.began)
        for moment in minutes(first, last):
            self.look(moment)
        return [at for at, _ in self.began[before:]]


def minutes(first: datetime, last: datetime) -> Iterator[datetime]:
    """Yield every minute of the time that goes by, in UTC, whatever the clocks on the wall are set to."""
    moment = first.astimezone(UTC)
    while moment <= last.astimezone(UTC):
        yield moment
        moment += MINUTE


def with_sources(site: Site, *sources: SourceSettings) -> Site:
    """Return the site with other sources."""
    return replace(site, sources={one.name: one for one in sources})
