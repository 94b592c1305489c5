"""Who is one person within a source, by that source's own records: what its provider may be told."""

from collections.abc import Collection

import polars as pl

from sync.linking.agreeing import EDGES, groups
from sync.linking.linked import ALONE, LIKELY, Within


def told_within(
    who: pl.DataFrame,
    places: pl.DataFrame,
    rules: Collection[frozenset[str]],
    probable: pl.DataFrame,
    stated: pl.DataFrame,
    *,
    proves: Collection[str],
) -> Within:
    """Return who is one person within each source.

    Given: as `groups`; DataFrame[first, second] of pairs that are probable enough to be told.
    A source's records are asked alone: that two of them are joined by somebody else's record would tell
    its provider that there is one.
    """
    nothing = pl.DataFrame(schema=EDGES)
    alone = [ALONE.to_frame()]
    for own in who.partition_by("source"):
        homes = places.join(own.select("person"), on="person", how="semi")
        found, _ = groups(own, homes, rules, nothing, nothing, proves=proves)
        alone.append(found.join(own, on="person").select(ALONE.names()))
    return Within(pl.concat(alone), _likely(who, probable), stated)


def _likely(who: pl.DataFrame, probable: pl.DataFrame) -> pl.DataFrame:
    """Return the pairs of one source that have not both a number: those speak for themselves."""
    known = who.select("person", "source", "number")
    ends = probable.join(known, left_on="first", right_on="person").join(
        known, left_on="second", right_on="person", suffix=" second"
    )
    numbered = pl.col("number").is_not_null() & pl.col("number second").is_not_null()
    return ends.filter(pl.col("source") == pl.col("source second"), ~numbered).select(LIKELY.names())
