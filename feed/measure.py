"""How a figure is declared: its rule in words, the columns it needs, and the function that counts it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from feed.model import Breakdown, Completeness, Figure, ServiceWait, Statistic
from feed.released import Released

Band = tuple[str, int, int | None]


@dataclass(frozen=True)
class Counted:
    """What counting one figure gave."""

    value: float | None
    numerator: int | None = None
    denominator: int | None = None
    completeness: Completeness | None = None
    statistics: list[Statistic] = field(default_factory=list)
    breakdowns: list[Breakdown] = field(default_factory=list)
    services: list[ServiceWait] = field(default_factory=list)
    note: str = ""


@dataclass(frozen=True)
class Measure:
    """One figure of the feed."""

    id: str
    name: str
    rule: str
    needs: dict[str, tuple[str, ...]]
    count: Callable[[Released], Counted]
    unit: Literal["count", "%", "days", "working days"] = "count"

    def figure(self, tables: Released) -> Figure:
        """Return the figure, or the same figure without a value where the flow releases too little for it."""
        missing = tables.missing(self.needs)
        counted = (
            self.count(tables)
            if not missing
            else Counted(None, note=f"Not available: the flow does not release {', '.join(missing)}.")
        )
        return Figure(
            id=self.id,
            name=self.name,
            unit=self.unit,
            rule=self.rule,
            tables=list(self.needs),
            value=counted.value,
            numerator=counted.numerator,
            denominator=counted.denominator,
            completeness=counted.completeness,
            statistics=counted.statistics,
            breakdowns=counted.breakdowns,
            services=counted.services,
            note=counted.note,
        )


def banded(counts: Sequence[tuple[int, int]], bands: Sequence[Band]) -> list[tuple[str, int]]:
    """Return how many fall into each band.

    Given: pairs of a number and how many have it; bands as label, from, to (or open).
    """
    return [
        (label, sum(many for number, many in counts if number >= low and (high is None or number <= high)))
        for label, low, high in bands
    ]


def statistics_of(tables: Released, view: str, column: str, unit: str) -> list[Statistic]:
    """Return median, 90th percentile and longest of a column, by linear interpolation."""
    row = tables.rows(
        f"SELECT quantile_cont({column}, 0.5), quantile_cont({column}, 0.9), max({column}) FROM {view}"
    )[0]
    names = ("median", "90th percentile", "longest")
    return [
        Statistic(name=name, value=None if value is None else round(float(value), 1), unit=unit)
        for name, value in zip(names, row, strict=True)
    ]
