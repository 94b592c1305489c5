"""What a total of the borough tells by itself: one that is hidden, and one less what a provider knows."""

import polars as pl

from feed.disclosure.cells import BOROUGH, HIDDEN, KEY, largest_small
from feed.disclosure.profile import EXACT, Profile
from feed.disclosure.relations import BOROUGH_ONLY
from feed.disclosure.structure import Structure

PROVIDER = "provider"
TOTAL = ("count_id", "period")


def silent_below(plan: pl.DataFrame, structure: Structure) -> pl.DataFrame:
    """Return the plan without a word of what lies below a total that is hidden, organisations among it.

    Where there are so few, every category that is none tells of them as much as one that is some.
    """
    hidden = _totals(plan).filter(pl.col("shown").is_in(HIDDEN)).select(TOTAL)
    among = _among(structure).rename({"count_id": "of_count"})
    beside = (
        hidden.rename({"count_id": "of_count"}).join(among, on="of_count").join(_among(structure), on="among")
    )
    silent = pl.concat([hidden, beside.select(TOTAL)]).unique().with_columns(silent=pl.lit(value=True))
    below = pl.col("silent").fill_null(value=False)
    word = pl.when("organisations").then(pl.lit("suppressed")).otherwise(pl.lit("withheld"))
    told = (pl.col("breakdown") != BOROUGH) | pl.col("organisations")
    return (
        plan.join(silent, on=TOTAL, how="left", maintain_order="left")
        .join(structure.shape(), on="count_id", how="left", maintain_order="left")
        .with_columns(shown=pl.when(below & told).then(word).otherwise("shown"))
        .select(plan.columns)
    )


def told_at_all(
    published: pl.DataFrame, plan: pl.DataFrame, structure: Structure, profile: Profile
) -> pl.DataFrame:
    """Return the cells without those below any total of rows of which there are few in the whole release.

    That a category is listed tells that one of those rows is in it.
    """
    small = largest_small(plan, profile)
    few = (pl.col("count") <= small) | pl.col("people").is_between(1, small)
    source = _among(structure).with_columns(pl.col("among").str.split("\x1f").list.first())
    totals = _totals(plan).with_columns(few=few).join(source, on="count_id", how="left")
    gone = (
        totals.with_columns(pl.col("among").fill_null(pl.col("count_id")))
        .filter(pl.col("few").all().over("among"), pl.col("shown").is_in(HIDDEN).any().over("among"))
        .select("count_id")
        .unique()
    )
    below = published.filter(pl.col("breakdown") != BOROUGH).join(gone, on="count_id", how="semi")
    return published.join(below, on=KEY, how="anti", maintain_order="left")


def known_to_one(plan: pl.DataFrame, profile: Profile) -> pl.DataFrame:
    """Return the plan with those exact totals less exact that without one provider's own number are few.

    A provider knows its own numbers exactly, and what is left is the others'.
    """
    own = plan.filter((pl.col("breakdown") == PROVIDER) & (pl.col("category") != BOROUGH_ONLY)).select(
        *TOTAL, own="count", own_people="people"
    )
    apart = plan.filter((pl.col("breakdown") == PROVIDER) & (pl.col("category") == BOROUGH_ONLY)).select(
        *TOTAL, apart="count", apart_people="people"
    )
    rest, people = pl.col("count") - pl.col("own"), pl.col("people") - pl.col("own_people")
    small = profile.suppress_to
    of_lots = max(profile.borough_only_threshold - 1, small)
    limit = pl.when(rest == pl.col("apart")).then(pl.lit(of_lots)).otherwise(pl.lit(small))
    few = (
        rest.is_between(1, limit)
        | ((rest > 0) & people.is_between(1, limit))
        | (rest - pl.col("apart")).is_between(1, small)
    )
    known = (
        _totals(plan)
        .join(own, on=TOTAL)
        .join(apart, on=TOTAL, how="left")
        .with_columns(pl.col("apart").fill_null(0))
        .filter((pl.col("own") > 0) & few)
        .select(TOTAL)
        .unique()
        .with_columns(to_one=pl.lit(value=True))
    )
    less = pl.lit("secondary" if profile.round_to == EXACT else "rounded")
    exact = (pl.col("breakdown") == BOROUGH) & (pl.col("shown") == "exact")
    return (
        plan.join(known, on=TOTAL, how="left", maintain_order="left")
        .with_columns(
            shown=pl.when(exact & pl.col("to_one").fill_null(value=False)).then(less).otherwise("shown")
        )
        .drop("to_one")
    )


def _totals(plan: pl.DataFrame) -> pl.DataFrame:
    return plan.filter(pl.col("breakdown") == BOROUGH)


def _among(structure: Structure) -> pl.DataFrame:
    """Return each count with the rows it is taken from: of the same rows people and organisations are few."""
    return pl.DataFrame(
        [
            (count.id, count.same_as.rpartition("\x1f")[0])
            for count in structure.counts
            if count.same_as and "\x1f" in count.same_as
        ],
        schema={"count_id": pl.String(), "among": pl.String()},
        orient="row",
    )
