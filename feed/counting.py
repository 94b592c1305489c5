"""Count what is declared, over the facts of one warehouse: exact numbers that nobody may see as they are."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import polars as pl

from feed.availability import completeness_count, missing_fields, untold_splits, with_completeness
from feed.declared import Count, Declarations, Kpi, declarations
from feed.dimensions import ALL, BOROUGH
from feed.fact import Fact
from feed.facts import FACTS, Facts
from feed.intervals import student
from feed.periods import Period
from feed.spread import spread_sql

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
        "value": pl.Float64(),
        "lower": pl.Float64(),
        "upper": pl.Float64(),
    }
)
Named = dict[tuple[str, str], set[str]]
"""By count and breakdown the categories that stand there whatever is counted."""
BY_MONTH = frozenset({BOROUGH, "provider", "lot"})
"""Breakdowns that are counted by month too; the others by the period and its quarters."""


@dataclass(frozen=True)
class RawCounts:
    """Exact counts of one period, before disclosure control; never written down.

    missing: by figure, the fields it needs that the flow does not release.
    untold:  by fact and breakdown, the field that its categories are read from and that the flow does not
             release; nothing is counted by it.
    """

    period: Period
    counts: pl.DataFrame = field(repr=False)
    spreads: pl.DataFrame = field(repr=False)
    missing: dict[str, list[str]] = field(default_factory=dict)
    untold: dict[tuple[str, str], str] = field(default_factory=dict)


def count_all(facts: Facts, period: Period, declared: Declarations | None = None) -> RawCounts:
    """Return every declared count and spread of the period, its quarters and its months.

    Returns: a row for each category that the fact has anywhere in the period, so that a zero stands as one.
    """
    declared = declared or declarations()
    missing = missing_fields(facts, declared)
    _make_periods(facts, period)
    wanted = _available(declared, missing)
    spreads = [kpi for kpi in declared.kpis.values() if kpi.kind == "spread" and kpi.id not in missing]
    frames: list[pl.DataFrame] = []
    spread: list[pl.DataFrame] = []
    for fact in FACTS.values():
        counts = [count for count in wanted if count.fact == fact.name]
        values = [kpi for kpi in spreads if kpi.of and declared.counts[kpi.of].fact == fact.name]
        if counts:
            table = _narrowed(facts, fact, counts, values)
            frames += _counted(facts, fact, counts, period, declared.named_categories)
            spread += _spreads(facts, fact, values)
            facts.run(f"DROP TABLE {table}")
    facts.run("DROP TABLE feed_month")
    facts.run("DROP TABLE feed_period")
    return RawCounts(
        period,
        pl.concat([COUNTS.to_frame(), *frames]).sort("count_id", "period", "breakdown", "category"),
        pl.concat([SPREADS.to_frame(), *spread]).sort("kpi", "statistic", "period", "breakdown", "category"),
        missing,
        untold_splits(facts),
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


def _make_periods(facts: Facts, period: Period) -> None:
    """Leave two small tables behind: every period with its last day, and the months of each."""
    labels = [(each.label, _kind(each, period), each) for each in period.parts]
    ends = ", ".join(f"('{label}', '{kind}', DATE '{each.end}')" for label, kind, each in labels)
    months = ", ".join(
        f"('{label}', '{kind}', DATE '{month.start}')"
        for label, kind, each in labels
        for month in each.months
    )
    facts.run(f"CREATE TEMP TABLE feed_period AS SELECT * FROM (VALUES {ends}) t(period, kind, last)")
    facts.run(f"CREATE TEMP TABLE feed_month AS SELECT * FROM (VALUES {months}) t(period, kind, month)")


def _kind(each: Period, whole: Period) -> str:
    return "long" if each.label == whole.label or len(each.months) > 1 else "month"


def _narrowed(facts: Facts, fact: Fact, counts: Iterable[Count], values: Iterable[Kpi]) -> str:
    """Leave a table of the fact's rows of these periods behind, and return its name."""
    counts = list(counts)
    splits = dict.fromkeys(name for count in counts for name in count.breakdowns)
    splits |= dict.fromkeys(name for kpi in values for name in kpi.breakdowns)
    things = dict.fromkeys(count.of for count in counts if count.of not in {"rows", "person", *splits})
    columns = [
        "person",
        *splits,
        *things,
        *(f"coalesce({count.where}, false) AS _{count.id}" for count in counts),
        *(f"({kpi.value})::DOUBLE AS {_value_of(kpi)}" for kpi in values),
    ]
    when = (
        ("day, until", "day <= (SELECT max(last) FROM feed_period)")
        if fact.is_state
        else (
            "date_trunc('month', day)::DATE AS month",
            "date_trunc('month', day)::DATE IN (SELECT month FROM feed_month)",
        )
    )
    facts.run(
        f"CREATE TEMP TABLE counted_{fact.name} AS SELECT {when[0]}, {', '.join(columns)} "
        f"FROM fact_{fact.name} WHERE {when[1]}"
    )
    return f"counted_{fact.name}"


