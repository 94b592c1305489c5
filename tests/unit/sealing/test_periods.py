"""Periods on the calendar: three years are three years, whatever the months between."""

from datetime import date

import pytest

from sealing.periods import after, before, months_and_days


@pytest.mark.parametrize(
    ("period", "months", "days"),
    [("P3Y", 36, 0), ("P18M", 18, 0), ("P1Y6M", 18, 0), ("P30D", 0, 30), ("P2W", 0, 14), ("P1Y2M3D", 14, 3)],
)
def test_a_period_is_months_and_days(period: str, months: int, days: int) -> None:
    """Years are twelve months and weeks seven days; nothing is turned into an average."""
    assert months_and_days(period) == (months, days)


@pytest.mark.parametrize(
    ("day", "period", "then"),
    [
        (date(2024, 2, 29), "P1Y", date(2025, 2, 28)),
        (date(2024, 1, 31), "P1M", date(2024, 2, 29)),
        (date(2022, 11, 22), "P6Y", date(2028, 11, 22)),
        (date(2026, 12, 20), "P30D", date(2027, 1, 19)),
    ],
)
def test_a_day_moves_on_and_back_by_a_period(day: date, period: str, then: date) -> None:
    """A month that is too short gives its last day; back again is never later than the day began."""
    assert after(day, period) == then
    assert before(then, period) <= day
