"""What nobody may learn of a release: its small cells, what is left of a table, a whole without its part."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import polars as pl
from scipy import sparse

from feed.disclosure.cells import largest_small
from feed.disclosure.profile import Profile
from feed.disclosure.relations import Lines
from feed.disclosure.system import Floats, Places, Truths

CELL, REST, COMPLEMENT = "cell", "rest", "complement"
SENSITIVE_TOO = pl.when("sensitive").then(0.0).otherwise(1.0)


class Goals(NamedTuple):
    """What an attacker is after: one target in each row, its coefficients over the numbers.

    smallest, largest: per target: a number that is surely at least the one and may be no more than the other
                       is one that nobody may learn. One that may be less may be nobody's.
    """

    rows: sparse.csr_array
    smallest: Floats
    largest: Floats


class Sight(NamedTuple):
    """What is seen of each number: between what it lies, and whether it is hidden."""

    lower: Floats
    upper: Floats
    hidden: Truths

    def at(self, *places: np.ndarray | slice) -> "Sight":
        """Return what is seen of the numbers at these places."""
        return Sight(self.lower[places], self.upper[places], self.hidden[places])

    def then(self, beyond: "Sight") -> "Sight":
        """Return what is seen of these numbers, and of those after them."""
        return Sight(
            np.concatenate([self.lower, beyond.lower]),
            np.concatenate([self.upper, beyond.upper]),
            np.concatenate([self.hidden, beyond.hidden]),
        )


@dataclass(frozen=True, eq=False)
class Targets:
    """The goals, the cells first, then what is left of tables, then wholes without their parts."""

    goals: Goals
    cells: int
    rests: int

    def kind(self, target: int) -> str:
        """Return which kind of target it is."""
        if target < self.cells:
            return CELL
        return REST if target < self.cells + self.rests else COMPLEMENT


@dataclass(frozen=True, eq=False)
class Secrets:
    """What nobody may learn, however the cells are shown.

    chief:             which numbers are the first of those that are the same cell.
    smallest, largest: between what a number is one that nobody may learn.
    line, part:        the parts of every whole whose parts add up.
    pairs:             each whole and its part, one pair after the other, with the `least` that is telling.
    small:             what is small where nothing else is said.
    """

    chief: Truths
    smallest: Floats
    largest: Floats
    line: Places
    part: Places
    pairs: Places
    least: Floats
    small: float

    @classmethod
    def of(
        cls, numbers: pl.DataFrame, lines: list[Lines], pairs: pl.DataFrame, profile: Profile
    ) -> "Secrets":
        """Return which numbers could be small, which make up wholes, and which are parts of which.

        Given: numbers, each with its `chief`; PAIRS of a `number` with the `whole` that it is a part of.
        """
        wholes = _wholes(lines)
        whole, part = (pairs[name].to_numpy().astype(np.intp) for name in ("whole", "number"))
        return cls(
            (numbers["number"] == numbers["chief"]).to_numpy(),
            _floats(numbers, SENSITIVE_TOO),
            _floats(numbers, largest_small(numbers, profile)),
            wholes["line"].to_numpy().astype(np.intp),
            wholes["number"].to_numpy().astype(np.intp),
            np.column_stack([whole, part]).reshape(-1),
            _floats(pairs, SENSITIVE_TOO),
            float(profile.suppress_to),
        )

    def among(self, numbers: Places) -> "Secrets":
        """Return those of these numbers alone, counted anew; nothing hangs together with any other."""
        place = np.full(len(self.chief), -1, dtype=np.intp)
        place[numbers] = np.arange(len(numbers))
        parts, pairs = place[self.part] >= 0, place[self.pairs] >= 0
        return Secrets(
            self.chief[numbers],
            self.smallest[numbers],
            self.largest[numbers],
            np.unique(self.line[parts], return_inverse=True)[1],
            place[self.part[parts]],
            place[self.pairs[pairs]],
            self.least[pairs[::2]],
            self.small,
        )

    def targets(self, seen: Sight) -> Targets:
        """Return what nobody may learn where the numbers are seen so."""
        small = (seen.lower <= self.largest) & (seen.upper >= self.smallest) & self.chief
        cells = np.flatnonzero(small)
        rests, sizes = self._rests(seen.hidden)
        pairs = len(self.least)
        entries = np.concatenate([np.ones(len(cells) + len(rests)), np.tile([1.0, -1.0], pairs)])
        ends = np.cumsum(np.concatenate([np.ones(len(cells)), sizes, np.full(pairs, 2.0)]))
        rows = sparse.csr_array(
            (
                entries,
                np.concatenate([cells, rests, self.pairs]),
                np.concatenate([[0], ends]).astype(np.intp),
            ),
            shape=(len(ends), len(self.chief)),
        )
        most = np.full(len(sizes) + pairs, self.small)
        smallest = np.concatenate([self.smallest[cells], np.ones(len(sizes)), self.least])
        largest = np.concatenate([self.largest[cells], most])
        return Targets(Goals(rows, smallest, largest), len(cells), len(sizes))

    def _rests(self, hidden: Truths) -> tuple[Places, Floats]:
        """Return the hidden parts of every whole that has more than one, and how many each has."""
        mine = hidden[self.part]
        many = np.bincount(self.line[mine], minlength=1)
        kept = mine & (np.append(many, 0)[np.minimum(self.line, len(many))] > 1)
        return self.part[kept], many[many > 1].astype(np.float64)


def _floats(rows: pl.DataFrame, number: pl.Expr) -> Floats:
    return rows.select(number).to_series().to_numpy().astype(np.float64)


def _wholes(lines: list[Lines]) -> pl.DataFrame:
    """Return the parts of every whole whose parts add up: line and number, in order."""
    found = [
        each.entries.filter(pl.col("factor") > 0).select(
            pl.concat_str(pl.lit(str(at)), "line", separator="\x1f").alias("line"), "number"
        )
        for at, each in enumerate(lines)
        if each.rests
    ]
    nothing = pl.DataFrame(schema={"line": pl.String(), "number": pl.UInt32()})
    every = pl.concat([nothing, *found]).with_columns(line=pl.col("line").rank("dense"))
    return every.sort("line", "number")
