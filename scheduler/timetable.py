"""Which slots a timetable has: plain calendar arithmetic in the site's zone, over both nights it changes."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from config.timetable import Day, Timetable

DAYS = list(Day)
LOOK_BACK = timedelta(days=8)
MOMENT = timedelta(microseconds=1)


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


def latest_slot(timetable: Timetable, zone: ZoneInfo, now: datetime) -> datetime:
    """Return the last slot that has come; every timetable has one a week."""
    return max(slots(timetable, zone, now - LOOK_BACK, now))


def slot_after(timetable: Timetable, zone: ZoneInfo, moment: datetime) -> datetime:
    """Return the first slot after the moment."""
    return next(slots(timetable, zone, moment, moment + LOOK_BACK))
