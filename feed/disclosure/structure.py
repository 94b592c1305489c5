"""What anybody who reads the published tables knows of how their numbers hang together."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import polars as pl

NESTED = pl.Schema(
    {
        "child_breakdown": pl.String(),
        "child": pl.String(),
        "parent_breakdown": pl.String(),
        "parent": pl.String(),
        "complete": pl.Boolean(),
    }
)


@dataclass(frozen=True)
class CellOf:
    """One category of another count's breakdown."""

    count: str
    breakdown: str
    category: str


@dataclass(frozen=True)
class CountShape:
    """What is known of one count.

    additive:      its categories add to the borough, and its months to their quarter (rows); otherwise they
                   come to at least as much, and none is more (people, who may be counted in several).
    at_the_end:    it is counted on the last day of a period, and periods do not add.
    part_of:       the count that it is a subset of.
    is_cell:       the cell of another count's breakdown that its total is.
    is_also:       such cells too, as the rows of the period say.
    without_cell:  the cell of another count's breakdown without which that count's total is its own.
    same_as:       two counts with the same words here are the same count.
    sensitive:     none, or all, is telling too.
    organisations: organisations are counted, and nothing is hidden.
    supports:      it only tells how complete another is, and is missed least.
    """

    id: str
    additive: bool = True
    at_the_end: bool = False
    part_of: str | None = None
    is_cell: CellOf | None = None
    is_also: tuple[CellOf, ...] = ()
    without_cell: CellOf | None = None
    same_as: str | None = None
    sensitive: bool = False
    organisations: bool = False
    supports: bool = False


@dataclass(frozen=True, eq=False)
class Structure:
    """Every count's shape, and which area lies in which.

    nested:  NESTED: an area that lies in one other alone; `complete`: nothing else makes up the other.
    at_most: pairs of counts of which the first is never the larger: people, and their rows.
    always:  by count and breakdown the categories that are told of though nothing be in them.
    """

    counts: tuple[CountShape, ...]
    nested: pl.DataFrame = field(default_factory=NESTED.to_frame, repr=False)
    at_most: tuple[tuple[str, str], ...] = ()
    always: tuple[CellOf, ...] = ()

    def refuse_unknown(self, counts: pl.Series) -> None:
        """Errors: ValueError for a count that has no shape here."""
        strange = set(counts.unique()) - {count.id for count in self.counts}
        if strange:
            raise ValueError(f"nobody knows how these counts hang together: {', '.join(sorted(strange))}")

    def shape(self) -> pl.DataFrame:
        """Return count_id, additive, at_the_end, sensitive and organisations as a table."""
        return pl.DataFrame(
            [
                (count.id, count.additive, count.at_the_end, count.sensitive, count.organisations)
                for count in self.counts
            ],
            schema={
                "count_id": pl.String(),
                "additive": pl.Boolean(),
                "at_the_end": pl.Boolean(),
                "sensitive": pl.Boolean(),
                "organisations": pl.Boolean(),
            },
            orient="row",
        )


def nested_areas(pairs: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """Return which area lies in which, NESTED, from pairs as they were seen.

    Given:   child_breakdown, child, parent_breakdown, parent.
    Returns: a child seen in two parents lies in neither, and neither is the sum of its children: `complete`.
    """
    names = [name for name in NESTED if name != "complete"]
    seen = pl.concat([NESTED.to_frame().drop("complete"), *(pair.select(names) for pair in pairs)]).unique()
    alone = pl.len().over("child_breakdown", "child", "parent_breakdown") == 1
    return (
        seen.with_columns(alone=alone)
        .with_columns(complete=pl.col("alone").all().over("child_breakdown", "parent_breakdown", "parent"))
        .filter("alone")
        .select(NESTED.names())
        .sort(names)
    )
