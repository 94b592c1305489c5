"""What is counted of the part of the warehouse at hand, fact after fact; no more is kept than numbers."""

from collections.abc import Iterator, Sequence

import polars as pl

from feed.declared import Count, Kpi
from feed.dimensions import BOROUGH
from feed.facts import Facts
from feed.narrowed import Narrowed, category_of, drop, narrow, value_of
from feed.periods import Period
from feed.spread import histogram_sql, people_of_parts, people_sql
from feed.sums import sum_sql
from feed.tally import (
    ADDED_BY_VALUE,
    EACH_ONCE,
    NOBODY,
    OTHERS,
    PEOPLE_ADDED,
    ROWS_ADDED,
    Tally,
    side_by_side,
)
from feed.together import TOGETHER, together_in

ROWS, PEOPLE, HISTOGRAM, SUM = "rows", "people", "histogram", "sum"


def count_part(facts: Facts, made: Narrowed, period: Period, tally: Tally) -> None:
    """Count the fact's rows in the part at hand."""
    if not made.counts:
        tally.add(together_in(facts, made.fact, period), pl.DataFrame.unique, TOGETHER)
        return
    narrow(facts, made)
    for breakdown, asked in breakdowns_of(facts, made):
        of = (made.fact.name, breakdown)
        tally.add(facts.frame(_rows_sql(made, breakdown, asked)), ROWS_ADDED, ROWS, *of)
        tally.add(facts.frame(_people_sql(made, breakdown, asked)), PEOPLE_ADDED, PEOPLE, *of)
        for thing in things_of(asked):
            tally.add(facts.frame(_things_sql(made, breakdown, thing)), EACH_ONCE, thing, *of)
    for kpi, breakdown, parts in valued(facts, made, "spread"):
        tally.add(facts.frame(histogram_sql(*parts)), ADDED_BY_VALUE, HISTOGRAM, kpi.id, breakdown)
        tally.add(facts.frame(people_sql(*parts)), people_of_parts, PEOPLE, kpi.id, breakdown)
    for kpi, breakdown, parts in valued(facts, made, "sum"):
        tally.add(facts.frame(sum_sql(*parts)), side_by_side, SUM, kpi.id, breakdown)
    tally.add(together_in(facts, made.fact, period, made.table), pl.DataFrame.unique, TOGETHER)
    drop(facts, made)


def breakdowns_of(facts: Facts, made: Narrowed) -> Iterator[tuple[str, list[Count]]]:
    """Yield each breakdown that the flow tells, with the counts that are broken down by it."""
    for breakdown in dict.fromkeys(name for count in made.counts for name in count.all_breakdowns):
        if breakdown == BOROUGH or facts.tells(made.fact, breakdown):
            yield breakdown, [count for count in made.counts if breakdown in count.all_breakdowns]


def things_of(asked: Sequence[Count]) -> list[str]:
    """Return what is counted beside rows and people, each once."""
    return list(dict.fromkeys(count.of for count in asked if count.of not in {"rows", "person"}))


def valued(facts: Facts, made: Narrowed, kind: str) -> Iterator[tuple[Kpi, str, tuple[str, str, str, str]]]:
    """Yield each figure of a kind with each breakdown that the flow tells: value, category, rows, which."""
    for kpi in (kpi for kpi in made.values if kpi.kind == kind):
        for breakdown in kpi.all_breakdowns:
            if breakdown == BOROUGH or facts.tells(made.fact, breakdown):
                rows = (category_of(breakdown), made.rows(breakdown), made.has(str(kpi.of)))
                yield kpi, breakdown, (value_of(kpi), *rows)


def _rows_sql(made: Narrowed, breakdown: str, asked: Sequence[Count]) -> str:
    """Return the statement that counts rows by period and category.

    Returns: the flags too of the rows that are of no lot that is counted for the borough only.
    """
    columns = [
        f"count(*) FILTER (WHERE {made.has(count.id)}) AS n_{count.id}"
        for count in asked
        if count.of == "rows"
    ]
    columns.append(f"bit_or(f.flags) FILTER (WHERE NOT f.of_lots) AS {OTHERS}")
    select = ", ".join(("p.period", f"{category_of(breakdown)} AS category", *columns))
    return f"SELECT {select} FROM {made.rows(breakdown)} GROUP BY 1, 2"


def _people_sql(made: Narrowed, breakdown: str, asked: Sequence[Count]) -> str:
    """Return the statement that looks at each different person of a period and category once.

    Returns: those whom rows name, and the flags of the rows that name nobody.
    """
    columns = [
        f"count(thing) FILTER (WHERE {made.has(count.id, 'flags')}) AS p_{count.id}" for count in asked
    ]
    columns.append(f"max(flags) FILTER (WHERE thing IS NULL) AS {NOBODY}")
    each = _each("person", made, breakdown)
    return f"SELECT period, category, {', '.join(columns)} FROM ({each}) GROUP BY 1, 2"


def _things_sql(made: Narrowed, breakdown: str, thing: str) -> str:
    """Return the statement that names each different thing of a period and category once."""
    each = _each(thing, made, breakdown)
    return f"SELECT period, category, thing::VARCHAR AS thing, flags FROM ({each}) WHERE thing IS NOT NULL"


def _each(thing: str, made: Narrowed, breakdown: str) -> str:
    """Return what finds each different thing; its `flags` say in which counts any of its rows is."""
    category = category_of(breakdown)
    each = f"SELECT p.period, {category} AS category, f.{thing} AS thing, bit_or(f.flags) AS flags"
    return f"{each} FROM {made.rows(breakdown)} GROUP BY 1, 2, 3"
