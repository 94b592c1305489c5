"""Count what is declared, over the facts of one warehouse: exact numbers that nobody may see as they are."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import polars as pl

from feed.availability import (
    completeness_count,
    empty_figures,
    missing_fields,
    untold_splits,
    with_completeness,
)
from feed.declared import Count, Declarations, Kpi, declarations
from feed.dimensions import ALL, BOROUGH, dimension
from feed.facts import FACTS, Facts
from feed.intervals import student
from feed.narrowed import (
    BY_MONTH,
    Narrowed,
    category_of,
    drop,
    drop_periods,
    is_long,
    make_periods,
    narrow,
    value_of,
)
from feed.periods import Period
from feed.spread import CELL, histogram_sql, people_sql, statistics_of
from feed.sums import SUMS, as_sums, sum_sql

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
    """

    period: Period
    counts: pl.DataFrame = field(repr=False)
    spreads: pl.DataFrame = field(repr=False)
    missing: dict[str, list[str]] = field(default_factory=dict)
    untold: dict[tuple[str, str], str] = field(default_factory=dict)
    sums: pl.DataFrame = field(default_factory=SUMS.to_frame, repr=False)
    empty: dict[str, str] = field(default_factory=dict)


def count_all(facts: Facts, period: Period, declared: Declarations | None = None) -> RawCounts:
    """Return every declared count and spread of the period, its quarters and its months.

    Returns: a row for each category that the fact has anywhere in the period, so that a zero stands as one.
    """
    declared = declared or declarations()
    missing = missing_fields(facts, declared)
    wanted = _available(declared, missing)
    valued = [kpi for kpi in declared.kpis.values() if kpi.value and kpi.id not in missing]
    frames: list[pl.DataFrame] = []
    spreads: list[pl.DataFrame] = []
    sums: list[pl.DataFrame] = []
    make_periods(facts, period)
    for fact in FACTS.values():
        counts = [count for count in wanted if count.fact == fact.name]
        values = [kpi for kpi in valued if kpi.of and declared.counts[kpi.of].fact == fact.name]
        if counts:
            made = narrow(facts, fact, counts, values)
            frames += _counted(facts, made, period, declared.named_categories)
            spreads += _spreads(facts, made, values)
            sums += _sums(facts, made, values)
            drop(facts, made)
    drop_periods(facts)
    return RawCounts(
        period,
        pl.concat([COUNTS.to_frame(), *frames]).sort("count_id", "period", "breakdown", "category"),
        pl.concat([SPREADS.to_frame(), *spreads]).sort("kpi", "statistic", "period", "breakdown", "category"),
        missing,
        untold_splits(facts),
        pl.concat([SUMS.to_frame(), *sums]).sort("kpi", "period", "breakdown", "category"),
        empty_figures(facts, declared),
    )


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


def _counted(facts: Facts, made: Narrowed, period: Period, named: Named) -> Iterator[pl.DataFrame]:
    """Yield the counts of one fact by each breakdown."""
    for breakdown in dict.fromkeys(name for count in made.counts for name in count.all_breakdowns):
        if breakdown != BOROUGH and not facts.tells(made.fact, breakdown):
            continue
        asked = [count for count in made.counts if breakdown in count.all_breakdowns]
        categories = {name for count in asked for name in named.get((count.id, breakdown), ())}
        categories |= dimension(breakdown).always
        found = facts.frame(_rows_sql(made, breakdown, asked))
        whole = _grid(period, breakdown, found, categories)
        for part in (found, *_distinct(facts, made, breakdown, asked)):
            whole = whole.join(part.cast({"category": pl.String()}), on=list(CELL), how="left")
        long = whole.filter(pl.col("period").is_in([p.label for p in period.parts if is_long(p, period)]))
        yield from (_cells(whole if count.by_month else long, count, breakdown) for count in asked)


def _rows_sql(made: Narrowed, breakdown: str, asked: Sequence[Count]) -> str:
    """Return the statement that counts rows by period and category."""
    columns = [
        f"count(*) FILTER (WHERE {made.has(count.id)}) AS n_{count.id}"
        for count in asked
        if count.of == "rows"
    ]
    select = ", ".join(("p.period", f"{category_of(breakdown)} AS category", *columns))
    return f"SELECT {select} FROM {made.rows(breakdown)} GROUP BY 1, 2"


