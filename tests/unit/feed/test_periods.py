"""Figures are published for whole months, financial quarters and financial years, and for nothing else."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feed.errors import PeriodNotUnderstood
from feed.periods import Period, latest_quarter, month_of, parse, quarter_of

DAYS = st.dates(min_value=date(1990, 1, 1), max_value=date(2090, 12, 31))


@pytest.mark.parametrize(
    ("label", "start", "end"),
    [
        ("2022-23-Q1", date(2022, 4, 1), date(2022, 6, 30)),
        ("2022-23-Q3", date(2022, 10, 1), date(2022, 12, 31)),
        ("2022-23-Q4", date(2023, 1, 1), date(2023, 3, 31)),
        ("1999-00-Q4", date(2000, 1, 1), date(2000, 3, 31)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2022-04..2022-11", date(2022, 4, 1), date(2022, 11, 30)),
        ("2022-23", date(2022, 4, 1), date(2023, 3, 31)),
        ("2011-12", date(2011, 12, 1), date(2011, 12, 31)),
    ],
)
def test_a_period_is_understood_by_its_name(label: str, start: date, end: date) -> None:
    """The financial year begins in April; what could be a month is one."""
    assert parse(label) == Period(label, start, end)


@pytest.mark.parametrize(
    "label",
    ["", "2022", "2022-13", "2022-24", "2022-23-Q5", "2022-04-01..2022-11-30", "2022-11..2022-04",
     "2022-04..", "..", "2022-23-Q1..2022-23-Q2", "2022-04..2052-04", "0000-01", "2022-4",
     "Q1", "２０２２-04"],
)  # fmt: skip
def test_any_other_period_is_refused_and_told_how_to_be_written(label: str) -> None:
    """Days most of all: two releases that differ by a day can be subtracted."""
    with pytest.raises(PeriodNotUnderstood) as refused:
        parse(label)
    assert "2022-23-Q3" in str(refused.value)


def test_a_run_of_one_month_is_that_month() -> None:
    """Nothing is published under two names."""
    assert parse("2022-04..2022-04") == parse("2022-04")
    assert [part.label for part in parse("2022-04").parts] == ["2022-04"]


def test_a_period_has_the_quarters_that_lie_wholly_within_it() -> None:
    """Of eight months two quarters are whole; the last two months stand for themselves."""
    parts = [part.label for part in parse("2022-04..2022-11").parts]
    assert parts[:3] == ["2022-04..2022-11", "2022-23-Q1", "2022-23-Q2"]
    assert parts[3:] == [f"2022-{month:02d}" for month in range(4, 12)]
    assert parse("2022-23-Q2").parts[0].label == "2022-23-Q2"


@given(DAYS)
def test_every_day_lies_in_one_month_and_one_quarter_whose_names_lead_back(day: date) -> None:
    """Months tile the quarter that holds them, with no day between."""
    month, quarter = month_of(day), quarter_of(day)
    assert month.start <= day <= month.end
    assert parse(quarter.label) == quarter
    assert month in quarter.months
    assert quarter.months[0].start == quarter.start
    assert quarter.months[-1].end == quarter.end
    ends = [each.end.toordinal() + 1 for each in quarter.months[:-1]]
    assert ends == [each.start.toordinal() for each in quarter.months[1:]]


@given(DAYS)
def test_the_latest_quarter_is_over_and_the_next_is_not(today: date) -> None:
    """Nothing is published by default of a quarter that still runs."""
    latest = latest_quarter(today)
    assert latest.end < today
    assert quarter_of(today).start.toordinal() == latest.end.toordinal() + 1
