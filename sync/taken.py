"""What a register that could not be relied on has taken back: it may come back without a person's word.

The brake of growth asks whether a recipient is about to have far more than it had. Rows that it had until a
register went stale are no growth, so as many of them as were taken count as there. Numbers alone are kept.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import polars as pl

from sharing.choices import REGISTER


@dataclass(frozen=True)
class Taken:
    """How many rows of each source were taken back and have not been asked for since."""

    rows: Mapping[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """Return how many rows of all sources."""
        return sum(self.rows.values())

    def with_withdrawn(self, withdrawn: pl.DataFrame) -> "Taken":
        """Return it with tonight's withdrawals, of these those for a register's sake."""
        by_register = withdrawn.filter(pl.col("reason").str.starts_with(REGISTER))
        more = dict(by_register.group_by("source").len().sort("source").iter_rows())
        names = sorted({*self.rows, *more})
        return Taken({name: self.rows.get(name, 0) + more.get(name, 0) for name in names})

    def without(self, sources: Iterable[str]) -> "Taken":
        """Return it without these sources, of which whatever was to come back has come."""
        gone = set(sources)
        return Taken({name: rows for name, rows in self.rows.items() if name not in gone})

    def beside(self, had: int, new: int) -> tuple[int, int]:
        """Return how many rows the recipient has, what was taken counted in, and how many are new to it."""
        return had + self.total, max(0, new - self.total)
