"""Of records of one provider that are one person's, which is told of beside which: each later one once."""

from collections.abc import Iterable

import polars as pl

from sync.linking.linked import Within

OTHERS = pl.Schema({"person": pl.UInt64(), "other": pl.String()})
NAMES = pl.Schema({"person": pl.UInt64(), "reference": pl.String()})


def linked_others(within: Within, names: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """Return OTHERS: of each later record of a linked person the first; of pairs only weighed likewise.

    What one number proves is told by its own check, and what the source says itself is not told at all.
    """
    known = _references(names)
    grouped = within.alone.join(known, on="person").sort("label", "reference")
    first = grouped.unique("label", keep="first", maintain_order=True)
    met = grouped.join(first, on="label", suffix=" first").filter(
        pl.col("person") != pl.col("person first"),
        ~(pl.col("number") == pl.col("number first")).fill_null(value=False),
    )
    joined = met.select(first="person first", second="person").with_columns(rank=pl.lit(0))
    likely = within.likely.with_columns(rank=pl.lit(1))
    pairs = pl.concat([joined, likely]).join(known, left_on="first", right_on="person")
    pairs = pairs.join(known, left_on="second", right_on="person", suffix=" second")
    pairs = _not_stated(pairs, within.stated)
    later = pl.col("reference second") > pl.col("reference")
    told = pairs.select(
        "rank",
        person=pl.when(later).then("second").otherwise("first"),
        other=pl.min_horizontal("reference", "reference second"),
    )
    return told.sort("rank", "other").unique("person", keep="first").select(OTHERS.names())


def number_mates(numbers: pl.DataFrame, names: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """Return OTHERS: of each record that shares its number the first other that has it.

    Given: DataFrame[person, mark] and names of one source.
    """
    known = numbers.unique().join(_references(names), on="person")
    shared = known.filter(pl.col("mark").is_duplicated()).sort("mark", "reference")
    first, second = (pl.col("reference").get(at).over("mark") for at in range(2))
    mate = pl.when(pl.col("reference") == first).then(second).otherwise(first)
    return shared.select("person", other=mate).group_by("person").agg(pl.col("other").min())


def _references(names: Iterable[pl.DataFrame]) -> pl.DataFrame:
    parts = [part.select(NAMES.names()) for part in names]
    return pl.concat([NAMES.to_frame(), *parts]).unique("person", keep="first", maintain_order=True)


def _not_stated(pairs: pl.DataFrame, stated: pl.DataFrame) -> pl.DataFrame:
    """Return the pairs without those that their own source has merged."""
    for ends in (["first", "second"], ["second", "first"]):
        pairs = pairs.join(stated, left_on=ends, right_on=["lost", "person"], how="anti")
    return pairs
