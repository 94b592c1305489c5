"""Two published counts set against each other: shares, ratios and how complete a field is.

Nothing is read but what is published: where either of the two is hidden, nothing is worked out of them.
"""

import polars as pl

from feed.intervals import ONE_DECIMAL_FROM, percent_ends

OPEN = ("exact", "rounded")
CELL = ("period", "category")
OFF_BY = 2
"""How far a rounded count lies at most from the exact one."""


def pair(part: pl.DataFrame, whole: pl.DataFrame, on: tuple[str, ...] = CELL) -> pl.DataFrame:
    """Return both published counts side by side; where either is hidden, neither is told."""
    joined = part.join(whole.rename({"value": "denominator", "shown": "whole_shown"}), on=on, how="left")
    hidden = ~pl.col("shown").is_in(OPEN)
    whole_hidden = ~pl.col("whole_shown").fill_null("withheld").is_in(OPEN)
    shown = (
        pl.when(hidden).then("shown").when(whole_hidden).then(pl.col("whole_shown").fill_null("withheld"))
        .when((pl.col("shown") == "exact") & (pl.col("whole_shown") == "exact")).then(pl.lit("exact"))
        .otherwise(pl.lit("rounded"))
    )  # fmt: skip
    told = joined.with_columns(shown=shown)
    open_ = pl.col("shown").is_in(OPEN)
    return told.with_columns(
        numerator=pl.when(open_).then("value"), denominator=pl.when(open_).then("denominator")
    ).drop("value", "whole_shown")


def with_noughts(part: pl.DataFrame, whole: pl.DataFrame, periods: pl.Series) -> pl.DataFrame:
    """Return the part, with nought of each category of the whole of which it has no row in any period.

    Given: the periods by which the part is counted.
    """
    asked = whole.filter(pl.col("period").is_in(periods.unique().implode()))
    lacking = asked.join(part, on=CELL, how="anti")
    noughts = lacking.with_columns(value=pl.lit(0, dtype=pl.Int64), shown=pl.lit("exact"))
    return pl.concat([part, noughts.select(part.columns)]) if len(noughts) else part


def share(part: pl.DataFrame, whole: pl.DataFrame, on: tuple[str, ...] = CELL) -> pl.DataFrame:
    """Return the percentage of two published counts: whole, a half rounded up; one decimal of many."""
    n, d = pl.col("numerator"), pl.col("denominator")
    percent = (
        pl.when(d >= ONE_DECIMAL_FROM).then(((2000 * n + d) // (2 * d) / 10).round(1))
        .when(d > 0).then(((200 * n + d) // (2 * d)).cast(pl.Float64))
    )  # fmt: skip
    lower, upper = percent_ends(n, d)
    return pair(part, whole, on).with_columns(
        value=percent, lower=lower, upper=upper, statistic=pl.lit("percent")
    )


def ratio(part: pl.DataFrame, whole: pl.DataFrame) -> pl.DataFrame:
    """Return the one published count divided by the other: two decimals, a half rounded up."""
    n, d = pl.col("numerator"), pl.col("denominator")
    hundredths = (200 * n + d) // (2 * d)
    return pair(part, whole).with_columns(
        value=pl.when(d > 0).then((hundredths / 100).round(2)), statistic=pl.lit("ratio")
    )


def known(part: pl.DataFrame, whole: pl.DataFrame, note: str) -> pl.DataFrame:
    """Return the percentage of rows in which a field is known, rounded down so that 100 means all."""
    floor = (100 * pl.col("numerator") // pl.col("denominator")).cast(pl.Float64)
    return pair(part, whole).with_columns(
        value=pl.when(pl.col("denominator") > 0).then(floor),
        statistic=pl.lit("completeness"),
        note=pl.lit(note),
    )


def surely(count: pl.Expr, shown: pl.Expr) -> pl.Expr:
    """Return how many there are at least, going by the published count alone."""
    return pl.when(shown == "exact").then(count).otherwise(count - OFF_BY)


def of_enough(shares: pl.DataFrame, fewest: int | None) -> pl.DataFrame:
    """Return the shares; of those with a smaller denominator, only that it is too few."""
    if fewest is None or "denominator" not in shares.columns:
        return shares
    few = surely(pl.col("denominator"), pl.col("shown")) < fewest
    hidden = [
        name for name in ("value", "numerator", "denominator", "lower", "upper") if name in shares.columns
    ]
    return shares.with_columns(
        pl.when(few.fill_null(value=False)).then(pl.lit("few")).otherwise("shown").alias("shown"),
        *(pl.when(~few.fill_null(value=False)).then(name).alias(name) for name in hidden),
    )


def nothing_to_tell(rows: pl.DataFrame) -> pl.DataFrame:
    """Return observations; those of which there is nothing to work a number out are not available."""
    none = pl.col("value").is_null() & pl.col("shown").is_in(OPEN)
    words = pl.lit("There is nothing that this could be worked out from.")
    return rows.with_columns(
        shown=pl.when(none).then(pl.lit("not_available")).otherwise("shown"),
        note=pl.when(none).then(words).otherwise("note"),
    )
