"""What was counted of one part after the other, put together at once: numbers add up, nobody counts twice."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import polars as pl

from feed.spread import CELL

NOBODY = "nobody"
"""The column that tells in which counts there are rows that name nobody: in all parts they stand for one."""
OTHERS = "others"
"""The column that tells in which counts there are rows of other lots than those for the borough only."""
Fold = Callable[[pl.DataFrame], pl.DataFrame]
"""Puts together what was counted of several parts: the same columns, each of its cells once."""


@dataclass
class Tally:
    """What was counted of the parts so far, by what it is of; as large as what one part gives."""

    _frames: dict[tuple[str, ...], pl.DataFrame] = field(default_factory=dict, repr=False)

    def add(self, frame: pl.DataFrame, fold: Fold, *of: str) -> None:
        """Take in what was counted of one part."""
        names = [name for name in CELL if name in frame.columns]
        named = frame.cast(dict.fromkeys(names, pl.String()))
        before = self._frames.get(of)
        self._frames[of] = named if before is None else fold(pl.concat([before, named]))

    def of(self, *of: str) -> pl.DataFrame:
        """Return what was counted. Errors: KeyError."""
        return self._frames[of]

    def people(self, nameless: dict[str, int], *of: str) -> pl.DataFrame:
        """Return how many different people are in each cell, by column.

        Given: by column that takes those whom no row names for one person, its bit in NOBODY.
        """
        one = (pl.col(name) + has(NOBODY, bit).cast(pl.Int64()) for name, bit in nameless.items())
        return self._frames[of].with_columns(one).drop(NOBODY)

    def different(self, bits: dict[str, int], *of: str) -> pl.DataFrame:
        """Return how many different things are in each cell, by column; by column its bit in `flags`."""
        each = self._frames[of].group_by(CELL)
        return each.agg(has("flags", bit).sum().alias(name) for name, bit in bits.items())


def has(flags: str, bit: int) -> pl.Expr:
    """Return whether a number has the bit; one that is not there has none."""
    return ((pl.col(flags) & (1 << bit)) != 0).fill_null(value=False)


def _folded(every: pl.DataFrame, by: tuple[str, ...], flags: str = "") -> pl.DataFrame:
    """Return each cell once: bits of the flags together, all other numbers added up."""
    numbers = [name for name in every.columns if name not in {*by, flags}]
    bits = [pl.col(flags).bitwise_or()] if flags else []
    return every.group_by(by).agg(pl.col(numbers).sum(), *bits).select(every.columns)


ROWS_ADDED: Fold = partial(_folded, by=CELL, flags=OTHERS)
ADDED_BY_VALUE: Fold = partial(_folded, by=(*CELL, "value"))
PEOPLE_ADDED: Fold = partial(_folded, by=CELL, flags=NOBODY)
EACH_ONCE: Fold = partial(_folded, by=(*CELL, "thing"), flags="flags")


def side_by_side(every: pl.DataFrame) -> pl.DataFrame:
    """Return the rows as they are."""
    return every
