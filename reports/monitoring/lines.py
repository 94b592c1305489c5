"""A provider's own figures of a quarter, beside the quarter before, all services, and what was agreed."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

from config.targets import Target
from feed.declared import Kpi
from feed.periods import Period, quarter_of
from reports.monitoring.reading import PROVIDER, Monitored
from reports.release.readings import Reading, Readings

SPOKEN = {"median": "half of them within", "p90": "nine in ten within", "mean": "on average", "sum": "in all"}
ONE_DAY = timedelta(days=1)
NONE = "–"
OF_ALL = (" by each service", ", by service")
"""What a name says of all services together, and is not said of one."""
ORDER = ("count", "percent", "ratio", "median", "p90", "mean", "sum")


@dataclass(frozen=True)
class Line:
    """One number of the provider. `target` without `is_met` cannot be judged: the number is not shown."""

    kpi: str
    table: str
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
        return self.target.is_met_by(self.now.exactly)

    @property
    def verdict(self) -> str:
        """Return whether the target is met, in words."""
        if self.target is None:
            return ""
        return {True: "met", False: "not met", None: "cannot be said"}[self.is_met]

    @property
    def agreed(self) -> str:
        """Return the target in words, with the unit of the number."""
        if self.target is None:
            return ""
        way = "at most" if self.target.at_most is not None else "at least"
        return f"{way} {replace(self.now, value=self.target.bound, numerator=None).measured}"

    @property
    def is_told(self) -> bool:
        """Return whether there is anything to look at: a number, or one that is hidden."""
        return any(each and each.shown != "not_available" for each in (self.now, self.before))

    def cells(self) -> list[str]:
        """Return the line as the cells of a table."""
        return [self.name, *(each.measured if each else NONE for each in (self.now, self.before, self.all))]


def lines(monitored: Monitored, source: str) -> list[Line]:
    """Return every number that is published of this source, in the order of the figures' numbers."""
    told = Readings(monitored.figures, monitored.quarter.label)
    declared = sorted(
        ((kpi, topic.title) for topic in monitored.declared.topics for kpi in topic.kpis),
        key=lambda each: each[0].id,
    )
    return [line for kpi, table in declared for line in _of_kpi(monitored, told, kpi, table, source)]


def unknown_targets(monitored: Monitored, told: list[Line]) -> list[str]:
    """Return the figures with a target of which nothing, or not that number, is published by provider."""
    kpis = monitored.declared.kpis
    return [
        kpis[name].name if name in kpis else name
        for name in monitored.targets
        if not any(each.kpi == name and each.target for each in told)
    ]


def _own_name(kpi: Kpi) -> str:
    for words in OF_ALL:
        name = kpi.name.removesuffix(words)
        if name != kpi.name:
            return name
    return kpi.name


def before(quarter: Period) -> Period:
    """Return the quarter before."""
    return quarter_of(quarter.start - ONE_DAY)


def _of_kpi(monitored: Monitored, told: Readings, kpi: Kpi, table: str, source: str) -> Iterator[Line]:
    earlier = before(monitored.quarter).label
    target = monitored.targets.get(kpi.id)
    for statistic in ORDER:
        now = told.one(kpi.id, statistic, None, PROVIDER, source)
        if now is None:
            continue
        name = _own_name(kpi)
        words = f"{name}, {SPOKEN[statistic]}" if statistic in SPOKEN else name
        agreed = target if target and target.statistic in (None, statistic) else None
        target = None if agreed else target
        yield Line(
            kpi.id,
            table,
            statistic,
            words,
            now,
            told.one(kpi.id, statistic, earlier, PROVIDER, source),
            told.one(kpi.id, statistic),
            agreed,
        )
