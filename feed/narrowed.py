"""The rows of one fact that a release counts, as narrow as can be: month, person, categories, a number.

Each count of the fact is one bit of that number. The distinct people of many counts are then found in one
pass that keeps eight bytes for each person, whatever the number of counts.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from feed.declared import Count, Kpi
from feed.dimensions import ALL, BOROUGH, BOROUGH_ONLY, UNKNOWN, dimension
from feed.fact import Fact
from feed.facts import Facts
from feed.periods import Period
from feed.together import splits_together

BY_MONTH = frozenset({BOROUGH, "provider", "lot"})
"""Breakdowns that are counted by month too; the others by the period and its quarters."""
MOST_COUNTS = 62
"""Bits of a number that may stand for a count."""


@dataclass(frozen=True)
class Narrowed:
    """A temporary table of one fact's rows, with the values of figures, and how it is asked."""

    fact: Fact
    counts: Sequence[Count]
    values: Sequence[Kpi] = ()

    @cached_property
    def bits(self) -> dict[str, int]:
        """Return by count the place of its bit."""
        return {count.id: place for place, count in enumerate(self.counts)}

    @property
    def table(self) -> str:
        """Return the name of the table."""
        return f"counted_{self.fact.name}"

    def rows(self, breakdown: str) -> str:
        """Return the fact's rows once for each period that they count in: f the row, p the period."""
        periods = "" if breakdown in BY_MONTH else "AND p.is_long"
        if self.fact.is_state:
            state = "f.day <= p.last AND (f.until IS NULL OR f.until > p.last)"
            return f"{self.table} f JOIN feed_period p ON {state} {periods}"
        return f"{self.table} f JOIN feed_month p ON f.month = p.month {periods}"

    def has(self, count: str, flags: str = "f.flags") -> str:
        """Return the condition that a row, or anything of a person's rows, is in the count."""
        return f"({flags} & {1 << self.bits[count]}) <> 0"


def make_periods(facts: Facts, period: Period) -> None:
    """Leave two small tables behind: every period with its last day, and the months of each."""
    parts = [(each, f"{is_long(each, period)}".lower()) for each in period.parts]
    ends = ", ".join(f"('{each.label}', {long}, DATE '{each.end}')" for each, long in parts)
    months = ", ".join(
        f"('{each.label}', {long}, DATE '{month.start}')" for each, long in parts for month in each.months
    )
    kind = _listed(each.label for each in period.parts)
    for name, rows, day in (("feed_period", ends, "last"), ("feed_month", months, "month")):
        facts.run(
            f"CREATE TEMP TABLE {name} AS SELECT period::{kind} AS period, is_long, {day} "
            f"FROM (VALUES {rows}) t(period, is_long, {day})"
        )


def drop_periods(facts: Facts) -> None:
    """Take the two tables away again."""
    facts.run("DROP TABLE feed_month")
    facts.run("DROP TABLE feed_period")


def is_long(each: Period, whole: Period) -> bool:
    """Return whether a part of the release is itself or one of its quarters."""
    return each.label == whole.label or len(each.months) > 1


def narrow(facts: Facts, made: Narrowed) -> None:
    """Leave a table of the fact's rows of these periods behind."""
    fact, counts, values = made.fact, made.counts, made.values
    splits = dict.fromkeys(name for count in counts for name in count.breakdowns)
    splits |= dict.fromkeys(name for kpi in values for name in kpi.breakdowns)
    splits |= dict.fromkeys(splits_together(fact))
    things = dict.fromkeys(count.of for count in counts if count.of not in {"rows", "person", *splits})
    flags = " | ".join(
        f"CASE WHEN {count.where} THEN {1 << made.bits[count.id]}::BIGINT ELSE 0 END" for count in counts
    )
    columns = [
        "person",
        *(_small(name) for name in splits),
        *things,
        f"{flags} AS flags",
        f"{fact.of_lots} AS of_lots",
        *(f"({kpi.value})::DOUBLE AS {value_of(kpi)}" for kpi in values),
    ]
    month = "date_trunc('month', day)::DATE"
    when, which = (
        ("day, until", "day <= (SELECT max(last) FROM feed_period)")
        if fact.is_state
        else (f"{month} AS month", f"{month} IN (SELECT month FROM feed_month)")
    )
    facts.run(
        f"CREATE TEMP TABLE {made.table} AS SELECT {when}, {', '.join(columns)} "
        f"FROM fact_{fact.name} WHERE {which}"
    )


def drop(facts: Facts, made: Narrowed) -> None:
    """Take the table away again."""
    facts.run(f"DROP TABLE {made.table}")


def value_of(kpi: Kpi) -> str:
    """Return the column that holds the value of a spread."""
    return "value_" + kpi.id.replace(".", "_")


def category_of(breakdown: str) -> str:
    """Return the expression that names a row's category."""
    return f"'{ALL}'" if breakdown == BOROUGH else f"f.{breakdown}"


def _small(split: str) -> str:
    """Return the split in one or two bytes where its categories are known beforehand."""
    told = dimension(split)
    if not told.labels:
        return split
    names = dict.fromkeys((*told.labels, *dict(told.apart), BOROUGH_ONLY, UNKNOWN))
    return f"{split}::{_listed(names)} AS {split}"


def _listed(names: Iterable[str]) -> str:
    """Return the type of a column of one or two bytes in which nothing but these stands."""
    return "ENUM(" + ", ".join("'" + name.replace("'", "''") + "'" for name in names) + ")"
