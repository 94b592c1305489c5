"""The gate: what is learned from the tables of a release, and those before it, by a linear programme."""

from dataclasses import dataclass, field

import numpy as np
import polars as pl

from feed.disclosure.cells import known_of
from feed.disclosure.knowledge import Knowledge, knowledge
from feed.disclosure.linear import Ranges, pins, ranges
from feed.disclosure.pieces import Goals, Tried
from feed.disclosure.profile import Profile
from feed.disclosure.structure import Structure

MOST_EXPLAINED = 25


@dataclass(frozen=True)
class Exposed:
    """A number that nobody may learn and that the published tables give away.

    kind:   cell, rest (of a table, its other cells taken away), complement (a whole without its part),
            moved (between two releases), few (people behind a count that is shown), contradiction.
    tables: where it lies, and which others give it away: count, breakdown and period.
    low, high: between what it lies, for who may see it; never in a message.
    """

    kind: str
    tables: tuple[str, ...]
    low: float = field(default=float("nan"), repr=False)
    high: float = field(default=float("nan"), repr=False)


@dataclass(frozen=True, eq=False)
class Attacked:
    """What the attack found: the knowledge it went out from, the ranges, and what is exposed."""

    known: Knowledge
    goals: Goals
    found: Ranges
    by_sums_alone: bool = False

    @property
    def narrow(self) -> np.ndarray:
        """Return the targets that are exposed, by their places."""
        return np.flatnonzero(self.found.narrow)

    def members(self, target: int) -> list[int]:
        """Return the numbers that a target is made of."""
        return [int(number) for number in self.goals.rows[[target]].indices]

    def pins(self, target: int) -> list[int]:
        """Return the numbers without which the target would not be so narrow."""
        return [int(number) for number in pins(self.known.system, self.goals.rows[[target]])]

    def exposed(self) -> list[Exposed]:
        """Return what is exposed, each with its tables; of many, the first ones."""
        if not self.found.possible:
            return [Exposed("contradiction", self._contradicting())]
        kinds = self.known.targets.unique("target").sort("target")["kind"]
        return [
            Exposed(
                kinds[int(target)],
                self.tables([*self.members(int(target)), *self.pins(int(target))]),
                float(self.found.low[target]),
                float(self.found.high[target]),
            )
            for target in self.narrow[:MOST_EXPLAINED]
        ]

    def _contradicting(self) -> tuple[str, ...]:
        empty = self.known.numbers.filter(pl.col("lower") > pl.col("upper"))["number"].to_list()
        return self.tables(empty) or ("all tables of the release together",)

    def tables(self, numbers: list[int]) -> tuple[str, ...]:
        """Return the tables in which the numbers stand, each once."""
        rows = self.known.numbers[numbers].filter(pl.col("period").is_not_null())
        earlier = pl.when("old").then(pl.lit(", released before")).otherwise(pl.lit(""))
        names = rows.select(
            pl.format("{} by {}, {}{}", "count_id", "breakdown", "period", earlier).alias("table")
        )["table"]
        return tuple(dict.fromkeys(names.to_list()))


def attack(
    published: pl.DataFrame,
    structure: Structure,
    profile: Profile,
    before: pl.DataFrame | None = None,
    tried: Tried | None = None,
) -> Attacked:
    """Return what the tables give away.

    Given:   PUBLISHED, every count that is shown or hidden; what is known of the cells of earlier releases.
             Without what was tried: only what one sum after the other tells, which is quick and not all.
    """
    known = knowledge(known_of(published, structure, profile), before, structure, profile)
    goals = known.goals()
    found = ranges(known.system, goals, profile.least_width, tried)
    return Attacked(known, goals, found, tried is None)
