"""Which means may stand beside each other: none that tell, together, what few people's values come to.

A mean times its number is a sum, and sums can be subtracted. Of a large group the rounding of the mean hides
anybody's value; of what is left when large groups are taken from a larger one, which may be one person, it
does not. So means are told of the release and its quarters, not of months, and where few are left, not there.
And the fewer values a mean is of, the coarser it is told: its sum stays unknown by twenty points at least, so
that two means of nearly the same people, of two editions or two releases, do not tell what the few between
them have.
"""

import polars as pl

from feed.dimensions import BOROUGH
from feed.periods import Period

FEWEST = 8
STEPS = ((200, 0.1), (40, 0.5))
"""From how many values on a mean is told in which steps; of fewer, in whole points. Times each other: 20."""


def periods_of_means(counts: pl.DataFrame, period: Period, fewest: int) -> list[str]:
    """Return the release and those of its quarters of which means may be told.

    Given:   the exact counts (period, breakdown, category, count, people) of one breakdown that the means are
             taken over, and of how many at least a mean is told.
    Returns: no period in which those too few for a mean of their own are, together, fewer than eight; and not
             the release, where it has fewer than eight more in a category than its quarters that are told.
    """
    large = (pl.col("count") >= fewest) & (pl.col("people") >= FEWEST)
    beside = counts.filter(~large & (pl.col("breakdown") != BOROUGH))
    rest = beside.group_by("period").agg(pl.col("count", "people").sum()).filter(_is_few())
    quarters = [each.label for each in period.quarters if each.label not in set(rest["period"])]
    if period.label in quarters or period.label in set(rest["period"]):
        return quarters
    whole = counts.filter(pl.col("period") == period.label).select("category", "count", "people")
    told = counts.filter(large & pl.col("period").is_in(quarters)).select(
        "category", -pl.col("count"), people=pl.lit(0, dtype=pl.Int64)
    )
    left = pl.concat([whole, told]).group_by("category").agg(pl.col("count").sum(), pl.col("people").sum())
    return quarters if left.filter(_is_few()).height else [period.label, *quarters]


def step_of_mean(n: pl.Expr) -> pl.Expr:
    """Return in which steps a mean is told that is of so many values at least."""
    (many, fine), (some, coarse) = STEPS
    return pl.when(n >= many).then(fine).when(n >= some).then(coarse).otherwise(1.0)


def _is_few() -> pl.Expr:
    return pl.col("count").is_between(1, FEWEST - 1) | pl.col("people").is_between(1, FEWEST - 1)


def beside_others(spreads: pl.DataFrame, counts: pl.DataFrame, period: Period, fewest: int) -> pl.DataFrame:
    """Return the statistics with `shown`, the means that would give others away hidden, and none by month."""
    is_mean = pl.col("statistic") == "mean"
    asked = [period.label, *(quarter.label for quarter in period.quarters)]
    may = pl.col("period").is_in(periods_of_means(counts, period, fewest))
    hidden = is_mean & ~may & (pl.col("shown") == "exact")
    return spreads.filter(~is_mean | pl.col("period").is_in(asked)).with_columns(
        shown=pl.when(hidden).then(pl.lit("secondary")).otherwise("shown")
    )
