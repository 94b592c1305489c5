"""The sums that the numbers of a release make, as anybody can write them down who reads its tables."""

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from feed.disclosure.cells import BOROUGH
from feed.disclosure.profile import Profile
from feed.disclosure.structure import CellOf, Structure

UNBOUNDED = float("inf")
BOROUGH_ONLY = "borough_only"
SERIES = ("count_id", "breakdown", "category")
MONTHS = ("start", "stop")


@dataclass(frozen=True, eq=False)
class Lines:
    """Sums of one kind: line, number and factor; each lies between `at_least` and `at_most`.

    rests: whether what is hidden on the side of the parts can be worked out together: whole less the rest.
    """

    entries: pl.DataFrame
    at_least: float = 0.0
    at_most: float = 0.0
    rests: bool = False


def lines_of(
    numbers: pl.DataFrame, tiles: pl.DataFrame, structure: Structure, profile: Profile
) -> Iterator[Lines]:
    """Yield every sum that is known.

    Given:   one row per number: number, chief (the first that is the same cell), count_id, breakdown,
             category, start, stop, additive, at_the_end; and how periods are made of pieces.
    """
    yield _same_cell(numbers)
    chiefs = numbers.filter(pl.col("number") == pl.col("chief"))
    yield from _categories(chiefs)
    yield from _periods(chiefs, tiles)
    yield from _areas(chiefs.filter(~pl.col("old")), structure)
    yield from _counts(chiefs, structure)
    yield _lots(chiefs, profile)


def _entries(*parts: pl.DataFrame) -> pl.DataFrame:
    """Return parts of (line, number, factor), each line a text that is its own."""
    return pl.concat([part.select("line", "number", pl.col("factor").cast(pl.Int8)) for part in parts])


def _line(*columns: str) -> pl.Expr:
    return pl.concat_str([pl.col(name).cast(pl.String) for name in columns], separator="\x1f").alias("line")


def _pairs(joined: pl.DataFrame, plus: str, minus: str) -> pl.DataFrame:
    """Return one line per row: the number in one column less the one in the other."""
    lines = joined.with_columns(_line(plus, minus))
    return _entries(
        lines.select("line", pl.col(plus).alias("number"), factor=pl.lit(1)),
        lines.select("line", pl.col(minus).alias("number"), factor=pl.lit(-1)),
    )


def _same_cell(numbers: pl.DataFrame) -> Lines:
    return Lines(_pairs(numbers.filter(pl.col("number") != pl.col("chief")), "number", "chief"))


def _sums(joined: pl.DataFrame, *apart: str) -> pl.DataFrame:
    """Return a line per whole (and per value of the columns named): its parts less itself."""
    lines = joined.with_columns(_line("whole", *apart))
    wholes = lines.unique("line", maintain_order=True)
    return _entries(
        lines.select("line", "number", factor=pl.lit(1)),
        wholes.select("line", pl.col("whole").alias("number"), factor=pl.lit(-1)),
    )


def _made_up(joined: pl.DataFrame, *apart: str) -> Iterator[Lines]:
    """Yield what parts and whole come to: rows add up; people come to at least as many, and none is more."""
    loose = joined.filter(~pl.col("additive"))
    yield Lines(_sums(joined.filter("additive"), *apart), rests=True)
    yield Lines(_sums(loose, *apart), 0.0, UNBOUNDED)
    yield Lines(_pairs(loose, "whole", "number"), 0.0, UNBOUNDED)


def _categories(chiefs: pl.DataFrame) -> Iterator[Lines]:
    """Yield that the categories of a breakdown make up the borough."""
    totals = chiefs.filter(pl.col("breakdown") == BOROUGH).select("count_id", *MONTHS, whole="number")
    joined = chiefs.filter(pl.col("breakdown") != BOROUGH).join(totals, on=["count_id", *MONTHS])
    yield from _made_up(joined, "breakdown")


def _periods(chiefs: pl.DataFrame, tiles: pl.DataFrame) -> Iterator[Lines]:
    """Yield that the pieces of a period make it up."""
    wholes = chiefs.select(*SERIES, *MONTHS, "additive", whole="number")
    pieces = chiefs.select(*SERIES, "number", piece_start="start", piece_stop="stop")
    joined = wholes.join(tiles, on=["count_id", "breakdown", *MONTHS]).join(
        pieces, on=[*SERIES, "piece_start", "piece_stop"]
    )
    yield from _made_up(joined)


