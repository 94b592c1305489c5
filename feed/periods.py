"""The fixed calendar of what is published: months, financial quarters, financial years, and runs of months.

A period of single days is refused on purpose: two periods that differ by a day could be subtracted.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from feed.errors import PeriodNotUnderstood
from feed.model import in_words

FIRST_MONTH = 4
MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")
QUARTER = re.compile(r"([0-9]{4})-([0-9]{2})-Q([1-4])")
YEAR = re.compile(r"([0-9]{4})-([0-9]{2})")
MOST_MONTHS = 120


@dataclass(frozen=True, order=True)
class Period:
    """Whole months with the name they are published under; both days are counted."""

    label: str
    start: date
    end: date

    @property
    def months(self) -> list["Period"]:
        """Return the months of the period, in their order."""
        return [month_of(first) for first in _firsts(self.start, self.end)]

    @property
    def quarters(self) -> list["Period"]:
        """Return the financial quarters that lie wholly within the period, in their order."""
        starts = (first for first in _firsts(self.start, self.end) if first.month % 3 == 1)
        found = (quarter_of(first) for first in starts)
        return [quarter for quarter in found if quarter.end <= self.end]

    @property
    def parts(self) -> list["Period"]:
        """Return the period itself, then its quarters, then its months, each name once."""
        return list({each.label: each for each in (self, *self.quarters, *self.months)}.values())

    @property
    def words(self) -> str:
        """Return the period as a reader says it: 1 April 2022 to 30 November 2022."""
        return f"{in_words(self.start)} to {in_words(self.end)}"


def parse(label: str) -> Period:
    """Return the period of this name.

    Given:   2022-23-Q3 (a financial quarter), 2022-04 (a month), 2022-04..2022-11 (whole months, both
             included), or 2022-23 (a financial year; 2011-12 is a month).
    Errors:  PeriodNotUnderstood.
    """
    first, dots, last = label.partition("..")
    if dots:
        found = _run_of_months(first, last)
    elif quarter := QUARTER.fullmatch(label):
        year, number = _financial_year(quarter[1], quarter[2]), int(quarter[3])
        found = year and year.quarters[number - 1]
    elif month := _month(label):
        found = month_of(month)
    else:
        found = _financial_year(*label.split("-")) if YEAR.fullmatch(label) else None
    if found is None:
        raise PeriodNotUnderstood("--period")
    return found


def month_of(day: date) -> Period:
    """Return the month the day lies in."""
    first = day.replace(day=1)
    return Period(f"{first:%Y-%m}", first, _after(first) - timedelta(days=1))


def quarter_of(day: date) -> Period:
    """Return the financial quarter the day lies in: Q1 begins in April."""
    first = date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
    number = (first.month - FIRST_MONTH) % 12 // 3 + 1
    return Period(f"{_year_label(first)}-Q{number}", first, _after(first, 3) - timedelta(days=1))


def latest_quarter(today: date) -> Period:
    """Return the last financial quarter that is over."""
    return quarter_of(quarter_of(today).start - timedelta(days=1))


def _run_of_months(first: str, last: str) -> Period | None:
    start, end = _month(first), _month(last)
    if start is None or end is None or end < start or _months_between(start, end) >= MOST_MONTHS:
        return None
    if start == end:
        return month_of(start)
    return Period(f"{first}..{last}", start, month_of(end).end)


def _financial_year(first: str, second: str) -> Period | None:
    """Return the year from April to March, or None where the second is not the year after the first."""
    start = int(first)
    if not 1900 <= start <= 2999 or int(second) != (start + 1) % 100:
        return None
    return Period(f"{first}-{second}", date(start, FIRST_MONTH, 1), date(start + 1, FIRST_MONTH - 1, 31))


def _month(text: str) -> date | None:
    found = MONTH.fullmatch(text)
    return date(int(found[1]), int(found[2]), 1) if found and 1900 <= int(found[1]) <= 2999 else None


def _year_label(first: date) -> str:
    start = first.year if first.month >= FIRST_MONTH else first.year - 1
    return f"{start}-{(start + 1) % 100:02d}"


def _firsts(start: date, end: date) -> Iterator[date]:
    first = start
    while first <= end:
        yield first
        first = _after(first)


def _after(first: date, months: int = 1) -> date:
    """Return the first day of the month so many months later."""
    count = first.year * 12 + first.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)


def _months_between(start: date, end: date) -> int:
    return (end.year - start.year) * 12 + end.month - start.month
