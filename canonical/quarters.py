"""Financial quarters: the only period by which counts leave. April to June is the first of its year."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

LABEL = r"^[0-9]{4}-[0-9]{2}-Q[1-4]$"
MONTHS = 3


@dataclass(frozen=True, order=True)
class Quarter:
    """Three months that begin on the first of January, April, July or October."""

    start: date

    @property
    def end(self) -> date:
        """Return the quarter's last day."""
        return self.following.start - timedelta(days=1)

    @property
    def following(self) -> "Quarter":
        """Return the next quarter."""
        month = self.start.month + MONTHS
        return Quarter(date(self.start.year + (month > 12), (month - 1) % 12 + 1, 1))

    @property
    def label(self) -> str:
        """Return the quarter's name in its financial year: 2022-23-Q4 is January to March 2023."""
        year = self.start.year - (self.start.month == 1)
        number = (self.start.month - 4) // MONTHS % 4 + 1
        return f"{year}-{(year + 1) % 100:02d}-Q{number}"


def quarter_named(label: str) -> Quarter | None:
    """Return the quarter of a label such as 2022-23-Q1; None where its two years do not follow each other."""
    year, short, number = label.split("-")
    start = date(int(year) + (number == "Q4"), (int(number[1]) * MONTHS) % 12 + 1, 1)
    made = Quarter(start)
    return made if made.label == label and f"{(int(year) + 1) % 100:02d}" == short else None


def quarters_settled(first: Quarter, settle_days: int, as_of: date) -> Iterator[Quarter]:
    """Yield each quarter from the first on that had ended so many days before the day."""
    each = first
    while each.end + timedelta(days=settle_days) < as_of:
        yield each
        each = each.following
