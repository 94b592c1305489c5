"""Cells stay as they were published: what was shown of one and is still true of it is shown so again."""

import polars as pl

from feed.disclosure.cells import HIDDEN, KEY, latest, months_of
from feed.disclosure.profile import Profile
from feed.disclosure.structure import Structure

OF_A_CELL = ("count_id", "breakdown", "category", "start", "stop")
OPEN = ("exact", "rounded")


def as_published(
    plan: pl.DataFrame, before: pl.DataFrame | None, structure: Structure, profile: Profile
) -> pl.DataFrame:
    """Return the plan with every cell as it was shown last, where that is true still, and which are `given`.

    Given:   how each cell would be shown by the profile alone, which never tells less in vain than it must.
    Returns: `given`: the cell stands as readers have it; what is told of it is changed only if it must be.
    """
    if before is None or before.is_empty():
        return plan.with_columns(given=pl.lit(value=False))
    then = pl.col("then_shown")
    off = (pl.col("then_value") - pl.col("count")).abs()
    known = (
        pl.when(then == "exact").then(off == 0)
        .when(then == "rounded").then((off <= profile.off_by) & ((off == 0) | (pl.col("then_value") > 0)))
        .when(then == "suppressed").then((pl.col("count") > 0) | pl.col("sensitive"))
        .otherwise(then.is_in(HIDDEN))
    )  # fmt: skip
    is_open = pl.col("shown").is_in(OPEN)
    again = (
        pl.when(~known | (pl.col("shown") == "borough_only")).then("shown")
        .when(then.is_in(["withheld", "borough_only"])).then(pl.lit("withheld"))
        .when(is_open & (then == "suppressed")).then(pl.lit("secondary"))
        .when(is_open & (then == "rounded")).then(then)
        .otherwise("shown")
    )  # fmt: skip
    as_told = pl.when(pl.col("shown") == "secondary").then(pl.lit("suppressed")).otherwise("shown")
    return (
        _with_last(plan, before, structure)
        .with_columns(shown=pl.when(then.is_null() | pl.col("organisations")).then("shown").otherwise(again))
        .with_columns(given=(known & (as_told == then)).fill_null(value=False))
        .select(*plan.columns, "given")
    )


def _with_last(plan: pl.DataFrame, before: pl.DataFrame, structure: Structure) -> pl.DataFrame:
    """Return the cells, each with what was shown of it last, under this name or as the same months."""
    months = months_of(plan["period"])
    cells = plan.join(structure.shape(), on="count_id", how="left", maintain_order="left").join(
        months, on="period", how="left", maintain_order="left"
    )
    last = latest(before).rename({"value": "then_value", "shown": "then_shown"})
    first = pl.when("at_the_end").then(0).otherwise(pl.col("start"))
    same = last.with_columns(start=first).unique(OF_A_CELL, keep="last", maintain_order=True)
    told = ["then_value", "then_shown"]
    by_name = cells.join(last.select(*KEY, *told), on=KEY, how="left", maintain_order="left")
    by_months = by_name.with_columns(start=first).join(
        same.select(*OF_A_CELL, *told), on=OF_A_CELL, how="left", maintain_order="left", suffix="_same"
    )
    named = pl.col("then_shown").is_not_null()
    return by_months.with_columns(
        then_value=pl.when(named).then("then_value").otherwise("then_value_same"),
        then_shown=pl.when(named).then("then_shown").otherwise("then_shown_same"),
    )
