"""How each count would be shown if nothing could be worked out from the others, and what stands there."""

import polars as pl
import polars.selectors as cs

from feed.disclosure.cells import BOROUGH, HIDDEN, KEY, PUBLISHED, largest_small
from feed.disclosure.profile import EXACT, Profile
from feed.disclosure.relations import BOROUGH_ONLY
from feed.disclosure.remembered import as_published
from feed.disclosure.structure import Structure
from feed.disclosure.totals import known_to_one, silent_below


def planned(
    counts: pl.DataFrame, structure: Structure, profile: Profile, before: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Return the counts with how each would be shown if nothing could be worked out from the others.

    Given: what is known of earlier releases: a number that was exact there, and has moved by few since, is no
           longer exact, so that the few are not known, and what is true still is shown as it was.
    Returns: the counts with `shown`, and which are `given`: they stand as readers have them.
    """
    structure.refuse_unknown(counts["count_id"])
    small = largest_small(counts, profile)
    few = pl.col("count").is_between(1, small)
    few_people = pl.col("people").is_between(1, small)
    plain = pl.lit("exact") if profile.round_to == EXACT else pl.lit("rounded")
    cells = counts.join(structure.shape(), on="count_id", how="left", maintain_order="left")
    telling = pl.col("sensitive") & ((pl.col("count") == 0) | _all_of_it(small))
    shown = (
        pl.when("organisations").then(pl.lit("exact"))
        .when(pl.col("category") == BOROUGH_ONLY).then(pl.lit("borough_only"))
        .when(few).then(pl.lit("suppressed"))
        .when(few_people | telling).then(pl.lit("secondary"))
        .when(pl.col("breakdown") == BOROUGH).then(pl.lit("exact"))
        .otherwise(plain)
    )  # fmt: skip
    found = with_wholes(cells, structure).with_columns(shown=shown).select(*counts.columns, "shown")
    found = known_to_one(silent_below(found, structure), profile)
    less = found if before is None else _moved(found, before, profile)
    return as_published(less, before, structure, profile)


def _moved(cells: pl.DataFrame, before: pl.DataFrame, profile: Profile) -> pl.DataFrame:
    """Return the cells, those less exact that were exact in any edition before and have moved by few."""
    then = before.filter(pl.col("shown") == "exact").select(*KEY, then="value")
    few = (pl.col("count") - pl.col("then")).abs().is_between(1, profile.suppress_to)
    moved = cells.join(then, on=KEY).filter(few).select(KEY).unique().with_columns(by_few=pl.lit(value=True))
    less = pl.lit("secondary" if profile.round_to == EXACT else "rounded")
    return (
        cells.join(moved, on=KEY, how="left", maintain_order="left")
        .with_columns(
            shown=pl.when((pl.col("shown") == "exact") & pl.col("by_few").fill_null(value=False))
            .then(less)
            .otherwise("shown")
        )
        .drop("by_few")
    )


def with_wholes(cells: pl.DataFrame, structure: Structure) -> pl.DataFrame:
    """Return the cells, each with the count of the whole that it is a part of."""
    parts = pl.DataFrame(
        [(count.id, count.part_of, count.supports) for count in structure.counts],
        schema={"count_id": pl.String(), "part_of": pl.String(), "supports": pl.Boolean()},
        orient="row",
    )
    wholes = cells.select(*KEY, whole="count").rename({"count_id": "part_of"})
    joined = cells.join(parts, on="count_id", how="left", maintain_order="left")
    return joined.join(wholes, on=["part_of", *KEY[1:]], how="left", maintain_order="left")


def _all_of_it(small: pl.Expr) -> pl.Expr:
    return (pl.col("whole") - pl.col("count")).is_between(0, small).fill_null(value=False)


def shown_of(cells: pl.DataFrame, profile: Profile) -> pl.DataFrame:
    """Return PUBLISHED of the planned cells, and `of_lots` where they tell it."""
    base = profile.round_to
    rounded = (pl.col("count") + base // 2) // base * base
    value = (
        pl.when(pl.col("shown").is_in(HIDDEN))
        .then(None)
        .when(pl.col("shown") == "rounded")
        .then(rounded)
        .otherwise("count")
    )
    return cells.with_columns(value=value).select(
        *PUBLISHED.names(), cs.by_name("of_lots", require_all=False)
    )
