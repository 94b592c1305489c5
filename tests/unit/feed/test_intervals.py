"""Intervals equal what was published of them, and what another way of working them out gives."""

from math import gamma, pi, sqrt

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.optimize import brentq

from feed.intervals import Z, lowered, percent_ends, raised, rounded, student, wilson

TINY = 1e-12
"""Of none, and of all, the share itself solves the test too: looked for is the other end."""


def wilson_of(part: int | None, whole: int | None) -> tuple[float | None, float | None]:
    frame = pl.DataFrame({"part": [part], "whole": [whole]}, schema={"part": pl.Int64, "whole": pl.Int64})
    lower, upper = wilson(pl.col("part"), pl.col("whole"))
    return frame.select(lower.alias("lower"), upper.alias("upper")).row(0)


def student_of(mean: float | None, deviation: float | None, n: int) -> tuple[float | None, float | None]:
    frame = pl.DataFrame(
        {"mean": [mean], "deviation": [deviation], "n": [n]},
        schema={"mean": pl.Float64, "deviation": pl.Float64, "n": pl.Int64},
    )
    lower, upper = student(pl.col("mean"), pl.col("deviation"), pl.col("n"))
    return frame.select(lower.alias("lower"), upper.alias("upper")).row(0)


@pytest.mark.parametrize(
    ("part", "whole", "lower", "upper"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_shares_have_the_limits_that_were_published(
    part: int, whole: int, lower: float, upper: float
) -> None:
    """Newcombe 1998, Statistics in Medicine 17:857, table I, method 3 (score, no continuity correction)."""
    told = wilson_of(part, whole)
    assert [round(end, 4) for end in told if end is not None] == [lower, upper]


@pytest.mark.parametrize(
    ("mean", "deviation", "n", "lower", "upper", "within"),
    [
        (9.261460, 0.02278881, 195, 9.258242, 9.264679, 1e-6),
        (1.58, 1.2299955, 10, 0.7001142, 2.4598858, 1e-6),
    ],
    ids=["NIST", "Student 1908"],
)
def test_means_have_the_limits_that_were_published(
    mean: float, deviation: float, n: int, lower: float, upper: float, within: float
) -> None:
    """NIST/SEMATECH e-Handbook 1.3.5.2 (ZARR13.DAT); the paired differences of Student's sleep data."""
    told = student_of(mean, deviation, n)
    assert told == pytest.approx((lower, upper), abs=within)


@given(data=st.data(), whole=st.integers(1, 100_000))
@settings(max_examples=150, deadline=None)
def test_an_interval_of_a_share_holds_every_share_that_the_test_does_not_refuse(
    data: st.DataObject, whole: int
) -> None:
    """Its ends are found again by solving for the shares at which the score test just refuses."""
    part = data.draw(st.integers(0, whole))
    told = wilson_of(part, whole)
    assert told[0] is not None
    assert told[1] is not None
    share = part / whole

    def refused(other: float) -> float:
        return (share - other) ** 2 - Z**2 * other * (1 - other) / whole

    lower = 0.0 if part == 0 else brentq(refused, 0.0, min(share, 1 - TINY), xtol=1e-15)
    upper = 1.0 if part == whole else brentq(refused, max(share, TINY), 1.0, xtol=1e-15)
    assert told == pytest.approx((lower, upper), abs=1e-9)
    assert 0 <= told[0] <= share <= told[1] <= 1
    other = wilson_of(whole - part, whole)
    assert other == pytest.approx((1 - told[1], 1 - told[0]), abs=1e-12)


def by_integration(n: int) -> float:
    """Return the 97.5 % point of Student's t of n values, its density added up and the sum solved."""
    freedom = n - 1
    height = gamma((freedom + 1) / 2) / (sqrt(freedom * pi) * gamma(freedom / 2))

    def area(to: float) -> float:
        found, _ = quad(lambda t: height * (1 + t * t / freedom) ** (-(freedom + 1) / 2), 0, to)
        return float(found) - 0.475

    return float(brentq(area, 0, 13, xtol=1e-12))


@pytest.mark.parametrize("n", [2, 3, 8, 30, 31, 100, 200])
def test_an_interval_of_a_mean_is_what_adding_up_the_density_gives(n: int) -> None:
    """Worked out from the density of Student's distribution, and not from any library's quantiles."""
    half = by_integration(n) * 4.2 / sqrt(n)
    assert student_of(3.1, 4.2, n) == pytest.approx((3.1 - half, 3.1 + half), abs=1e-6)


def test_what_has_no_interval_has_none() -> None:
    """Nothing to divide by, a hidden number, two numbers rounded apart, one value alone, no values."""
    assert wilson_of(0, 0) == wilson_of(None, 20) == wilson_of(5, None) == wilson_of(10, 8) == (None, None)
    assert student_of(3.0, None, 1) == student_of(None, None, 0) == student_of(3.0, 1.0, 1) == (None, None)
    assert student_of(3.0, 0.0, 30) == (3.0, 3.0)


@given(part=st.integers(0, 500), more=st.integers(0, 500), times=st.integers(2, 9))
@settings(max_examples=60, deadline=None)
def test_more_of_the_same_narrows_an_interval(part: int, more: int, times: int) -> None:
    """The same share of a larger whole is known better."""
    if part + more == 0:
        return
    few, many = wilson_of(part, part + more), wilson_of(times * part, times * (part + more))
    assert None not in (*few, *many)
    assert many[1] - many[0] < few[1] - few[0]  # type: ignore[operator]


def test_a_published_interval_is_rounded_outwards_as_finely_as_its_percentage() -> None:
    """From the numbers shown alone: whole per cent, one decimal of many, none where a number hides."""
    shown = pl.DataFrame({"n": [80, 1200, 0, 20, None, 25], "d": [265, 4000, 20, 20, 40, 20]})
    lower, upper = percent_ends(pl.col("n"), pl.col("d"))
    assert shown.select(lower.alias("lower"), upper.alias("upper")).rows() == [
        (24.0, 36.0),
        (28.5, 31.5),
        (0.0, 17.0),
        (83.0, 100.0),
        (None, None),
        (None, None),
    ]


def test_a_mean_is_rounded_half_up_whatever_the_order_it_was_added_up_in() -> None:
    """The last bits of a sum depend on the order; the published decimal does not."""
    sums = pl.DataFrame({"mean": [3.05, 3.05 + 4e-16, 3.05 - 4e-16, -2.25, None]})
    mean, tenth, half = pl.col("mean"), pl.lit(0.1), pl.lit(0.5)
    assert sums.select(rounded(mean, tenth))["mean"].to_list() == [3.1, 3.1, 3.1, -2.2, None]
    assert sums.select(lowered(mean, tenth))["mean"].to_list() == [3.0, 3.0, 3.0, -2.3, None]
    assert sums.select(raised(mean, tenth))["mean"].to_list() == [3.1, 3.1, 3.1, -2.2, None]
    assert sums.select(rounded(mean, half))["mean"].to_list() == [3.0, 3.0, 3.0, -2.0, None]
    assert sums.select(lowered(mean, half))["mean"].to_list() == [3.0, 3.0, 3.0, -2.5, None]
