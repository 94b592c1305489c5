"""What a reader of the published tables knows of each cell, before any sum is looked at."""

import polars as pl

from feed.disclosure.profile import EXACT, LOT_BREAKDOWNS, Profile
from feed.disclosure.structure import Structure
from feed.periods import parse

TABLE = ("count_id", "period", "breakdown")
KEY = (*TABLE, "category")
BOROUGH = "borough"
HIDDEN = ("suppressed", "secondary", "borough_only", "withheld")
PUBLISHED = pl.Schema(
    {
        "count_id": pl.String(),
        "period": pl.String(),
        "breakdown": pl.String(),
        "category": pl.String(),
        "value": pl.Int64(),
        "shown": pl.String(),
    }
)


def largest_small(cells: pl.DataFrame, profile: Profile) -> pl.Expr:
    """Return the largest number of a cell that is small: one less where the profile has a threshold.

    Given: the cells; those whose rows are all of lots that have the threshold say so in `of_lots`.
    """
    alone = pl.col("of_lots").fill_null(value=False) if "of_lots" in cells.columns else pl.lit(value=False)
    of_lots = pl.col("breakdown").is_in(LOT_BREAKDOWNS) & pl.col("category").is_in(profile.borough_only_lots)
    return (
        pl.when(of_lots | alone)
        .then(pl.lit(max(profile.borough_only_threshold - 1, profile.suppress_to)))
        .otherwise(pl.lit(profile.suppress_to))
        .cast(pl.Int64)
    )


def known_of(published: pl.DataFrame, structure: Structure, profile: Profile) -> pl.DataFrame:
    """Return what is known of each cell: its range, whether it is hidden, its count's shape, its months.

    Given:   PUBLISHED; a hidden cell is `suppressed` where the count itself is small, `secondary` where it
             is hidden for another's sake or for the few people behind it: who attacks may guess which.
    Returns: nothing of organisations, which may be known.
    Errors:  ValueError for a count whose shape nobody knows: it must not slip through.
    """
    structure.refuse_unknown(published["count_id"])
    cells = published.join(structure.shape(), on="count_id", how="inner", maintain_order="left")
    small = largest_small(cells, profile)
    value, off = pl.col("value").cast(pl.Float64), float(profile.off_by)
    shown = pl.col("shown")
    rounded = (shown == "rounded") & (pl.col("value") > 0) & (profile.round_to > EXACT)
    at_least_one = pl.when("sensitive").then(0.0).otherwise(1.0)
    lower = (
        pl.when(shown.is_in(["borough_only", "withheld"])).then(0.0)
        .when(shown.is_in(HIDDEN)).then(at_least_one)
        .when(rounded).then(pl.max_horizontal(value - off, small + 1.0))
        .otherwise(value)
    )  # fmt: skip
    upper = (
        pl.when((shown == "suppressed") & ~pl.col("sensitive")).then(small.cast(pl.Float64))
        .when(shown.is_in(HIDDEN)).then(pl.lit(float("inf")))
        .when(rounded).then(value + off)
        .otherwise(value)
    )  # fmt: skip
    return (
        cells.filter(~pl.col("organisations"))
        .with_columns(lower=lower, upper=upper, hidden=shown.is_in(HIDDEN), largest=small.cast(pl.Float64))
        .join(months_of(cells["period"]), on="period", how="left", maintain_order="left")
    )


def latest(before: pl.DataFrame) -> pl.DataFrame:
    """Return what was shown last of each earlier cell, without the editions before that."""
    return before.filter("latest").drop("latest", "release") if "latest" in before.columns else before


def still_true(before: pl.DataFrame, counts: pl.DataFrame) -> pl.DataFrame:
    """Return what is known of each earlier cell: all that any edition told of it and its count does not deny.

    Who takes a number for true that is not works out what is not so. What its change tells is another
    question. Of a cell that is not counted now, what was shown last holds, and what agrees with that.
    """
    known = before if "latest" in before.columns else before.with_columns(latest=pl.lit(value=True))
    known = known.join(counts.select(*KEY, "count"), on=KEY, how="left", maintain_order="left")
    low, high = (pl.col(end).filter(pl.col("latest")).max().over(KEY) for end in ("lower", "upper"))
    agrees = (pl.col("lower") <= high) & (pl.col("upper") >= low)
    fits = known.filter(pl.col("count").is_between(pl.col("lower"), pl.col("upper")).fill_null(agrees))
    least, most = pl.col("lower").max().over(KEY), pl.col("upper").min().over(KEY)
    together = (least <= most) | pl.col("count").is_not_null()
    return (
        fits.with_columns(
            lower=pl.when(together).then(least).otherwise(low),
            upper=pl.when(together).then(most).otherwise(high),
            hidden=pl.col("hidden").all().over(KEY),
        )
        .unique(KEY, keep="last", maintain_order=True)
        .drop("count", "latest", "release", strict=False)
    )


def months_of(periods: pl.Series) -> pl.DataFrame:
    """Return each period with its first month and the one after its last, as numbers that go up by one."""
    found = [parse(label) for label in periods.unique().sort()]
    return pl.DataFrame(
        [
            (one.label, one.start.year * 12 + one.start.month, one.end.year * 12 + one.end.month + 1)
            for one in found
        ],
        schema={"period": pl.String(), "start": pl.Int32(), "stop": pl.Int32()},
        orient="row",
    )