def _value_of(kpi: Kpi) -> str:
    return "value_" + kpi.id.replace(".", "_")


def _joined(fact: Fact, breakdown: str) -> str:
    """Return the fact's rows once for each period that they count in."""
    periods = "" if breakdown in BY_MONTH else "AND p.kind = 'long'"
    if fact.is_state:
        return (
            f"counted_{fact.name} f JOIN feed_period p ON f.day <= p.last "
            f"AND (f.until IS NULL OR f.until > p.last) {periods}"
        )
    return f"counted_{fact.name} f JOIN feed_month p ON f.month = p.month {periods}"


def _counted(
    facts: Facts, fact: Fact, counts: list[Count], period: Period, named: Named
) -> Iterator[pl.DataFrame]:
    """Yield the counts of one fact, one scan for each breakdown."""
    for breakdown in dict.fromkeys(name for count in counts for name in count.all_breakdowns):
        if breakdown != BOROUGH and not facts.tells(fact, breakdown):
            continue
        asked = [count for count in counts if breakdown in count.all_breakdowns]
        categories = {name for count in asked for name in named.get((count.id, breakdown), ())}
        category = f"'{ALL}'" if breakdown == BOROUGH else f"f.{breakdown}"
        columns = [column for count in asked for column in _count_columns(count)]
        found = facts.frame(
            f"SELECT p.period, {category} AS category, {', '.join(columns)} "
            f"FROM {_joined(fact, breakdown)} GROUP BY 1, 2"
        )
        whole = _grid(period, breakdown, found, categories).join(found, on=["period", "category"], how="left")
        yield from (
            whole.select(
                pl.lit(count.id).alias("count_id"),
                "period",
                pl.lit(breakdown).alias("breakdown"),
                "category",
                pl.col(f"n_{count.id}").fill_null(0).cast(pl.Int64).alias("count"),
                pl.col(f"p_{count.id}").fill_null(0).cast(pl.Int64).alias("people"),
            )
            for count in asked
        )


def _grid(period: Period, breakdown: str, found: pl.DataFrame, named: set[str]) -> pl.DataFrame:
    """Return every period of the breakdown with every category that is named, or that the fact has in any."""
    labels = [each.label for each in period.parts if breakdown in BY_MONTH or _kind(each, period) == "long"]
    categories = pl.Series([ALL]) if breakdown == BOROUGH else _categories(found, named)
    periods = pl.DataFrame({"period": labels}, schema={"period": pl.String()})
    return periods.join(categories.alias("category").to_frame(), how="cross")


def _categories(found: pl.DataFrame, named: set[str]) -> pl.Series:
    return pl.Series(sorted({*found["category"], *named}), dtype=pl.String())


def _count_columns(count: Count) -> Iterator[str]:
    """Yield what is counted, and how many people stand behind it: those not known stand for one."""
    which = f"FILTER (WHERE f._{count.id})"
    people = f"count(DISTINCT f.person) {which} + coalesce(max((f.person IS NULL)::INTEGER) {which}, 0)"
    if count.of == "rows":
        yield f"count(*) {which} AS n_{count.id}"
    else:
        yield f"count(DISTINCT f.{count.of}) {which} AS n_{count.id}"
        people = (
            f"count(DISTINCT f.{count.of}) {which}" if count.organisations or count.of == "person" else people
        )
    yield f"{people} AS p_{count.id}"


def _spreads(facts: Facts, fact: Fact, kpis: list[Kpi]) -> Iterator[pl.DataFrame]:
    """Yield each spread of the fact by its breakdowns; a mean has its interval."""
    is_mean = pl.col("statistic") == "mean"
    lower, upper = student(pl.col("value"), pl.col("deviation"), pl.col("n"))
    for kpi in kpis:
        for breakdown in kpi.all_breakdowns:
            if breakdown != BOROUGH and not facts.tells(fact, breakdown):
                continue
            category = f"'{ALL}'" if breakdown == BOROUGH else f"f.{breakdown}"
            sql = spread_sql(kpi, _value_of(kpi), category, _joined(fact, breakdown), f"f._{kpi.of}")
            yield facts.frame(sql).select(
                pl.lit(kpi.id).alias("kpi"),
                "statistic",
                "period",
                pl.lit(breakdown).alias("breakdown"),
                pl.col("category").cast(pl.String),
                pl.col("n").cast(pl.Int64),
                pl.col("people").cast(pl.Int64),
                pl.col("value").cast(pl.Float64),
                pl.when(is_mean).then(lower).alias("lower"),
                pl.when(is_mean).then(upper).alias("upper"),
            )