def _areas(chiefs: pl.DataFrame, structure: Structure) -> Iterator[Lines]:
    """Yield that the areas within an area make it up, or are part of it where others are too."""
    child = structure.nested.rename({"child_breakdown": "breakdown", "child": "category"})
    parents = chiefs.select(
        "count_id", *MONTHS, parent_breakdown="breakdown", parent="category", whole="number"
    )
    joined = chiefs.join(child, on=["breakdown", "category"]).join(
        parents, on=["count_id", *MONTHS, "parent_breakdown", "parent"]
    )
    yield from _made_up(joined.filter("complete"), "breakdown")
    some = joined.filter(~pl.col("complete"))
    yield Lines(_sums(some.filter("additive"), "breakdown"), -UNBOUNDED, 0.0)
    yield Lines(_pairs(some.filter(~pl.col("additive")), "whole", "number"), 0.0, UNBOUNDED)


def _counts(chiefs: pl.DataFrame, structure: Structure) -> Iterator[Lines]:
    """Yield that a part is no more than its whole, that the same is the same, and what is at most what."""
    yield Lines(_pairs(wholes_and_parts(chiefs, structure), "whole", "number"), 0.0, UNBOUNDED)
    cells = chiefs.select("count_id", "breakdown", "category", *MONTHS, "number")
    first: dict[str, str] = {}
    same = [
        (count.id, first.setdefault(count.same_as, count.id)) for count in structure.counts if count.same_as
    ]
    pairs = _named([pair for pair in same if pair[0] != pair[1]])
    yield Lines(_pairs(_beside(cells, pairs), "number", "other"))
    yield Lines(_pairs(_beside(cells, _named(list(structure.at_most))), "other", "number"), 0.0, UNBOUNDED)
    is_cell = _with_cell(cells, [(count.id, count.is_cell) for count in structure.counts])
    yield Lines(_pairs(is_cell, "number", "other"))
    also = _with_cell(cells, [(count.id, cell) for count in structure.counts for cell in count.is_also])
    yield Lines(_pairs(also, "number", "other"))
    without = _with_cell(cells, [(count.id, count.without_cell) for count in structure.counts])
    totals = cells.filter(pl.col("breakdown") == BOROUGH).select(*MONTHS, of_count="count_id", whole="number")
    both = without.join(totals, on=["of_count", *MONTHS])
    parts = [both.select("whole", "count_id", number=pl.col(name)) for name in ("number", "other")]
    yield Lines(_sums(pl.concat(parts), "count_id"))


def _with_cell(cells: pl.DataFrame, named: list[tuple[str, CellOf | None]]) -> pl.DataFrame:
    """Return the totals of counts, each with the number of the `other` cell that it names."""
    wanted = pl.DataFrame(
        [(count, cell.count, cell.breakdown, cell.category) for count, cell in named if cell],
        schema={name: pl.String() for name in ("count_id", "of_count", "of_breakdown", "of_category")},
        orient="row",
    )
    others = cells.rename(
        {"count_id": "of_count", "breakdown": "of_breakdown", "category": "of_category", "number": "other"}
    )
    totals = cells.filter(pl.col("breakdown") == BOROUGH).join(wanted, on="count_id")
    return totals.join(others, on=["of_count", "of_breakdown", "of_category", *MONTHS])


def wholes_and_parts(chiefs: pl.DataFrame, structure: Structure) -> pl.DataFrame:
    """Return each number that is a part, with the `whole` it is a part of, cell by cell."""
    pairs = _named([(count.id, count.part_of) for count in structure.counts if count.part_of])
    return _beside(chiefs, pairs).rename({"other": "whole"})


def _named(pairs: list[tuple[str, str]]) -> pl.DataFrame:
    return pl.DataFrame(
        pairs, schema={"count_id": pl.String(), "other_id": pl.String()}, orient="row"
    ).unique()


def _beside(cells: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """Return the cells of the first count with the number of the same cell of the `other`."""
    others = cells.select("breakdown", "category", *MONTHS, other_id="count_id", other="number")
    return cells.join(pairs, on="count_id").join(others, on=["other_id", "breakdown", "category", *MONTHS])


def _lots(chiefs: pl.DataFrame, profile: Profile) -> Lines:
    """Return that what stands apart in the areas' tables is what the lots for the borough only come to."""
    lots = chiefs.filter(
        (pl.col("breakdown") == "lot")
        & pl.col("category").is_in(profile.borough_only_lots)
        & pl.col("additive")
    )
    apart = chiefs.filter(pl.col("category") == BOROUGH_ONLY).select("count_id", *MONTHS, whole="number")
    return Lines(_sums(lots.join(apart, on=["count_id", *MONTHS])), rests=True)
