"""Which run is due when: plain calendar arithmetic in the site's zone, over both nights the clocks change."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from common import clock
from config.settings import Day, Timetable
from config.site import Site
from scheduler.history import last_started

DAYS = list(Day)
LOOK_BACK = timedelta(days=8)


@dataclass(frozen=True)
class Due:
    """A run that is due: for which source, since or from when, and when the last one began."""

    source: str
    due_at: datetime
    last_started_at: datetime | None


def slots(timetable: Timetable, zone: ZoneInfo, after: datetime, until: datetime) -> Iterator[datetime]:
    """Yield every instant (UTC) in (after, until] at which the timetable asks for a run."""
    day, last = after.astimezone(zone).date(), until.astimezone(zone).date()
    while day <= last:
        if DAYS[day.weekday()] in timetable.days:
            for time in timetable.times:
                instant = datetime.combine(day, time, zone).astimezone(UTC)
                if after < instant <= until:
                    yield instant
        day += timedelta(days=1)


def overdue(site: Site) -> list[Due]:
    """Return the sources whose latest slot has passed with no run begun since; one entry each.

    Given:   the run history; a source that was never pulled waits for its first slot and is not overdue.
    """
    now, zone = clock.now(), ZoneInfo(site.time_zone)
    begun = last_started(site.var / "runs", set(site.sources))
    found = []
    for source in sorted(begun):
        latest = max(slots(site.timetable(source), zone, now - LOOK_BACK, now), default=None)
        if latest is not None and begun[source] < latest:
            found.append(Due(source, latest, begun[source]))
    return found


def next_due(site: Site) -> list[Due]:
    """Return the next slot of every source."""
    now, zone = clock.now(), ZoneInfo(site.time_zone)
    begun = last_started(site.var / "runs", set(site.sources))
    found = []
    for source in sorted(site.sources):
        first = next(slots(site.timetable(source), zone, now, now + LOOK_BACK), None)
        if first is not None:
            found.append(Due(source, first, begun.get(source)))
    return found
