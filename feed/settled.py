"""Sums of money as they were told before: a table of sums stays as it was until enough of it is new.

Two editions of a quarter differ by what came late. Where that is few people's, or most of it one person's,
the difference of the two sums is what they were awarded. So the sums of a quarter are told anew together, or
stay as they were.
"""

import hashlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import polars as pl

from common.files import write_atomic
from feed.declared import Kpi
from feed.disclosure.errors import ReleasedUnreadable
from feed.dominance import CELL, FEWEST, ONE

SETTLED = pl.Schema(
    {
        "figure": pl.String(),
        "period": pl.String(),
        "breakdown": pl.String(),
        "category": pl.String(),
        "people": pl.Int64(),
        "value": pl.Float64(),
    }
)
"""What was told, one edition after the other; `figure`: its number, and the digest of how it was defined."""


class Settled:
    """The sums of whole quarters that were told before, and those that are about to be.

    Of each no more is kept than the sum as it was told and how many people it was of: eight or more.
    """

    def __init__(self, path: Path | None = None) -> None:
        """Given: where it is kept; without one, nothing was told before. Errors: ReleasedUnreadable."""
        self._path = path
        self._before = _read(path) if path is not None and path.is_file() else SETTLED.to_frame()
        self._now: list[pl.DataFrame] = []

    def told(self, kpi: Kpi) -> Callable[[pl.DataFrame], pl.DataFrame]:
        """Return what gives the sums of a figure's quarters as they may be told, and notes them."""
        figure = figure_of(kpi)

        def settle(sums: pl.DataFrame) -> pl.DataFrame:
            kept = settled(sums, self._before.filter(pl.col("figure") == figure))
            new = kept.filter("anew").with_columns(figure=pl.lit(figure))
            self._now.append(new.select(SETTLED.names()).cast(SETTLED))
            return kept.drop("anew")

        return settle

    def remember(self) -> None:
        """Keep what is about to be published; if then it is not, the next edition is only the stricter."""
        new = pl.concat([SETTLED.to_frame(), *self._now]).unique(maintain_order=True)
        if self._path is not None and len(new):
            whole = pl.concat([self._before, new.sort("figure", *CELL)])
            write_atomic(self._path, whole.write_csv().encode(), private=True)


def _read(path: Path) -> pl.DataFrame:
    found: pl.DataFrame | None = None
    with suppress(pl.exceptions.PolarsError, OSError):
        found = pl.read_csv(path, schema=SETTLED)
    if found is None or any(found.null_count().row(0)):
        raise ReleasedUnreadable(path.name)
    return found


def figure_of(kpi: Kpi) -> str:
    """Return a figure's number with the digest of how it is defined: another definition is another figure."""
    defined = "\n".join((kpi.id, str(kpi.of), str(kpi.value), kpi.rule))
    return f"{kpi.id} {hashlib.sha256(defined.encode()).hexdigest()[:16]}"


def settled(sums: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """Return the sums of quarters as they may be told, and whether each is told `anew`.

    Given:   the sums of one figure that may be told (CELL, value, people, largest); those told before.
    Returns: a quarter as it was told last, unless each of its sums that is another now has at least eight
             people more, or fewer, behind it than ever before, none of whom can have most of the difference.
    """
    here = sums.with_columns(pl.col("people", "largest").fill_null(0))
    last = before.group_by(CELL, maintain_order=True).agg(was=pl.col("value").last())
    ever = here.join(before.select(*CELL, then="value", those="people"), on=CELL, how="left").with_columns(
        pl.col("then", "those").fill_null(0)
    )
    difference = (pl.col("value") - pl.col("then")).abs()
    enough = ((pl.col("people") - pl.col("those")).abs() >= FEWEST) & (pl.col("largest") <= ONE * difference)
    cells = ever.group_by(CELL).agg(enough=enough.all())
    judged = here.join(cells, on=CELL, how="left", maintain_order="left").join(
        last, on=CELL, how="left", maintain_order="left"
    )
    is_other = pl.col("was").is_null() | (pl.col("was") != pl.col("value"))
    of_none = pl.col("was").is_null() & (pl.col("value") == 0)
    was_told = pl.col("was").is_not_null().any().over("period")
    may = (~is_other | of_none | pl.col("enough")).all().over("period")
    return (
        judged.with_columns(anew=~was_told | may)
        .with_columns(
            value=pl.when("anew").then("value").otherwise("was"),
        )
        .select(*CELL, "value", "people", "anew")
    )
