"""The gate: what is learned from the tables of a release, and those before it, by a linear programme."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import polars as pl

from feed.disclosure.cells import known_of
from feed.disclosure.goals import Goals
from feed.disclosure.knowledge import Ground, Knowledge, sight_of
from feed.disclosure.linear import Pins, Ranges, ranges
from feed.disclosure.pieces import Tried
from feed.disclosure.profile import Profile
from feed.disclosure.structure import Structure
from feed.disclosure.system import Places, components

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
    found: Ranges
    by_sums_alone: bool = False

    @property
    def goals(self) -> Goals:
        """Return what it was after."""
        return self.known.targets.goals

    @property
    def narrow(self) -> np.ndarray:
        """Return the targets that are exposed, by their places."""
        return np.flatnonzero(self.found.narrow)

    def kind(self, target: int) -> str:
        """Return which kind of target it is."""
        return self.known.targets.kind(target)

    def members(self, target: int) -> list[int]:
        """Return the numbers that a target is made of."""
        start, stop = self.goals.rows.indptr[target : target + 2]
        found: list[int] = self.goals.rows.indices[start:stop].tolist()
        return found

    def pins(self, target: int) -> list[int]:
        """Return the numbers without which the target would not be so narrow."""
        return [int(number) for number in self._pins.of(target)]

    @cached_property
    def _pins(self) -> Pins:
        return Pins(self.known.system, self.goals.rows)

    def pieces(self) -> Places:
        """Return the piece that each number is of: two pieces tell nothing of each other."""
        return components(self.known.system, self.goals.rows)[0]

    def narrow_numbers(self) -> Places:
        """Return the numbers that the exposed targets are made of."""
        return np.unique(self.goals.rows[self.narrow].indices).astype(np.intp)

    def exposed(self) -> list[Exposed]:
        """Return what is exposed, each with its tables; of many, the first ones."""
        if not self.found.possible:
            return [Exposed("contradiction", self._contradicting())]
        return [
            Exposed(
                self.kind(int(target)),
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
) -> Attacked:
    """Return what the tables give away.

    Given:   PUBLISHED, every count that is shown or hidden; what is known of the cells of earlier releases.
    """
    now = known_of(published, structure, profile)
    known = Ground.of(now, before, structure, profile).knowledge(sight_of(now))
    return attacked(known, profile, Tried())


def attacked(known: Knowledge, profile: Profile, tried: Tried | None) -> Attacked:
    """Return what the knowledge gives away.

    Given:   what was tried before; without it, only what one sum after the other tells: quick, and not all.
    """
    found = ranges(known.system, known.targets.goals, profile.least_width, tried)
    return Attacked(known, found, tried is None)