def _distinct(facts: Facts, made: Narrowed, breakdown: str, asked: Sequence[Count]) -> Iterator[pl.DataFrame]:
    """Yield how many different people, and things of each kind, are in each count.

    People whom no row names stand for one, but where people themselves are what is counted.
    """
    people = [
        f"count({'thing' if count.of == 'person' else '*'}) FILTER (WHERE {made.has(count.id, 'flags')}) "
        f"AS p_{count.id}"
        for count in asked
    ]
    yield facts.frame(_different("person", made, breakdown, people))
    for thing in dict.fromkeys(count.of for count in asked if count.of not in {"rows", "person"}):
        columns = [
            f"count(thing) FILTER (WHERE {made.has(count.id, 'flags')}) AS n_{count.id}"
            for count in asked
            if count.of == thing
        ]
        yield facts.frame(_different(thing, made, breakdown, columns))


def _different(thing: str, made: Narrowed, breakdown: str, columns: Sequence[str]) -> str:
    """Return the statement that looks at each different thing of a period and category once.

    Given: what is counted of `thing`, whose `flags` say in which counts any of its rows is.
    """
    category = category_of(breakdown)
    each = f"SELECT p.period, {category} AS category, f.{thing} AS thing, bit_or(f.flags) AS flags"
    return (
        f"SELECT period, category, {', '.join(columns)} "
        f"FROM ({each} FROM {made.rows(breakdown)} GROUP BY 1, 2, 3) GROUP BY 1, 2"
    )


def _cells(whole: pl.DataFrame, count: Count, breakdown: str) -> pl.DataFrame:
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
    )


def _grid(period: Period, breakdown: str, found: pl.DataFrame, named: set[str]) -> pl.DataFrame:
    """Return every period of the breakdown with every category that is named, or that the fact has in any."""
    labels = [each.label for each in period.parts if breakdown in BY_MONTH or is_long(each, period)]
    categories = pl.Series([ALL]) if breakdown == BOROUGH else _categories(found, named)
    periods = pl.DataFrame({"period": labels}, schema={"period": pl.String()})
    return periods.join(categories.alias("category").to_frame(), how="cross")


def _categories(found: pl.DataFrame, named: set[str]) -> pl.Series:
    return pl.Series(sorted({*found["category"], *named}), dtype=pl.String())


def _valued(
    facts: Facts, made: Narrowed, kpis: Sequence[Kpi], kind: str
) -> Iterator[tuple[Kpi, str, tuple[str, str, str, str]]]:
    """Yield each figure of a kind with each breakdown that the flow tells: value, category, rows, which."""
    for kpi in (kpi for kpi in kpis if kpi.kind == kind):
        for breakdown in kpi.all_breakdowns:
            if breakdown == BOROUGH or facts.tells(made.fact, breakdown):
                rows = (category_of(breakdown), made.rows(breakdown), made.has(str(kpi.of)))
                yield kpi, breakdown, (value_of(kpi), *rows)


def _spreads(facts: Facts, made: Narrowed, kpis: Sequence[Kpi]) -> Iterator[pl.DataFrame]:
    """Yield each spread of the fact by its breakdowns; a mean has its interval."""
    is_mean = pl.col("statistic") == "mean"
    lower, upper = student(pl.col("value"), pl.col("deviation"), pl.col("n"))
    for kpi, breakdown, parts in _valued(facts, made, kpis, "spread"):
        histogram, people = (facts.frame(sql(*parts)) for sql in (histogram_sql, people_sql))
        yield (
            statistics_of(histogram, people, kpi.statistics).select(
                pl.lit(kpi.id).alias("kpi"),
                "statistic",
                "period",
                pl.lit(breakdown).alias("breakdown"),
                pl.col("category").cast(pl.String),
                pl.col("n").cast(pl.Int64),
                pl.col("people", "beside").cast(pl.Int64),
                pl.col("value").cast(pl.Float64),
                pl.when(is_mean).then(lower).alias("lower"),
                pl.when(is_mean).then(upper).alias("upper"),
            )
        )


def _sums(facts: Facts, made: Narrowed, kpis: Sequence[Kpi]) -> Iterator[pl.DataFrame]:
    """Yield each sum over the fact by its breakdowns."""
    for kpi, breakdown, parts in _valued(facts, made, kpis, "sum"):
        yield as_sums(facts.frame(sum_sql(*parts)), kpi, breakdown)
