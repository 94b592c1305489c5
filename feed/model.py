"""The shape of what is published: figures, the chart behind each, and how complete its field was."""

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict

HIDDEN = "*"


class Published(BaseModel):
    """Anything that stands in figures.json; a key we do not know is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Area(Published):
    """Where the figures are about, its district's ONS code, and which part of the rows is the hub's own."""

    name: str = "Stockport"
    district: str | None = "E08000007"
    sample: bool = False
    hub_source: str = "hub"
    hub_lots: tuple[str, ...] = ("L3-SSH",)
    community_lots: tuple[str, ...] = ("L4-CS",)


class Period(Published):
    """The days counted, both ends included."""

    start: date
    end: date

    @property
    def label(self) -> str:
        """Return the name of the period's folder."""
        return f"{self.start.isoformat()}_{self.end.isoformat()}"

    @property
    def words(self) -> str:
        """Return the period as a reader says it."""
        return f"{in_words(self.start)} to {in_words(self.end)}"


class Completeness(Published):
    """In how many of the rows a figure looks at the field it needs is filled in."""

    field: str
    present: int
    rows: int
    note: str = ""

    @property
    def share(self) -> float | None:
        """Return the share in per cent to one decimal, rounded down so that 100 means all."""
        return None if self.rows == 0 else self.present * 1000 // self.rows / 10


class Cell(Published):
    """One bar of a chart: how many, or hidden because few people stand behind it."""

    label: str
    count: int | None
    share: int | None = None
    hidden: bool = False

    @property
    def shown(self) -> str:
        """Return the count as it may be read."""
        return HIDDEN if self.count is None else f"{self.count:,}"


class Breakdown(Published):
    """One way of splitting a figure, drawn as a chart and listed as a table."""

    id: str
    title: str
    unit: str
    kind: Literal["columns", "line", "bars", "share"]
    cells: list[Cell]
    note: str = ""


class Statistic(Published):
    """A further number of the same figure: a median, the longest."""

    name: str
    value: float | None
    unit: str


class ServiceWait(Published):
    """How long people waited for one service."""

    service: str
    lot: str
    started: int | None
    median_days: float | None
    p90_days: float | None
    longest_days: int | None
    within: int | None
    within_share: int | None
    hidden: bool = False


class Figure(Published):
    """One number that can be quoted, with its rule in words and what stands behind it."""

    id: str
    name: str
    value: float | None
    unit: Literal["count", "%", "days", "working days"]
    rule: str
    tables: list[str]
    numerator: int | None = None
    denominator: int | None = None
    completeness: Completeness | None = None
    statistics: list[Statistic] = []
    breakdowns: list[Breakdown] = []
    services: list[ServiceWait] = []
    note: str = ""

    @property
    def shown(self) -> str:
        """Return the value as it is printed, with its unit where it needs one."""
        if self.value is None:
            return "not available"
        number = f"{self.value:,.0f}" if float(self.value).is_integer() else f"{self.value:,.1f}"
        return {"%": f"{number}%", "count": number}.get(self.unit) or f"{number} {self.unit}"


class Freshness(Published):
    """The last batch these figures have seen."""

    batch_sequence: int | None = None
    run_id: str | None = None
    released_at: str | None = None


class Figures(Published):
    """Everything published for one period."""

    format: Literal["viaduct-figures/1"] = "viaduct-figures/1"
    area: str
    sample: bool
    period: Period
    generated_at: str
    freshness: Freshness
    disclosure_control: str
    figures: list[Figure]

    def named(self, identity: str) -> Figure:
        """Return the figure of this id. Errors: KeyError when it is not published."""
        for figure in self.figures:
            if figure.id == identity:
                return figure
        raise KeyError(identity)


def in_words(day: date) -> str:
    """Return a day as people write it: 1 April 2022."""
    return f"{day.day} {day:%B %Y}"
