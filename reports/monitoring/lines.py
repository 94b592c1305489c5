"""A provider's own figures of a quarter, beside the quarter before, all services, and what was agreed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from config.targets import Target
from feed.declared import Kpi
from feed.periods import Period, quarter_of
from reports.monitoring.reading import PROVIDER, Monitored
from reports.release.readings import Reading, Readings

SPOKEN = {"median": "half of them within", "p90": "nine in ten within", "mean": "on average", "sum": "in all"}
ONE_DAY = timedelta(days=1)
ORDER = ("count", "percent", "ratio", "median", "p90", "mean", "sum")


@dataclass(frozen=True)
class Line:
    """One number of the provider. `target` without `is_met` cannot be judged: the number is not shown."""

    kpi: str
    statistic: str
    name: str
    now: Reading
    before: Reading | None
    all: Reading | None
    target: Target | None = None

    @property
    def is_met(self) -> bool | None:
        """Return whether the target is met; nothing where there is none, or no number."""
        if self.target is None or self.now.value is None:
            return None
        return self.target.is_met_by(self.now.value)

    @property
    def verdict(self) -> str:
        """Return the target and whether it is met, in words."""
        if self.target is None:
            return ""
        told = {True: "met", False: "not met", None: "cannot be said"}[self.is_met]
        return f"{self.target.words}: {told}"

    def cells(self) -> list[str]:
        """Return the line as the cells of a table."""
        others = [each.measured if each else "–" for each in (self.now, self.before, self.all)]
        return [self.name, *others, self.verdict or "–"]


def lines(monitored: Monitored, source: str) -> list[Line]:
    """Return every number that is published of this source, in the order of the figures' numbers."""
    told = Readings(monitored.figures, monitored.quarter.label)
    return [
        line
        for _, kpi in sorted(monitored.declared.kpis.items())
        for line in _of_kpi(monitored, told, kpi, source)
    ]


def unknown_targets(monitored: Monitored, told: list[Line]) -> list[str]:
    """Return the figures with a target of which nothing, or not that number, is published by provider."""
    return [name for name in monitored.targets if not any(each.kpi == name and each.target for each in told)]


def before(quarter: Period) -> Period:
    """Return the quarter before."""
    return quarter_of(quarter.start - ONE_DAY)


def _of_kpi(monitored: Monitored, told: Readings, kpi: Kpi, source: str) -> Iterator[Line]:
    earlier = before(monitored.quarter).label
    target = monitored.targets.get(kpi.id)
    for statistic in ORDER:
        now = told.one(kpi.id, statistic, None, PROVIDER, source)
        if now is None:
            continue
        words = f"{kpi.name}, {SPOKEN[statistic]}" if statistic in SPOKEN else kpi.name
        agreed = target if target and target.statistic in (None, statistic) else None
        target = None if agreed else target
        yield Line(
            kpi.id,
            statistic,
            words,
            now,
            told.one(kpi.id, statistic, earlier, PROVIDER, source),
            told.one(kpi.id, statistic),
            agreed,
        )
