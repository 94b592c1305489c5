"""Count what is declared, over the facts of one warehouse: exact numbers that nobody may see as they are."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import polars as pl

from feed.availability import (
    EmptyFigures,
    completeness_count,
    missing_fields,
    untold_splits,
    with_completeness,
)
from feed.declared import Count, Declarations, declarations
from feed.dimensions import ALL, BOROUGH, dimension
from feed.facts import FACTS, Facts
from feed.intervals import student
from feed.narrowed import BY_MONTH, Narrowed, drop_periods, is_long, make_periods
from feed.part_counts import (
    HISTOGRAM,
    PEOPLE,
    ROWS,
    SUM,
    breakdowns_of,
    count_part,
    things_of,
    valued,
)
from feed.periods import Period
from feed.spread import CELL, statistics_of
from feed.sums import SUMS, as_sums
from feed.tally import OTHERS, Tally, has
from feed.together import TOGETHER

COUNTS = pl.Schema(
    {
        "count_id": pl.String(),
        "period": pl.String(),
        "breakdown": pl.String(),
        "category": pl.String(),
        "count": pl.Int64(),
        "people": pl.Int64(),
    }
)
TOLD_OF_LOTS = pl.Schema({**COUNTS, "of_lots": pl.Boolean()})
"""The counts, and of which cells all is of lots that are counted for the borough only."""
SPREADS = pl.Schema(
    {
        "kpi": pl.String(),
        "statistic": pl.String(),
        "period": pl.String(),
        "breakdown": pl.String(),
        "category": pl.String(),
        "n": pl.Int64(),
        "people": pl.Int64(),
        "beside": pl.Int64(),
        "value": pl.Float64(),
        "lower": pl.Float64(),
        "upper": pl.Float64(),
    }
)
Named = dict[tuple[str, str], set[str]]
"""By count and breakdown the categories that stand there whatever is counted."""


@dataclass(frozen=True)
class RawCounts:
    """Exact counts of one period, before disclosure control; never written down.

    missing: by figure, the fields it needs that the flow does not release.
    untold:  by fact and breakdown, the field that its categories are read from and that the flow does not
             release; nothing is counted by it.
    sums:    of money, with who has most of each.
    empty:   by figure, why it tells nothing.
    together: which categories the rows of the period have together, PAIRS.
    """

    period: Period
    counts: pl.DataFrame = field(repr=False)
    spreads: pl.DataFrame = field(repr=False)
    missing: dict[str, list[str]] = field(default_factory=dict)
    untold: dict[tuple[str, str], str] = field(default_factory=dict)
    sums: pl.DataFrame = field(default_factory=SUMS.to_frame, repr=False)
    empty: dict[str, str] = field(default_factory=dict)
    together: pl.DataFrame | None = field(default=None, repr=False)


def count_all(facts: Facts, period: Period, declared: Declarations | None = None) -> RawCounts:
    """Return every declared count and spread of the period, its quarters and its months.

    Returns: a row for each category that the fact has anywhere in the period, so that a zero stands as one.
    """
    declared = declared or declarations()
    missing = missing_fields(facts, declared)
    every = list(_narrowed(declared, missing))
    tally, empty = Tally(), EmptyFigures(declared)
    make_periods(facts, period)
    for _ in facts.each_part():
        for made in every:
            count_part(facts, made, period, tally)
        empty.look(facts)
    drop_periods(facts)
    named = declared.named_categories
    counts = [frame for made in every for frame in _counted(facts, made, period, tally, named)]
    spreads = [frame for made in every for frame in _spreads(facts, made, tally)]
    sums = [frame for made in every for frame in _sums(facts, made, tally)]
    return RawCounts(
        period,
        pl.concat([TOLD_OF_LOTS.to_frame(), *counts]).sort("count_id", "period", "breakdown", "category"),
        pl.concat([SPREADS.to_frame(), *spreads]).sort("kpi", "statistic", "period", "breakdown", "category"),
        missing,
        untold_splits(facts),
        pl.concat([SUMS.to_frame(), *sums]).sort("kpi", "period", "breakdown", "category"),
        empty.found,
        tally.of(TOGETHER),
    )


def _narrowed(declared: Declarations, missing: dict[str, list[str]]) -> Iterator[Narrowed]:
    """Yield every fact with its counts, and the figures whose values stand in its rows."""
    wanted = _available(declared, missing)
    valued = [kpi for kpi in declared.kpis.values() if kpi.value and kpi.id not in missing]
    for fact in FACTS.values():
        values = [kpi for kpi in valued if kpi.of and declared.counts[kpi.of].fact == fact.name]
        yield Narrowed(fact, [count for count in wanted if count.fact == fact.name], values)


def _available(declared: Declarations, missing: dict[str, list[str]]) -> list[Count]:
    """Return the counts that any available figure is made of, or a part of which one is."""
    every = with_completeness(declared)
    wanted: dict[str, Count] = {}
    for kpi in declared.kpis.values():
        if kpi.id in missing:
            continue
        names = [*kpi.counts, *([completeness_count(kpi, declared).id] if kpi.completeness else [])]
        while names:
            count = every[names.pop()]
            wanted[count.id] = count
            names += [count.part_of] if count.part_of and count.part_of not in wanted else []
    return list(wanted.values())


def _counted(
    facts: Facts, made: Narrowed, period: Period, tally: Tally, named: Named
) -> Iterator[pl.DataFrame]:
    """Yield the counts of one fact by each breakdown."""
    for breakdown, asked in breakdowns_of(facts, made):
        of = (made.fact.name, breakdown)
        categories = {name for count in asked for name in named.get((count.id, breakdown), ())}
        categories |= dimension(breakdown).always
        found = tally.of(ROWS, *of)
        nameless = {f"p_{count.id}": made.bits[count.id] for count in asked if count.of != "person"}
        whole = _grid(period, breakdown, found, categories)
        for part in (found, tally.people(nameless, PEOPLE, *of), *_things(made, asked, tally, breakdown)):
            whole = whole.join(part, on=list(CELL), how="left")
        long = whole.filter(pl.col("period").is_in([p.label for p in period.parts if is_long(p, period)]))
        yield from (
            _cells(whole if count.by_month else long, count, breakdown, made.bits[count.id])
            for count in asked
        )


def _things(made: Narrowed, asked: Sequence[Count], tally: Tally, breakdown: str) -> Iterator[pl.DataFrame]:
    """Yield how many different things of each kind are in each count."""
    for thing in things_of(asked):
        bits = {f"n_{count.id}": made.bits[count.id] for count in asked if count.of == thing}
        yield tally.different(bits, thing, made.fact.name, breakdown)


def _cells(whole: pl.DataFrame, count: Count, breakdown: str, bit: int) -> pl.DataFrame:
    """Return the cells of one count; of organisations there are as many people as organisations."""
    number = f"p_{count.id}" if count.of == "person" else f"n_{count.id}"
    people = number if count.organisations else f"p_{count.id}"
    return whole.select(
        pl.lit(count.id).alias("count_id"),
        "period",
        pl.lit(breakdown).alias("breakdown"),
        "category",
        pl.col(number).fill_null(0).cast(pl.Int64).alias("count"),
        pl.col(people).fill_null(0).cast(pl.Int64).alias("people"),
        ((pl.col(number).fill_null(0) > 0) & ~has(OTHERS, bit)).alias("of_lots"),
    )


def _grid(period: Period, breakdown: str, found: pl.DataFrame, named: set[str]) -> pl.DataFrame:
    """Return every period of the breakdown with every category that is named, or that the fact has in any."""
    labels = [each.label for each in period.parts if breakdown in BY_MONTH or is_long(each, period)]
    categories = pl.Series([ALL]) if breakdown == BOROUGH else _categories(found, named)
    periods = pl.DataFrame({"period": labels}, schema={"period": pl.String()})
    return periods.join(categories.alias("category").to_frame(), how="cross")


def _categories(found: pl.DataFrame, named: set[str]) -> pl.Series:
    return pl.Series(sorted({*found["category"], *named}), dtype=pl.String())


def _spreads(facts: Facts, made: Narrowed, tally: Tally) -> Iterator[pl.DataFrame]:
    """Yield each spread of the fact by its breakdowns; a mean has its interval."""
    is_mean = pl.col("statistic") == "mean"
    lower, upper = student(pl.col("value"), pl.col("deviation"), pl.col("n"))
    for kpi, breakdown, _ in valued(facts, made, "spread"):
        histogram = tally.of(HISTOGRAM, kpi.id, breakdown)
        people = tally.of(PEOPLE, kpi.id, breakdown)
        yield (
            statistics_of(histogram, people, kpi.statistics).select(
                pl.lit(kpi.id).alias("kpi"),
                "statistic",
                "period",
                pl.lit(breakdown).alias("breakdown"),
                "category",
                pl.col("n").cast(pl.Int64),
                pl.col("people", "beside").cast(pl.Int64),
                pl.col("value").cast(pl.Float64),
                pl.when(is_mean).then(lower).alias("lower"),
                pl.when(is_mean).then(upper).alias("upper"),
            )
        )


def _sums(facts: Facts, made: Narrowed, tally: Tally) -> Iterator[pl.DataFrame]:
    """Yield each sum over the fact by its breakdowns."""
    for kpi, breakdown, _ in valued(facts, made, "sum"):
        yield as_sums(tally.of(SUM, kpi.id, breakdown), kpi, breakdown)
