"""All that a reader of the releases knows, as one system of sums, and what must not follow from it."""

from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from scipy import optimize, sparse

from feed.disclosure.cells import largest_small
from feed.disclosure.pieces import Goals
from feed.disclosure.profile import Profile
from feed.disclosure.relations import MONTHS, SERIES, Lines, lines_of, wholes_and_parts
from feed.disclosure.structure import Structure
from feed.disclosure.system import SLACK, System
from feed.disclosure.tiling import tilings

NO_CELL = "no cell"
CELL, REST, COMPLEMENT = "cell", "rest", "complement"


@dataclass(frozen=True, eq=False)
class Knowledge:
    """The numbers, the sums they make, and the targets.

    numbers: number, the cell's key (no period where nobody published it), shown, value, old, hidden, lower,
             upper.
    targets: number, target and factor: sums of numbers that nobody may learn.
    kinds:   target, kind, smallest, largest, in the order of the targets.
    """

    numbers: pl.DataFrame
    system: System
    targets: pl.DataFrame
    kinds: pl.DataFrame

    def goals(self) -> Goals:
        """Return the targets as rows, with the smallest and the largest of each that nobody may learn."""
        rows = _matrix(self.targets, "target", len(self.kinds), self.system.size)
        return Goals(rows, self.kinds["smallest"].to_numpy(), self.kinds["largest"].to_numpy())


class Ground:
    """What stays the same however the cells of a release are shown: which there are, and how they add up."""

    def __init__(
        self, now: pl.DataFrame, before: pl.DataFrame | None, structure: Structure, profile: Profile
    ) -> None:
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
        self._numbers = (
            _with_pieces(numbers, tiles, profile).with_row_index("number").with_columns(chief=_chief())
        )
        lines = [
            each for each in lines_of(self._numbers, tiles, structure, profile) if not each.entries.is_empty()
        ]
        self._profile, self._count = profile, len(now)
        self._system = _system(self._numbers, lines)
        self._wholes = _wholes(lines)
        pairs = wholes_and_parts(self._numbers.filter(pl.col("number") == pl.col("chief")), structure)
        self._complements = _complements(pairs, float(profile.suppress_to))
        self._old = np.flatnonzero(self._numbers["old"].to_numpy())
        self._moved: np.ndarray | None = None

    def knowledge(self, now: pl.DataFrame) -> Knowledge:
        """Return what is known where the cells of this release are shown so: the same cells, in their order.

        Where the earlier releases contradict this one, the numbers have changed since: those that have are
        left out.
        """
        fresh = ["shown", "value", "hidden", "lower", "upper"]
        rest = self._numbers[self._count :]
        numbers = self._numbers.with_columns(
            pl.concat([now[name], rest[name].cast(now[name].dtype)]).alias(name) for name in fresh
        )
        lower = numbers["lower"].to_numpy().astype(np.float64)
        upper = numbers["upper"].to_numpy().astype(np.float64)
        system = replace(self._system, lower=lower, upper=upper)
        if len(self._old):
            if self._moved is None:
                self._moved = moved_since(system, self._old)
            system.lower[self._moved], system.upper[self._moved] = 0.0, np.inf
        targets, kinds = _targets(numbers, self._wholes, self._complements, self._profile)
        return Knowledge(numbers, system, targets, kinds)


def _chief() -> pl.Expr:
    """Return the first number that is the same cell: that of the same months, whatever the period is called.

    What is counted on the last day has no first month, and is the same in all periods that end together.
    """
    return pl.col("number").first().over([*SERIES, *MONTHS])


def _with_pieces(numbers: pl.DataFrame, tiles: pl.DataFrame, profile: Profile) -> pl.DataFrame:
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
            largest=largest_small(profile).cast(pl.Float64),
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


def _wholes(lines: list[Lines]) -> pl.DataFrame:
    """Return the parts of every whole whose parts add up: line and number."""
    found = [
        each.entries.filter(pl.col("factor") > 0).select(
            pl.concat_str(pl.lit(str(at)), "line", separator="\x1f").alias("line"), "number"
        )
        for at, each in enumerate(lines)
        if each.rests
    ]
    nothing = pl.DataFrame(schema={"line": pl.String(), "number": pl.UInt32()})
    return pl.concat([nothing, *found]).with_columns(line=pl.col("line").rank("dense").cast(pl.UInt32))


def _complements(pairs: pl.DataFrame, largest: float) -> pl.DataFrame:
    """Return each whole less its part: line, number, factor, smallest, largest."""
    lines = pairs.with_row_index("line").with_columns(smallest=pl.when("sensitive").then(0.0).otherwise(1.0))
    return pl.concat(
        lines.select(
            "line",
            pl.col(column).alias("number"),
            pl.lit(factor).alias("factor"),
            "smallest",
            pl.lit(largest).alias("largest"),
        )
        for column, factor in (("whole", 1.0), ("number", -1.0))
    )


def _targets(
    numbers: pl.DataFrame, wholes: pl.DataFrame, complements: pl.DataFrame, profile: Profile
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return what nobody may learn: small cells, what is left of a table, and of a whole without its part."""
    smallest = pl.when("sensitive").then(0.0).otherwise(1.0)
    small = (pl.col("lower") <= pl.col("largest")) & (pl.col("upper") >= smallest)
    cells = numbers.filter(small & (pl.col("number") == pl.col("chief"))).select(
        pl.col("number").alias("line"),
        "number",
        pl.lit(1.0).alias("factor"),
        smallest=smallest,
        largest="largest",
    )
    hidden = numbers.filter("hidden").select("number")
    rests = wholes.join(hidden, on="number", how="semi").filter(pl.len().over("line") > 1)
    rests = rests.select(
        "line",
        "number",
        pl.lit(1.0).alias("factor"),
        smallest=pl.lit(1.0),
        largest=pl.lit(float(profile.suppress_to)),
    )
    told = ((CELL, cells), (REST, rests), (COMPLEMENT, complements))
    every = pl.concat(
        frame.with_columns(kind=pl.lit(at, dtype=pl.UInt32)) for at, (_, frame) in enumerate(told)
    )
    placed = every.with_columns(
        target=((pl.col("kind").cast(pl.UInt64) * 2**32 + pl.col("line")).rank("dense") - 1).cast(pl.Int64)
    )
    kinds = placed.unique("target").sort("target").select("target", "kind", "smallest", "largest")
    names = pl.Series([name for name, _ in told])
    return placed.select("target", "number", "factor"), kinds.with_columns(kind=names.gather(kinds["kind"]))


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
