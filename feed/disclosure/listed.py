"""Which categories stand in a table: that one stands there, or stands there no more, tells of its rows."""

import polars as pl

from feed.disclosure.cells import BOROUGH, KEY, TABLE
from feed.disclosure.structure import Structure

CATEGORY = ("among", "breakdown", "category")
SILENT, APART = "withheld", "borough_only"


def with_those_before(counts: pl.DataFrame, before: pl.DataFrame | None) -> pl.DataFrame:
    """Return the counts, with none of each category that stood in a table of theirs and has no row any more.

    Given: exact counts; what is known of the cells of earlier releases.
    """
    if before is None or before.is_empty():
        return counts
    stood = before.select(KEY).unique().join(counts, on=TABLE, how="semi")
    gone = stood.join(counts, on=KEY, how="anti")
    if gone.is_empty():
        return counts
    none = [pl.lit(0, counts.schema[name]).alias(name) for name in ("count", "people")]
    lots = [pl.lit(value=False).alias("of_lots")] if "of_lots" in counts.columns else []
    return pl.concat([counts, gone.with_columns(*none, *lots).select(counts.columns)]).sort(KEY)


def unlisted(published: pl.DataFrame, before: pl.DataFrame | None, structure: Structure) -> pl.DataFrame:
    """Return the KEY of the cells of categories of which nothing is told, so that they do not stand there.

    A category stands in the tables of a fact because a row of it is there, so a table that withholds whether
    there is any would tell it by the category's name.

    Given:   PUBLISHED; what is known of the cells of earlier releases.
    Returns: nothing of a category of which something was told before, or that always stands there. That lots
             for the borough only stand apart is told in the first release, or if they did before.
    """
    facts = _facts(structure)
    cells = published.filter(pl.col("breakdown") != BOROUGH).join(facts, on="count_id")
    always = pl.DataFrame(
        [(each.count, each.breakdown, each.category) for each in structure.always],
        schema={name: pl.String() for name in ("count_id", *CATEGORY[1:])},
        orient="row",
    )
    then = (cells.clear() if before is None else before.join(facts, on="count_id")).select(*CATEGORY, "shown")
    known = then.select(*CATEGORY[:2], known=pl.lit(value=True)).unique()
    silent = (pl.col("shown") == SILENT) | ((pl.col("shown") == APART) & pl.col("known").is_not_null())
    found = (
        cells.join(known, on=CATEGORY[:2], how="left")
        .group_by(CATEGORY)
        .agg(all=(silent | pl.col("value").eq_missing(0)).all(), any=silent.any())
        .filter("all", "any")
    )
    for stands in (always.join(facts, on="count_id"), then.filter(pl.col("shown") != SILENT)):
        found = found.join(stands, on=CATEGORY, how="anti")
    return cells.join(found, on=CATEGORY, how="semi").select(KEY)


def _facts(structure: Structure) -> pl.DataFrame:
    """Return each count with the fact that it is taken from; a part with that of its whole."""
    of = {count.id: (count.same_as or count.id).partition("\x1f")[0] for count in structure.counts}
    whole = {
        of[count.id]: of[count.part_of]
        for count in structure.counts
        if count.part_of and of[count.part_of] != of[count.id]
    }
    return pl.DataFrame(
        [(count, whole.get(fact, fact)) for count, fact in of.items()],
        schema={"count_id": pl.String(), "among": pl.String()},
        orient="row",
    )
