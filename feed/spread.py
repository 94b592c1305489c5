"""Statistics of a value over the rows of a count: interpolated percentiles, mean, what eight people reach.

The engine counts how often each value is there, in memory that it bounds; what follows from that is worked
out here, in the order of the values, so that it is the same on every machine.

A percentile is somebody's value, so it is told where enough people lie at it or beyond, on either side. The
largest value is one person's and is not told; what is told in its place is what eight people reach.

Source: Bond, Brandt and de Wolf 2015, Guidelines for the checking of output based on microdata research: no
largest and no smallest value; a percentile where enough lie below and above it.
"""

from collections.abc import Callable, Sequence

import polars as pl

from feed.declared import Kpi
from feed.shares import surely

CELL = ("period", "category")
PERCENTILES = {"median": (1, 2), "p90": (9, 10)}
"""By name the share of the rows that lie below, as numerator and denominator."""
FEWEST = 8
"""Source: NHS HES analysis guide: no mean or percentile of fewer than eight."""
FEWEST_FOR_MEAN = 30
"""Source: kpi.csv, K31: a mean with its interval from n = 30; of a rounded n, what it is at least."""
REACHED = "reached_by_eight"


def histogram_sql(value: str, category: str, rows: str, where: str) -> str:
    """Return the statement that counts how many rows have each value, by period and category."""
    return (
        f"SELECT p.period, {category} AS category, f.{value} AS value, count(*) AS many "
        f"FROM {rows} WHERE {where} AND f.{value} IS NOT NULL GROUP BY 1, 2, 3"
    )


def people_sql(value: str, category: str, rows: str, where: str) -> str:
    """Return the statement that counts people by the lowest and highest of their values.

    Those whom no row names stand for one, who is told apart: there may be more of them in another part.
    """
    each = (
        f"SELECT p.period, {category} AS category, f.person, min(f.{value}) AS lowest, "
        f"max(f.{value}) AS highest FROM {rows} WHERE {where} AND f.{value} IS NOT NULL GROUP BY 1, 2, 3"
    )
    told = "period, category, lowest, highest, person IS NULL AS nobody"
    return f"SELECT {told}, count(*) AS people FROM ({each}) GROUP BY 1, 2, 3, 4, 5"


def people_of_parts(every: pl.DataFrame) -> pl.DataFrame:
    """Return what the statement gave of several parts as of one: those whom no row names are one person."""
    named = every.filter(~pl.col("nobody")).group_by(*CELL, "lowest", "highest").agg(pl.col("people").sum())
    one = every.filter("nobody").group_by(CELL).agg(pl.col("lowest").min(), pl.col("highest").max())
    kind = every.schema["people"]
    one = one.with_columns(nobody=pl.lit(value=True), people=pl.lit(1, kind))
    return pl.concat(
        [each.select(every.columns) for each in (named.with_columns(nobody=pl.lit(value=False)), one)]
    )


def statistics_of(histogram: pl.DataFrame, people: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """Return each statistic of each period and category, with the number of values and their deviation.

    Given:   how many rows have each value; how many people lie between which values of theirs.
    Returns: as well how many people there are, and how many lie at the statistic or beyond it, on the side
             where they are fewer; of a mean nothing. The deviation is that of a sample; one value has none.
    """
    ordered = histogram.sort(*CELL, "value").with_columns(below=pl.col("many").cum_sum().over(CELL))
    n, value, many = pl.col("many").sum(), pl.col("value"), pl.col("many")
    mean = (value * many).sum() / n
    deviation = (((value - mean) ** 2 * many).sum() / (n - 1)).sqrt()
    told = ordered.group_by(CELL).agg(
        n.alias("n"),
        pl.when(n > 1).then(deviation).alias("deviation"),
        *(STATISTICS[name]().alias(name) for name in names if name != REACHED),
    )
    whole = told.join(_of_people(people), on=list(CELL), how="left")
    index = [*CELL, "n", "deviation", "people"]
    long = whole.unpivot(names, index=index, variable_name="statistic", value_name="value")
    return long.join(_beside(long, people), on=[*CELL, "statistic"], how="left")


def _of_people(people: pl.DataFrame) -> pl.DataFrame:
    """Return how many people there are, and the largest value that so many of them reach."""
    ordered = people.sort(*CELL, "highest", descending=[False, False, True])
    reached = pl.col("highest").filter(pl.col("people").cum_sum() >= FEWEST).first()
    return ordered.group_by(CELL).agg(reached.cast(pl.Float64).alias(REACHED), pl.col("people").sum())


def _beside(long: pl.DataFrame, people: pl.DataFrame) -> pl.DataFrame:
    """Return how many people lie at each statistic or beyond, on the side where there are fewer."""
    above = pl.col("people").filter(pl.col("highest") >= pl.col("value")).sum()
    below = pl.col("people").filter(pl.col("lowest") <= pl.col("value")).sum()
    places = long.filter(pl.col("statistic") != "mean").select(*CELL, "statistic", "value")
    return (
        places.join(people, on=list(CELL))
        .group_by(*CELL, "statistic")
        .agg(pl.min_horizontal(above, below).alias("beside"))
    )


def fewest_people(statistic: str, fewest: int = FEWEST) -> int:
    """Return of how many people at least a statistic is told, so that so few lie on neither side of it."""
    if statistic == REACHED:
        return 2 * fewest
    if statistic not in PERCENTILES:
        return fewest
    below, of = PERCENTILES[statistic]
    return -(-fewest * of // min(below, of - below))


def with_hidden(spreads: pl.DataFrame, cells: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """Return the statistics, and a row of each for every hidden cell that has none.

    There is nothing to work a statistic out from where the cell is none: without a row that would be told.
    """
    hidden = cells.filter(pl.col("value").is_null()).select(CELL)
    asked = hidden.join(pl.DataFrame({"statistic": list(names)}), how="cross")
    lacking = asked.join(spreads, on=[*CELL, "statistic"], how="anti")
    return pl.concat([spreads, lacking], how="diagonal")


def of_few(kpi: Kpi, fewest: int) -> pl.Expr:
    """Return whether too few stand behind a statistic, in all or on one side of it.

    It needs as many rows as people, by the published count too: else a number that is there would tell that
    the hidden count is large enough.
    """
    name = pl.col("statistic")
    people = name.replace_strict({each: fewest_people(each, fewest) for each in kpi.statistics})
    of_mean = pl.when(name == "mean").then(kpi.fewest or FEWEST_FOR_MEAN)
    rows = pl.max_horizontal(people, of_mean, pl.lit(kpi.fewest or 0))
    too_few = [
        pl.col("people") < people,
        pl.col("n") < rows,
        surely(pl.col("denominator"), pl.col("cell_shown")) < rows,
        pl.col("beside") < fewest,
        pl.col("value").is_null(),
    ]
    return pl.any_horizontal(each.fill_null(value=False) for each in too_few)


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
    "mean": lambda: (pl.col("value") * pl.col("many")).sum() / pl.col("many").sum(),
}
