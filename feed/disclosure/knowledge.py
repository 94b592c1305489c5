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


@dataclass(frozen=True, eq=False)
class Knowledge:
    """The numbers, the sums they make, and the targets.

    numbers: number, the cell's key (no period where nobody published it), shown, value, old, hidden, lower,
             upper.
    targets: target, kind, number, factor, smallest, largest: sums of numbers that nobody may learn while
             they lie between the two.
    """

    numbers: pl.DataFrame
    system: System
    targets: pl.DataFrame

    def goals(self) -> Goals:
        """Return the targets as rows, with the smallest and the largest of each that nobody may learn."""
        rows = _matrix(self.targets, "target", self.system.size)
        each = self.targets.unique("target").sort("target")
        return Goals(rows, each["smallest"].to_numpy(), each["largest"].to_numpy())


def knowledge(
    now: pl.DataFrame, before: pl.DataFrame | None, structure: Structure, profile: Profile
) -> Knowledge:
    """Return what is known from the cells of this release, and from those of the earlier ones.

    Given:   what is known of each cell: its key, range and shape. Where the earlier ones contradict this
             release, the numbers have changed since, and those that do are left out.
    """
    cells = [now.with_columns(old=pl.lit(value=False))]
    if before is not None:
        cells.append(before.with_columns(old=pl.lit(value=True)))
    numbers = pl.concat(cells, how="diagonal_relaxed").with_columns(
        start=pl.when("at_the_end").then(0).otherwise(pl.col("start"))
    )
    tiles = tilings(numbers.filter(~pl.col("at_the_end")))
    numbers = _with_pieces(numbers, tiles, profile).with_row_index("number").with_columns(chief=_chief())
    lines = list(lines_of(numbers, tiles, structure, profile))
    system = _system(numbers, lines)
    if before is not None:
        system = _without_contradiction(system, numbers["old"].to_numpy())
    return Knowledge(numbers, system, _targets(numbers, lines, structure, profile))


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


def _matrix(entries: pl.DataFrame, line: str, count: int) -> sparse.csr_array:
    rows = entries[line].n_unique()
    return sparse.csr_array(
        (
            entries["factor"].cast(pl.Float64).to_numpy(),
            (entries[line].to_numpy(), entries["number"].to_numpy()),
        ),
        shape=(rows, count),
    )


def _system(numbers: pl.DataFrame, lines: list[Lines]) -> System:
    matrices, least, most = [], [], []
    for each in lines:
        if each.entries.is_empty():
            continue
        placed = each.entries.with_columns(row=pl.col("line").rank("dense") - 1)
        matrix = _matrix(placed, "row", len(numbers))
        matrices.append(matrix)
        least.append(np.full(matrix.shape[0], each.at_least))
        most.append(np.full(matrix.shape[0], each.at_most))
    none = sparse.csr_array((0, len(numbers)))
    return System(
        numbers["lower"].to_numpy().astype(np.float64),
        numbers["upper"].to_numpy().astype(np.float64),
        sparse.vstack([none, *matrices]).tocsr(),
        np.concatenate([np.zeros(0), *least]),
        np.concatenate([np.zeros(0), *most]),
    )


def _targets(
    numbers: pl.DataFrame, lines: list[Lines], structure: Structure, profile: Profile
) -> pl.DataFrame:
    """Return what nobody may learn: small cells, what is left of a table, and of a whole without its part."""
    about = numbers.select("number", "count_id", "hidden", "sensitive", "lower", "upper", "largest")
    smallest = pl.when("sensitive").then(0.0).otherwise(1.0)
    small = (pl.col("lower") <= pl.col("largest")) & (pl.col("upper") >= smallest)
    alone = numbers.filter(small & (pl.col("number") == pl.col("chief")))
    cells = alone.select(
        pl.lit("cell").alias("kind"),
        pl.col("number").cast(pl.String).alias("line"),
        "number",
        factor=pl.lit(1, dtype=pl.Int8),
        smallest=smallest,
        largest=pl.col("largest"),
    )
    frames = [cells]
    for at, each in enumerate(lines):
        if each.rests and not each.entries.is_empty():
            frames.append(_rest(each.entries, about, at, float(profile.suppress_to)))
    pairs = wholes_and_parts(numbers.filter(pl.col("number") == pl.col("chief")), structure)
    frames.append(_without(pairs, float(profile.suppress_to)))
    found = pl.concat(frames)
    return found.with_columns(
        target=(pl.concat_str("kind", "line", separator="\x1f").rank("dense") - 1).cast(pl.Int64)
    ).drop("line")


def _rest(entries: pl.DataFrame, about: pl.DataFrame, at: int, largest: float) -> pl.DataFrame:
    """Return what is hidden of a whole's parts, taken together, where there are two or more of them."""
    hidden = entries.filter(pl.col("factor") > 0).join(about, on="number").filter("hidden")
    return hidden.filter(pl.len().over("line") > 1).select(
        pl.lit("rest").alias("kind"),
        pl.concat_str(pl.lit(str(at)), "line", separator="\x1f").alias("line"),
        "number",
        "factor",
        smallest=pl.lit(1.0),
        largest=pl.lit(largest),
    )


def _without(pairs: pl.DataFrame, largest: float) -> pl.DataFrame:
    """Return each whole without its part."""
    lines = pairs.with_columns(line=pl.concat_str("whole", "number", separator="\x1f"))
    smallest = pl.when("sensitive").then(0.0).otherwise(1.0)
    return pl.concat(
        lines.select(
            pl.lit("complement").alias("kind"),
            "line",
            pl.col(column).alias("number"),
            factor=pl.lit(factor, dtype=pl.Int8),
            smallest=smallest,
            largest=pl.lit(largest),
        )
        for column, factor in (("whole", 1), ("number", -1))
    )


def _without_contradiction(system: System, old: np.ndarray) -> System:
    """Return the system without what was published before and cannot be true together with this release."""
    count, places = system.size, np.flatnonzero(old)
    fixed = system.rows
    slack = sparse.csr_array(
        (np.ones(len(places)), (np.arange(len(places)), places)), shape=(len(places), count)
    )
    wide = sparse.vstack(
        [
            sparse.hstack([fixed, sparse.csr_array((fixed.shape[0], 2 * len(places)))]),
            sparse.hstack([slack, sparse.eye_array(len(places)), -sparse.eye_array(len(places))]),
        ]
    ).tocsr()
    lower, upper = system.lower.copy(), system.upper.copy()
    lower[places], upper[places] = 0.0, np.inf
    answer = optimize.milp(
        np.concatenate([np.zeros(count), np.ones(2 * len(places))]),
        bounds=optimize.Bounds(
            np.concatenate([lower, np.zeros(2 * len(places))]),
            np.concatenate([upper, np.full(2 * len(places), np.inf)]),
        ),
        constraints=optimize.LinearConstraint(
            wide,
            np.concatenate([system.at_least, system.lower[places]]),
            np.concatenate([system.at_most, system.upper[places]]),
        ),
    )
    if answer.status != 0:
        return system
    moved = answer.x[count:].reshape(2, -1).sum(axis=0) > SLACK
    lower, upper = system.lower.copy(), system.upper.copy()
    lower[places[moved]], upper[places[moved]] = 0.0, np.inf
    return replace(system, lower=lower, upper=upper)
