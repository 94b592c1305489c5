"""Financial quarters: their names, their days, and when one is settled."""

from datetime import date

import pytest

from canonical.quarters import Quarter, quarter_named, quarters_settled


@pytest.mark.parametrize(
    ("label", "first", "last"),
    [
        ("2022-23-Q1", date(2022, 4, 1), date(2022, 6, 30)),
        ("2022-23-Q3", date(2022, 10, 1), date(2022, 12, 31)),
        ("2022-23-Q4", date(2023, 1, 1), date(2023, 3, 31)),
        ("2023-24-Q4", date(2024, 1, 1), date(2024, 3, 31)),
        ("1999-00-Q4", date(2000, 1, 1), date(2000, 3, 31)),
    ],
)
def test_a_quarter_is_named_by_its_financial_year(label: str, first: date, last: date) -> None:
    """April to June is the first; January to March is the last of the year that began before it."""
    quarter = quarter_named(label)
    assert quarter == Quarter(first)
    assert (quarter.end, quarter.label) == (last, label)


def test_a_label_whose_years_do_not_follow_each_other_names_no_quarter() -> None:
    """2022-24 is no financial year."""
    assert quarter_named("2022-24-Q1") is None
    assert quarter_named("2022-22-Q4") is None


@pytest.mark.parametrize(
    ("as_of", "settled"),
    [
        (date(2022, 7, 28), []),
        (date(2022, 7, 29), ["2022-23-Q1"]),
        (date(2022, 12, 1), ["2022-23-Q1", "2022-23-Q2"]),
        (date(2023, 4, 29), ["2022-23-Q1", "2022-23-Q2", "2022-23-Q3", "2022-23-Q4"][:4]),
    ],
)
def test_a_quarter_is_settled_once_it_has_ended_and_so_many_days_are_over(
    as_of: date, settled: list[str]
) -> None:
    """Of the day on which the last of them is not over yet, the quarter is not settled."""
    found = quarters_settled(Quarter(date(2022, 4, 1)), 28, as_of)
    assert [quarter.label for quarter in found] == settled
