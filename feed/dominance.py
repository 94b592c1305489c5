"""Which sums of money may be told: of enough people none of whom makes most of it, whatever else is told.

Counts are protected cell by cell and by an attacker who solves for what is hidden. For sums a simpler rule
needs no solving: a sum is told only where every part that it could ever be split into may be told too.
"""

from collections.abc import Callable

import polars as pl

from feed.periods import Period
from feed.shares import OPEN

FEWEST = 8
ONE, TWO = 0.5, 0.9
"""No person has more than half of a sum, no two more than nine tenths.

Source: the rule of dominance (n, k) with (1, 50 %) and (2, 90 %); acro's own is (2, 90 %). Together they mean
that whoever has the second most cannot tell the most to within a fifth (the p % rule, p = 20).
"""
NEAREST = 1000
NOT_QUARTERS = (
    "Sums of money are told for whole financial quarters: of two periods that differ by a month, the "
    "difference could be what one person was awarded."
)
CELL = ["period", "breakdown", "category"]


def told_sums(
    sums: pl.DataFrame,
    cells: pl.DataFrame,
    period: Period,
    settle: Callable[[pl.DataFrame], pl.DataFrame] | None = None,
) -> pl.DataFrame:
    """Return the sums of one figure as they may be told.

    Given:   SUMS of the figure; the published cells of the count that they are taken over, of every
             breakdown; what gives the sums of quarters as they may be told after those of earlier editions.
    Returns: period, breakdown, category, value, shown and note: of the quarters, to the nearest thousand
             pounds; and of the period itself, what those of its quarters come to.
    """
    quarters = [quarter.label for quarter in period.quarters]
    wanted = cells.filter(pl.col("period").is_in([*quarters, period.label]))
    joined = wanted.rename({"value": "count", "shown": "cell_shown"}).join(sums, on=CELL, how="left")
    judged = joined.with_columns(may=is_safe() & pl.col("cell_shown").is_in(OPEN))
    value = ((pl.col("total").round(2) / NEAREST + 0.5).round(6).floor() * NEAREST).fill_null(0.0)
    whole = _may_be_told(judged, quarters, period).with_columns(value=value)
    is_quarters = len(period.months) == 3 * len(quarters)
    apart = pl.lit(not is_quarters) & (pl.col("period") == period.label)
    of_quarters = whole.filter(pl.col("told") & pl.col("period").is_in(quarters))
    parts = settle(of_quarters) if settle else of_quarters
    told = pl.concat([parts.select(*CELL, now="value"), _added(parts, period, quarters)])
    numbered = whole.join(told, on=CELL, how="left", maintain_order="left")
    shown = (
        pl.when(apart).then(pl.lit("secondary"))
        .when(~pl.col("told") | pl.col("now").is_null()).then(pl.lit("suppressed"))
        .when(pl.col("n").is_null() & (pl.col("now") == 0)).then(pl.lit("exact")).otherwise(pl.lit("rounded"))
    )  # fmt: skip
    return numbered.with_columns(shown=shown).select(
        *CELL,
        pl.when(pl.col("shown").is_in(OPEN)).then("now").alias("value"),
        "shown",
        pl.when(apart).then(pl.lit(NOT_QUARTERS)).alias("note"),
    )


def _added(parts: pl.DataFrame, period: Period, quarters: list[str]) -> pl.DataFrame:
    """Return what the quarters come to: no other sum of the period is told, so it tells no more than they."""
    if period.label in quarters:
        return parts.select(*CELL, now="value").clear()
    complete = parts.group_by("breakdown", "category").agg(now=pl.col("value").sum(), those=pl.len())
    every = complete.filter(pl.col("those") == len(quarters)).with_columns(period=pl.lit(period.label))
    return every.select(*CELL, "now")


def is_safe() -> pl.Expr:
    """Return whether a sum alone may be told: of nobody, or of enough people none of whom stands out."""
    total = pl.col("total")
    enough = (pl.col("n") >= FEWEST) & (pl.col("people") >= FEWEST)
    spread = (pl.col("largest") <= ONE * total) & (pl.col("largest") + pl.col("second") <= TWO * total)
    return pl.col("n").is_null() | (enough & spread)


def _may_be_told(judged: pl.DataFrame, quarters: list[str], period: Period) -> pl.DataFrame:
    """Return the cells with `told`: the cell, all beside it, and all of that in each quarter are safe."""
    beside = judged.with_columns(all_beside=pl.col("may").all().over("period", "breakdown"))
    in_quarters = (
        beside.filter(pl.col("period").is_in(quarters))
        .group_by("breakdown")
        .agg(in_each=pl.col("all_beside").all())
    )
    joined = beside.join(in_quarters, on="breakdown", how="left", maintain_order="left")
    is_whole = (pl.col("period") == period.label) & ~pl.col("period").is_in(quarters)
    told = pl.col("all_beside") & (~is_whole | pl.col("in_each").fill_null(value=False))
    return joined.with_columns(told=told)
