"""Days and times as the sample CRM writes them, and the working days of England in 2022."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

FIRST_DAY = date(2022, 4, 1)
LAST_DAY = date(2022, 11, 30)

# Source: GOV.UK, bank holidays in England and Wales; 19 September was the State Funeral.
BANK_HOLIDAYS = frozenset(
    date(2022, month, day)
    for month, day in ((1, 3), (4, 15), (4, 18), (5, 2), (6, 2), (6, 3), (8, 29), (9, 19), (12, 26), (12, 27))
)


def is_working(day: date) -> bool:
    """Return whether offices in England are open on the day."""
    return day.weekday() < 5 and day not in BANK_HOLIDAYS


def working_day_after(day: date, count: int) -> date:
    """Return the count-th working day after the day; for 0 the day itself or the next working one."""
    wanted = count if is_working(day) else max(count, 1)
    while wanted:
        day += timedelta(days=1)
        wanted -= is_working(day)
    return day


def working_days_between(first: date, last: date) -> int:
    """Return how many working days lie after the first day, up to and including the last."""
    span = (first + timedelta(days=step) for step in range(1, (last - first).days + 1))
    return sum(is_working(day) for day in span)


def day_text(day: date | None) -> str:
    """Return the day as the CRM exports it, dd/mm/yyyy; empty for none."""
    return day.strftime("%d/%m/%Y") if day else ""


def clock_text(minutes: int) -> str:
    """Return minutes after midnight as HH:MM."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def instant_text(day: date, minutes: int) -> str:
    """Return day and time as the CRM exports an instant, dd/mm/yyyy HH:MM."""
    return f"{day_text(day)} {clock_text(minutes)}"


def read_day(text: str) -> date:
    """Return the day that the CRM wrote as dd/mm/yyyy."""
    day, month, year = text.split("/")
    return date(int(year), int(month), int(day))


@dataclass(frozen=True, order=True)
class Moment:
    """A day and a minute of it; the minute is None where the CRM holds no time."""

    day: date
    minutes: int | None = None

    @property
    def clock(self) -> str:
        """Return the time as HH:MM, or nothing."""
        return "" if self.minutes is None else clock_text(self.minutes)

    @property
    def known_minutes(self) -> int:
        """Return the minute, taking the opening of the office where no time is held."""
        return 9 * 60 if self.minutes is None else self.minutes


def office_time(draw: Random, day: date, after: Moment) -> int:
    """Return a minute of the office day, later than the given moment if it falls on the same day."""
    earliest = 9 * 60 if after.day != day else min(after.known_minutes + 5, 24 * 60 - 1)
    return draw.randint(earliest, max(earliest, 17 * 60 + 45))


def age_on(born: date, day: date) -> int:
    """Return the age in whole years."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))
