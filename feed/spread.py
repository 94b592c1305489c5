"""Statistics of a value over the rows of a count: percentiles by linear interpolation, mean, longest.

The engine counts how often each value is there, in memory that it bounds; what follows from that is worked
out here, in the order of the values, so that it is the same on every machine.
"""

from collections.abc import Callable, Sequence

import polars as pl

CELL = ("period", "category")
PERCENTILES = {"median": (1, 2), "p90": (9, 10)}
"""By name the share of the rows that lie below, as numerator and denominator."""


def histogram_sql(value: str, category: str, rows: str, where: str) -> str:
    """Return the statement that counts how many rows have each value, by period and category."""
    return (
        f"SELECT p.period, {category} AS category, f.{value} AS value, count(*) AS many "
        f"FROM {rows} WHERE {where} AND f.{value} IS NOT NULL GROUP BY 1, 2, 3"
    )


def people_sql(value: str, category: str, rows: str, where: str) -> str:
    """Return the statement that counts the people of rows with a value; those not named stand for one."""
    each = (
        f"SELECT DISTINCT p.period, {category} AS category, f.person "
        f"FROM {rows} WHERE {where} AND f.{value} IS NOT NULL"
    )
    return f"SELECT period, category, count(*) AS people FROM ({each}) GROUP BY 1, 2"


def statistics_of(histogram: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """Return each statistic of each period and category, with the number of values and their deviation.

    Given: how many rows have each value. The deviation is that of a sample; a single value has none.
    """
    ordered = histogram.sort(*CELL, "value").with_columns(below=pl.col("many").cum_sum().over(CELL))
    n, value, many = pl.col("many").sum(), pl.col("value"), pl.col("many")
    mean = (value * many).sum() / n
    deviation = (((value - mean) ** 2 * many).sum() / (n - 1)).sqrt()
    told = ordered.group_by(CELL).agg(
        n.alias("n"),
        pl.when(n > 1).then(deviation).alias("deviation"),
        *(STATISTICS[name]().alias(name) for name in names),
    )
    return told.unpivot(names, index=[*CELL, "n", "deviation"], variable_name="statistic", value_name="value")


def _percentile(numerator: int, denominator: int) -> pl.Expr:
    """Return the percentile by linear interpolation, the places counted in whole numbers."""
    place = (pl.col("many").sum() - 1) * numerator
    low, part = place // denominator, place % denominator
    high = low + (part > 0).cast(pl.Int64)
    lower, upper = (pl.col("value").filter(pl.col("below") > rank).first() for rank in (low, high))
    return lower + (upper - lower) * part / denominator


STATISTICS: dict[str, Callable[[], pl.Expr]] = {
    "median": lambda: _percentile(*PERCENTILES["median"]),
    "p90": lambda: _percentile(*PERCENTILES["p90"]),
    "longest": lambda: pl.col("value").max(),
    "mean": lambda: (pl.col("value") * pl.col("many")).sum() / pl.col("many").sum(),
}
