"""A statistic is told where enough people lie at it or beyond, on either side; the longest of one is not."""

from collections.abc import Callable, Sequence

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feed.declared import declarations
from feed.intervals import rounded
from feed.means import STEPS, step_of_mean
from feed.spread import fewest_people, of_few, statistics_of, with_hidden

CELL = {"period": "2022-04", "category": "all"}
KPI = declarations().kpis["K14"]
SHARES = {"median": 16, "p90": 80, "reached_by_eight": 16, "mean": 8}


def told(*people: list[int], fewest: int = 8) -> dict[str, float | None]:
    """Return each statistic of people with these values; none, where it is of too few."""
    rows = pl.DataFrame([(*CELL.values(), value) for values in people for value in values],
                        schema=[*CELL, "value"], orient="row")  # fmt: skip
    histogram = rows.group_by(*CELL, "value").agg(many=pl.len())
    ranges = pl.DataFrame([(*CELL.values(), min(values), max(values)) for values in people],
                          schema=[*CELL, "lowest", "highest"], orient="row")  # fmt: skip
    ranges = ranges.group_by(*CELL, "lowest", "highest").agg(people=pl.len())
    found = statistics_of(histogram, ranges, KPI.statistics)
    judged = found.with_columns(denominator=pl.col("n"), cell_shown=pl.lit("exact"))
    hidden = judged.with_columns(few=of_few(KPI, fewest))
    return {row["statistic"]: None if row["few"] else row["value"] for row in hidden.iter_rows(named=True)}


@pytest.mark.parametrize(
    ("people", "there"),
    [
        (7, set()),
        (8, set()),
        (15, set()),
        (16, {"median", "reached_by_eight"}),
        (79, {"median", "reached_by_eight"}),
        (80, {"median", "p90", "reached_by_eight"}),
    ],
)
def test_a_statistic_needs_eight_people_on_either_side(people: int, there: set[str]) -> None:
    """A median sixteen, a ninetieth percentile eighty: below, it is the value of one or two of a handful."""
    found = told(*([wait] for wait in range(people)))
    assert {name for name, value in found.items() if value is not None} == there


def test_how_many_people_are_needed_follows_from_the_share() -> None:
    """Eight on the smaller side; the same of a profile that hides up to eleven."""
    assert {name: fewest_people(name) for name in SHARES} == SHARES
    assert [fewest_people(name, 12) for name in SHARES] == [24, 120, 24, 12]


def test_one_person_s_many_waits_are_not_many_people_s() -> None:
    """Ninety people, and the twenty longest waits are of one of them: the percentile is that person's."""
    found = told(*([1] for _ in range(89)), [100 + wait for wait in range(20)])
    assert found == {"median": 1.0, "p90": None, "reached_by_eight": 1.0}


def test_the_eighth_person_s_longest_wait_is_told_and_nobody_counts_twice() -> None:
    """Seven people waited 50 days or more, one of them often; what eight waited at least is 9."""
    long = [[50, 60, 70, 80, 90], *([50 + wait] for wait in range(6))]
    assert told(*long, [9], *([1] for _ in range(20)))["reached_by_eight"] == 9


def test_a_cell_that_withholds_whether_there_is_any_has_a_row_for_each_statistic() -> None:
    """There is nothing to take a median of where there is none: the row that lacks would tell it."""
    cells = pl.DataFrame([("2022-04", "a", None), ("2022-04", "b", None), ("2022-04", "c", 0)],
                         schema=["period", "category", "value"], orient="row")  # fmt: skip
    there = pl.DataFrame({"statistic": ["median", "p90"], "period": "2022-04", "category": "a", "n": 3})
    rows = with_hidden(there, cells, ["median", "p90"]).sort("category", "statistic")
    assert rows.select("category", "statistic", "n").rows() == [
        ("a", "median", 3), ("a", "p90", 3), ("b", "median", None), ("b", "p90", None),
    ]  # fmt: skip


def test_what_eight_reach_is_not_told_where_the_profile_hides_nine() -> None:
    """Eight people reach 50; a profile that hides up to nine does not tell so."""
    people = [*([50] for _ in range(8)), *([wait] for wait in range(20))]
    assert told(*people)["reached_by_eight"] == 50
    assert told(*people, fewest=10)["reached_by_eight"] is None


def test_a_mean_s_sum_stays_unknown_by_twenty_points() -> None:
    """Whatever it is the mean of, from the thirty on from which it is told."""
    numbers = pl.DataFrame({"n": range(30, 1000)})
    unknown = numbers.select(pl.col("n") * step_of_mean(pl.col("n"))).to_series()
    assert unknown.min() == min(many * step for many, step in STEPS) == 20


Steps = Callable[[pl.Expr], pl.Expr]
CHANGES = st.lists(st.integers(-56, 56), min_size=30, max_size=260)


def sum_known(changes: Sequence[int], steps: Steps) -> tuple[float, float]:
    """Return between what the sum of changes lies, for whoever knows their mean as told and their number."""
    n = pl.lit(len(changes))
    told, step = pl.select(rounded(pl.lit(sum(changes) / len(changes)), steps(n)), step=steps(n)).row(0)
    return len(changes) * (told - step / 2), len(changes) * (told + step / 2)


def found_out(changes: Sequence[int], one_more: int, steps: Steps) -> tuple[float, float]:
    """Return between what one person's change lies, by the difference of two editions."""
    before, after = sum_known(changes, steps), sum_known([*changes, one_more], steps)
    return after[0] - before[1], after[1] - before[0]


@given(CHANGES, st.integers(-56, 56))
@settings(max_examples=40)
def test_two_means_do_not_tell_the_change_of_the_one_between_them(changes: list[int], one_more: int) -> None:
    """Whoever knows both numbers and that one person came: it lies within no less than forty points."""
    low, high = found_out(changes, one_more, step_of_mean)
    assert low - 1e-6 <= one_more <= high + 1e-6
    assert high - low >= 40 - 1e-6


def test_two_means_told_to_a_tenth_tell_it() -> None:
    """So the attack finds what the steps are against: of thirty people, to within some six points of 112."""
    low, high = found_out([5] * 30, -40, lambda n: pl.when(n > 0).then(0.1))
    assert high - low < 6.2
    low, high = found_out([5] * 30, -40, step_of_mean)
    assert high - low > 60
