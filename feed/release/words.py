"""What a release says of its figures and of itself, beside the numbers."""

from dataclasses import dataclass
from datetime import date

from feed.model import in_words


@dataclass(frozen=True)
class Definition:
    """One figure, as the dictionary tells it; `entities` are the records it is counted from."""

    id: str
    name: str
    table: str
    kind: str
    unit: str
    rule: str
    numerator: str = ""
    denominator: str = ""
    statistics: tuple[str, ...] = ()
    breakdowns: tuple[str, ...] = ()
    rounding: str = ""
    source: str = ""
    entities: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """One published table of figures: its name, title, and what it is good for."""

    name: str
    title: str
    meaning: str


@dataclass(frozen=True)
class Break:
    """Where a series cannot be compared across: before which day, of what, and why."""

    before: date
    of: str
    because: str

    @property
    def words(self) -> str:
        """Return the break as a sentence."""
        return f"Not comparable before {self.before} because {self.because}"


@dataclass(frozen=True)
class Publisher:
    """Who publishes the feed, and on what terms it may be used."""

    name: str
    contact: str = ""
    feedback: str = ""
    licence: str = ""
    licence_url: str = ""
    usage: str = ""
    limitations: str = ""
    kept_for: str = ""
    published_within_days: int | None = None


@dataclass(frozen=True)
class AsOf:
    """What the figures have seen: the last batch of the flow, its run, and when it was released."""

    batch: int | None
    released_at: str
    run_id: str = ""


def not_over(end: date, seen: date) -> str:
    """Return what a reader must know of a period that ends on or after the last day seen; else nothing."""
    if seen > end:
        return ""
    return (
        f"This period was not over when it was counted: it ends on {in_words(end)}, and what came after "
        f"{in_words(seen)} is not in it. Do not compare it with a whole period."
    )
