"""All that a reader of the releases knows, as one system of sums, and what must not follow from it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import polars as pl
from scipy import optimize, sparse

from feed.disclosure.goals import Secrets, Sight, Targets
from feed.disclosure.profile import Profile
from feed.disclosure.relations import MONTHS, SERIES, Lines, lines_of, wholes_and_parts
from feed.disclosure.structure import Structure
from feed.disclosure.system import SLACK, Places, System, Truths
from feed.disclosure.tiling import tilings

NO_CELL = "no cell"


@dataclass(frozen=True, eq=False)
class Knowledge:
    """The numbers, the sums they make, and the targets.

    cells:  number, the cell's key (no period where nobody published it), old; those of this release first.
    hidden: which numbers are hidden.
    """

    cells: pl.DataFrame
    system: System
    hidden: Truths
    targets: Targets

    @cached_property
    def numbers(self) -> pl.DataFrame:
        """Return the cells, each with its `hidden`, `lower` and `upper`."""
        return self.cells.with_columns(hidden=self.hidden, lower=self.system.lower, upper=self.system.upper)


def sight_of(cells: pl.DataFrame) -> Sight:
    """Return what is seen of the cells, from their `lower`, `upper` and `hidden`."""
    lower, upper = (cells[name].to_numpy().astype(np.float64) for name in ("lower", "upper"))
    return Sight(lower, upper, cells["hidden"].to_numpy())


@dataclass(eq=False)
class Ground:
    """What stays the same however the cells of a release are shown: which there are, and how they add up.

    cells:  number and key of each, old; those of this release first, then what else the sums are about.
    sums:   what they add up to; between what each lies is not said here.
    beyond: what is seen of the cells that are not of this release.
    """

    cells: pl.DataFrame
    sums: System
    secrets: Secrets
    beyond: Sight
    _moved: Places | None = None

    @classmethod
    def of(
        cls, now: pl.DataFrame, before: pl.DataFrame | None, structure: Structure, profile: Profile
    ) -> "Ground":
        """Lay the ground.

        Given: what is known of each cell of this release and of the earlier ones: its key, range and shape.
        """
        cells = [now.with_columns(old=pl.lit(value=False))]
        if before is not None and len(before):
            cells.append(before.with_columns(old=pl.lit(value=True)))
        numbers = pl.concat(cells, how="diagonal_relaxed").with_columns(
            start=pl.when("at_the_end").then(0).otherwise(pl.col("start"))
        )
        tiles = tilings(numbers.filter(~pl.col("at_the_end")))
        placed = _with_pieces(numbers, tiles).with_row_index("number").with_columns(chief=_chief())
        every = lines_of(placed, tiles, structure, profile)
        lines = [each for each in every if not each.entries.is_empty()]
        pairs = wholes_and_parts(placed.filter(pl.col("number") == pl.col("chief")), structure)
        return cls(
            placed.drop("shown", "value", "hidden", "lower", "upper", strict=False),
            _system(placed, lines),
            Secrets.of(placed, lines, pairs, profile),
            sight_of(placed[len(now) :]),
        )

    def families(self) -> Iterator[tuple[Places, "Ground"]]:
        """Yield the numbers that have anything to do with each other, however shown, and the ground of each.

        Yields: those with a cell of this release alone: the places of these, and all that they stand on.
        """
        numbers, rows = self.sums.families(self.secrets.pairs.reshape(-1, 2))
        count = self.sums.size - len(self.beyond.lower)
        for family in np.unique(numbers[:count]):
            mine, ours = np.flatnonzero(numbers == family), np.flatnonzero(rows == family)
            beyond = mine[mine >= count] - count
            ground = Ground(
                self.cells[mine],
                self.sums.part(mine, ours),
                self.secrets.among(mine),
                self.beyond.at(beyond),
            )
            yield mine[mine < count], ground

    def knowledge(self, now: Sight) -> Knowledge:
        """Return what is known where the cells of this release are seen so, in their order.

        Where the earlier releases contradict this one, the numbers have changed since: those that have are
        left out.
        """
        seen = now.then(self.beyond)
        system = replace(self.sums, lower=seen.lower, upper=seen.upper)
        targets = self.secrets.targets(seen)
        if self._moved is None:
            old = np.flatnonzero(self.cells["old"].to_numpy())
            self._moved = moved_since(system, old) if len(old) else old
        system.lower[self._moved], system.upper[self._moved] = 0.0, np.inf
        return Knowledge(self.cells, system, seen.hidden, targets)


def _chief() -> pl.Expr:
    """Return the first number that is the same cell: that of the same months, whatever the period is called.

    What is counted on the last day has no first month, and is the same in all periods that end together.
    """
    return pl.col("number").first().over([*SERIES, *MONTHS])


def _with_pieces(numbers: pl.DataFrame, tiles: pl.DataFrame) -> pl.DataFrame:
    """Return the numbers, and one for each piece of a period that nobody published by itself."""
    series = numbers.unique([*SERIES, *MONTHS]).select(
        *SERIES, *MONTHS, "additive", "at_the_end", "sensitive"
    )
    pieces = (
        series.join(tiles, on=["count_id", "breakdown", *MONTHS])
        .with_columns(start="piece_start", stop="piece_stop")
        .drop("piece_start", "piece_stop")
        .unique([*SERIES, *MONTHS])
        .join(numbers, on=[*SERIES, *MONTHS], how="anti")
        .sort(*SERIES, *MONTHS)
        .with_columns(
            shown=pl.lit(NO_CELL),
            hidden=pl.lit(value=True),
            old=pl.lit(value=False),
            lower=pl.lit(0.0),
            upper=pl.lit(float("inf")),
        )
    )
    return pl.concat([numbers, pieces], how="diagonal_relaxed")


def _matrix(entries: pl.DataFrame, line: str, rows: int, count: int) -> sparse.csr_array:
    return sparse.csr_array(
        (
            entries["factor"].to_numpy().astype(np.float64),
            (entries[line].to_numpy(), entries["number"].to_numpy()),
        ),
        shape=(rows, count),
    )


def _system(numbers: pl.DataFrame, lines: list[Lines]) -> System:
    """Return the sums; between what the numbers lie is not yet said."""
    matrices, least, most = [], [], []
    for each in lines:
        placed = each.entries.with_columns(row=pl.col("line").rank("dense") - 1)
        rows = placed["row"].n_unique()
        matrices.append(_matrix(placed, "row", rows, len(numbers)))
        least.append(np.full(rows, each.at_least))
        most.append(np.full(rows, each.at_most))
    none = sparse.csr_array((0, len(numbers)))
    return System(
        np.zeros(len(numbers)),
        np.zeros(len(numbers)),
        sparse.vstack([none, *matrices]).tocsr(),
        np.concatenate([np.zeros(0), *least]),
        np.concatenate([np.zeros(0), *most]),
    )


def moved_since(system: System, old: np.ndarray) -> np.ndarray:
    """Return which numbers of earlier releases cannot be true together with this one.

    Of all that could be left out, so that the rest fits, that which moves the numbers least.
    """
    count, many = system.size, len(old)
    unit, eye = sparse.eye_array(count).tocsr()[old], sparse.eye_array(many)
    wide = sparse.vstack(
        [
            sparse.hstack([system.rows, sparse.csr_array((system.rows.shape[0], 2 * many))]),
            sparse.hstack([unit, eye, -eye]),
        ]
    ).tocsr()
    lower, upper = system.lower.copy(), system.upper.copy()
    lower[old], upper[old] = 0.0, np.inf
    answer = optimize.milp(
        np.concatenate([np.zeros(count), np.ones(2 * many)]),
        bounds=optimize.Bounds(
            np.concatenate([lower, np.zeros(2 * many)]), np.concatenate([upper, np.full(2 * many, np.inf)])
        ),
        constraints=optimize.LinearConstraint(
            wide,
            np.concatenate([system.at_least, system.lower[old]]),
            np.concatenate([system.at_most, system.upper[old]]),
        ),
    )
    if answer.status != 0:
        return old[:0]
    return np.asarray(old[answer.x[count:].reshape(2, -1).sum(axis=0) > SLACK])
