"""Records that are the same as another in what matters: which of them came later."""

from collections.abc import Sequence

import polars as pl


def several(rows: pl.DataFrame, same: Sequence[str]) -> pl.DataFrame:
    """Return the rows that have another like them in these columns; blanks are alike.

    Hashes are compared first: few rows are left whose words have to be.
    """
    marks = [pl.col(name).hash(seed) for seed, name in enumerate(same)]
    likely = rows.filter(pl.fold(pl.lit(0, pl.UInt64), lambda one, other: one ^ other, marks).is_duplicated())
    return likely.filter(pl.struct(*same).is_duplicated())


def first_of_the_same(table: pl.DataFrame, same: Sequence[str], order: Sequence[str]) -> pl.Series:
    """Return the place of the record that each one follows, of those that are the same in these columns.

    The first is the one that stands first in the order, then by its reference; blanks are the same. The first
    follows nobody: null.
    """
    absent = [pl.lit(None, pl.String).alias(name) for name in (*same, *order) if name not in table.columns]
    last = ("_reference", "_row")
    rows = table.with_columns(absent).select(*same, *order, *last).with_row_index("at")
    ordered = several(rows, same).sort(*order, *last, nulls_last=True)
    first = ordered.with_columns(first=pl.col("at").first().over(same))
    followed = first.select(pl.when(pl.col("first") != pl.col("at")).then("first")).to_series()
    return spread(table.height, first["at"], followed)


def later_of_the_same(table: pl.DataFrame, same: Sequence[str], order: Sequence[str]) -> pl.Series:
    """Return whether each record follows another that is the same in these columns."""
    return first_of_the_same(table, same, order).is_not_null()


def spread(height: int, at: pl.Series, places: pl.Series) -> pl.Series:
    """Return the places told of some records as one for each of them all; null for the others."""
    known = places.is_not_null()
    nowhere = pl.repeat(None, height, dtype=pl.UInt32, eager=True)
    return nowhere.scatter(at.filter(known), places.filter(known))
