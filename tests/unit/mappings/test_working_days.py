"""Working days of England are counted as a person counts them on a wall calendar."""

from datetime import date, timedelta

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from mappings import bank_holidays
from mappings.waits import advice_wait

FIRST, LAST = date(2021, 1, 1), date(2027, 12, 31)
CLOSED = set(bank_holidays().to_list())


def by_hand(first: date, last: date) -> int | None:
    """Return how many working days have begun since the first, which itself is not counted where none has."""
    if last < first:
        return None
    between = (first + timedelta(days=number) for number in range((last - first).days))
    return sum(day.weekday() < 5 and day not in CLOSED for day in between)


@given(st.lists(st.tuples(st.dates(FIRST, LAST), st.dates(FIRST, LAST)), min_size=1, max_size=40))
def test_working_days_are_those_of_the_wall_calendar(pairs: list[tuple[date, date]]) -> None:
    """Each day from the first to before the last that is no weekend and no bank holiday is one."""
    received = pl.Series("received", [first for first, _ in pairs], dtype=pl.Date)
    given_on = pl.DataFrame({"given_on": [last for _, last in pairs]}, schema={"given_on": pl.Date})
    found = advice_wait(given_on, received)["wait_working_days"].to_list()
    assert found == [by_hand(first, last) for first, last in pairs]


def test_holidays_of_the_other_nations_are_working_days_in_england() -> None:
    """The second of January, St Patrick's, Orangemen's and St Andrew's Day, where England works."""
    for day in (date(2025, 1, 2), date(2025, 3, 17), date(2025, 7, 14), date(2026, 11, 30)):
        assert day not in CLOSED
    for day in (date(2022, 6, 3), date(2022, 9, 19), date(2023, 5, 8), date(2022, 12, 27)):
        assert day in CLOSED
