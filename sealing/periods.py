"""Lengths of time in ISO 8601 (P3Y, P18M, P30D), counted on the calendar."""

import calendar
import re
from datetime import date, timedelta


def months_and_days(period: str) -> tuple[int, int]:
    """Return the length of a period in calendar months and in days."""
    units = {unit: int(number) for number, unit in re.findall(r"([0-9]+)([YMWD])", period)}
    return units.get("Y", 0) * 12 + units.get("M", 0), units.get("W", 0) * 7 + units.get("D", 0)


def after(day: date, period: str) -> date:
    """Return the day a period after the day; of a month that is too short, its last day."""
    months, days = months_and_days(period)
    return _moved(day, months) + timedelta(days=days)


def before(day: date, period: str) -> date:
    """Return the day a period before the day; of a month that is too short, its last day."""
    months, days = months_and_days(period)
    return _moved(day - timedelta(days=days), -months)


def _moved(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))
