"""Sums of money over the rows of a count, with what tells whether one person makes most of a sum."""

from typing import TYPE_CHECKING

import polars as pl

from feed.spread import CELL

if TYPE_CHECKING:
    from feed.declared import Kpi

SUMS = pl.Schema(
    {
        "kpi": pl.String(),
        "period": pl.String(),
        "breakdown": pl.String(),
        "category": pl.String(),
        "n": pl.Int64(),
        "people": pl.Int64(),
        "total": pl.Float64(),
        "largest": pl.Float64(),
        "second": pl.Float64(),
    }
)
NUMBERS = ("n", "people", "total", "largest", "second")


def sum_sql(value: str, category: str, rows: str, where: str) -> str:
    """Return the statement that adds a value up by period and category, of people and of nobody apart.

    Returns: n rows, people, total, and what the two people with the most have of it; all rows that name
             nobody are taken for one person's, since they may be.
    """
    return (
        "SELECT period, category, person IS NULL AS nobody, sum(n) AS n, count(*) AS people, "
        "sum(total) AS total, max(total) AS largest, "
        "coalesce(list_extract(max(total, 2), 2), 0) AS second FROM ("
        f"SELECT p.period, {category} AS category, f.person, count(*) AS n, sum(f.{value}) AS total "
        f"FROM {rows} WHERE {where} AND f.{value} > 0 GROUP BY ALL) GROUP BY ALL"
    )


def as_sums(every: pl.DataFrame, kpi: "Kpi", breakdown: str) -> pl.DataFrame:
    """Return what the statement gave of every part, SUMS: rows of nobody are of one person in all parts."""
    added = pl.col("n", "people", "total").sum()
    nobody = every.filter("nobody").group_by(CELL).agg(added)
    nobody = nobody.with_columns(people=1, largest="total", second=0.0).select(*CELL, *NUMBERS)
    each = pl.concat([every.select(*CELL, *NUMBERS).filter(~every["nobody"]), nobody], how="vertical_relaxed")
    most = pl.concat([each.select(*CELL, one=name) for name in ("largest", "second")])
    two = most.group_by(CELL).agg(pl.col("one").sort(descending=True).head(2))
    told = each.group_by(CELL).agg(added).join(two, on=list(CELL))
    named = told.with_columns(
        kpi=pl.lit(kpi.id),
        breakdown=pl.lit(breakdown),
        largest=pl.col("one").list.get(0),
        second=pl.col("one").list.get(1),
    )
    return named.select(pl.col(name).cast(kind) for name, kind in SUMS.items())
