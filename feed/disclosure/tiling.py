"""Periods that lie in one another: cut wherever one begins or ends, they are made of the same pieces."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import polars as pl

Months = tuple[int, int]
"""The first month, and the one after the last."""


@dataclass(frozen=True)
class Tiling:
    """Periods and the pieces they are made of.

    pieces: every stretch of months between two cuts that some period covers.
    made:   per period of more than one piece, its pieces.
    within: pairs of periods of which the second lies wholly in the first.
    """

    pieces: tuple[Months, ...]
    made: dict[Months, tuple[Months, ...]]
    within: tuple[tuple[Months, Months], ...]


def tile(periods: Iterable[Months]) -> Tiling:
    """Return how the periods are made of the same pieces."""
    known = sorted(set(periods))
    cuts = sorted({month for period in known for month in period})
    stretches = tuple(pairwise(cuts))
    inside = {
        period: tuple(piece for piece in stretches if period[0] <= piece[0] and piece[1] <= period[1])
        for period in known
    }
    covered = {piece for pieces in inside.values() for piece in pieces}
    return Tiling(
        tuple(piece for piece in stretches if piece in covered),
        {period: pieces for period, pieces in inside.items() if len(pieces) > 1},
        tuple(
            (outer, inner)
            for outer in known
            for inner in known
            if outer != inner and outer[0] <= inner[0] and inner[1] <= outer[1]
        ),
    )


def tilings(cells: pl.DataFrame) -> pl.DataFrame:
    """Return, per count and breakdown, every period that is made of pieces, and its pieces.

    Given:   count_id, breakdown, start and stop of cells.
    Returns: count_id, breakdown, start, stop, piece_start, piece_stop.
    """
    known: dict[frozenset[Months], Tiling] = {}
    rows = []
    grouped = cells.group_by("count_id", "breakdown", maintain_order=True).agg(
        pl.struct("start", "stop").unique(maintain_order=True).alias("periods")
    )
    for count_id, breakdown, periods in grouped.iter_rows():
        months = frozenset((period["start"], period["stop"]) for period in periods)
        tiling = known.setdefault(months, tile(months))
        rows += [
            (count_id, breakdown, *period, *piece)
            for period, pieces in tiling.made.items()
            for piece in pieces
        ]
    return pl.DataFrame(rows, schema=TILINGS, orient="row")


TILINGS = pl.Schema(
    {
        "count_id": pl.String(),
        "breakdown": pl.String(),
        "start": pl.Int32(),
        "stop": pl.Int32(),
        "piece_start": pl.Int32(),
        "piece_stop": pl.Int32(),
    }
)
