"""What was published, looked up by figure: each number with how it may be read, or why it is not there."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl

from feed.dimensions import ALL, BOROUGH, BOROUGH_ONLY, DIMENSIONS, UNKNOWN
from feed.periods import Period, parse
from reports.release.percents import exactly, percent, shortly

OPEN = ("exact", "rounded")
HIDDEN = {
    "suppressed": "hidden",
    "secondary": "hidden",
    "borough_only": "for the whole borough only",
    "withheld": "not shared",
    "few": "too few to rely on",
    "not_available": "not available",
}
"""Why a number is not there, in the words of a reader."""
MEANS = {"hidden": "Hidden: of few people, or it would give such a number away."}
"""What stands beside a picture that has such a word in it; the others say it themselves."""
PERCENT = ("percent", "completeness")
LONG = 42
LAST = (BOROUGH_ONLY, UNKNOWN)
"""Categories that stand behind all others."""


@dataclass(frozen=True)
class Reading:
    """One published number; without a value, `shown` says why."""

    kpi: str
    statistic: str
    period: str
    category: str
    label: str
    value: float | None
    unit: str
    numerator: int | None
    denominator: int | None
    lower: float | None
    upper: float | None
    shown: str
    note: str

    @property
    def text(self) -> str:
        """Return the number as people write it, an asterisk where it is hidden."""
        if self.value is None:
            return "*"
        if self.statistic in PERCENT:
            return percent(self.value, self.numerator, self.denominator, rounded=self.shown == "rounded")
        return f"{self.value:,.0f}" if float(self.value).is_integer() else f"{self.value:,.2f}".rstrip("0")

    @property
    def exactly(self) -> float:
        """Return the number; of a percentage that looks like all or none and is not, what it is."""
        value = self.value or 0.0
        return exactly(value, self.numerator, self.denominator) if self.statistic in PERCENT else value

    @property
    def brief(self) -> str:
        """Return the number as it stands where there is little room."""
        return shortly(self.text)

    @property
    def short(self) -> str:
        """Return the label without what stands in brackets or in a long list; the table has all of it."""
        words = self.label.partition(" (")[0]
        if self.category in LAST:
            return words.partition(", ")[0]
        return words if len(words) <= LONG else f"{words.partition(', ')[0]} and others"

    @property
    def words(self) -> str:
        """Return the number, or why it is hidden."""
        return self.text if self.value is not None else HIDDEN.get(self.shown, self.shown)

    @property
    def measured(self) -> str:
        """Return the number with its unit, where it is no plain count."""
        if self.value is None or self.statistic in {*PERCENT, "count", "ratio"}:
            return self.words
        return f"£{self.text}" if self.unit == "GBP" else f"{self.text} {one_or_many(self.unit, self.value)}"

    @property
    def of(self) -> str:
        """Return the counts that a percentage or a ratio is made of."""
        if self.numerator is None or self.denominator is None:
            return ""
        return f"{self.numerator:,} of {self.denominator:,}"

    @property
    def interval(self) -> str:
        """Return the 95 per cent interval in words."""
        if self.lower is None or self.upper is None:
            return ""
        sign = "%" if self.statistic in PERCENT else ""
        return f"{self.lower:g}{sign} to {self.upper:g}{sign}"

    @property
    def how(self) -> str:
        """Return how the number may be read."""
        plain = {"exact": "exact", "rounded": "rounded" if self.statistic == "count" else "from rounded"}
        return plain.get(self.shown, "")


def one_or_many(unit: str, value: float) -> str:
    """Return the unit as it stands behind the number: 1 day, 2 days, 1 working day."""
    return unit.removesuffix("s") if value == 1 and unit.endswith("days") else unit


class Readings:
    """The published figures of one release."""

    def __init__(self, observations: pl.DataFrame, period: str) -> None:
        self.period: Period = parse(period)
        self._observations = observations
        self._rows = {
            (str(kpi), str(statistic), str(breakdown)): rows
            for (kpi, statistic, breakdown), rows in observations.partition_by(
                "kpi", "statistic", "breakdown", as_dict=True
            ).items()
        }

    def has(self, kpi: str) -> bool:
        """Return whether anything of the figure is published."""
        return any(name == kpi for name, _, _ in self._rows)

    def one(
        self,
        kpi: str,
        statistic: str = "count",
        period: str | None = None,
        breakdown: str = BOROUGH,
        category: str = ALL,
    ) -> Reading | None:
        """Return one number, of the whole period unless another is named."""
        wanted = period or self.period.label
        found = self._readings(
            kpi, statistic, breakdown, pl.col("period") == wanted, pl.col("category") == category
        )
        return next(found, None)

    def head(self, kpi: str) -> Reading | None:
        """Return the figure's first number of the whole borough and period, whatever it is of."""
        for name, statistic, breakdown in sorted(self._rows):
            if name == kpi and breakdown == BOROUGH and statistic != "completeness":
                found = self.one(kpi, statistic)
                if found is not None:
                    return found
        return None

    def last_quarter(self, kpi: str) -> Reading | None:
        """Return the figure's count of the whole borough in the last quarter that has one."""
        counts = (self.one(kpi, period=each.label) for each in reversed(self.period.quarters))
        return next((each for each in counts if each), None)

    def split(self, kpi: str, breakdown: str, statistic: str = "count") -> list[Reading]:
        """Return the number of each category in the whole period, in the order of the list of its codes."""
        found = self._readings(kpi, statistic, breakdown, pl.col("period") == self.period.label)
        return sorted(found, key=lambda each: _place(breakdown, each.category))

    def series(
        self, kpi: str, statistic: str = "count", breakdown: str = BOROUGH, category: str = ALL
    ) -> list[Reading]:
        """Return the number of each month of the period, in their order."""
        return self.over(self.period.months, kpi, statistic, breakdown, category)

    def over(
        self, periods: Iterable[Period], kpi: str, statistic: str, breakdown: str, category: str
    ) -> list[Reading]:
        """Return the number of each of these periods that has one, in the order given."""
        found = (self.one(kpi, statistic, each.label, breakdown, category) for each in periods)
        return [each for each in found if each is not None]

    def table(self, name: str) -> list[Reading]:
        """Return every number of a table, in the order of its figures and periods."""
        mine = self._observations.filter(pl.col("table") == name)
        return [_reading(row) for row in mine.sort("kpi", "period_start", "period").iter_rows(named=True)]

    def completeness(self, kpi: str) -> Reading | None:
        """Return in how much of what the figure counts its field is known."""
        return self.one(kpi, "completeness")

    def not_available(self, kpi: str) -> str:
        """Return what the flow lacks for the figure; nothing where it is there."""
        found = self.head(kpi)
        return found.note if found is not None and found.shown == "not_available" else ""

    def _readings(self, kpi: str, statistic: str, breakdown: str, *where: pl.Expr) -> Iterator[Reading]:
        rows = self._rows.get((kpi, statistic, breakdown))
        if rows is None:
            return
        for row in rows.filter(*where).iter_rows(named=True):
            yield _reading(row)


def _reading(row: dict[str, Any]) -> Reading:
    fields = {name: row[name] for name in Reading.__dataclass_fields__}
    return Reading(**(fields | {"note": row["note"] or ""}))


def _place(breakdown: str, category: str) -> tuple[bool, int, str]:
    known = list(DIMENSIONS[breakdown].labels) if breakdown in DIMENSIONS else []
    place = known.index(category) if category in known else len(known)
    return category in LAST, place, category
