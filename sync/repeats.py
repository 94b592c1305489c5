"""Rows that stand in an export more than once, and rows that are not believed: what becomes of each."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import polars as pl

from mappings import disbelieve

BOOKKEEPING = ("_row", "_bucket", "_export", "_primary")


@dataclass(frozen=True)
class Repeats:
    """Rows of one export whose reference occurs more than once.

    export:   the export's number.
    again:    row numbers that repeat an earlier row to the letter; they are dropped.
    alike:    these, and rows that differ from an earlier one only in what the export repeats rows for.
    conflict: row numbers that share a reference with a row that differs otherwise; a check speaks of them.
    torn:     those of them that are referrals of different people: nobody can say whose case it is.
    apart:    entities that are made of what the export repeats rows for: every such row makes one.
    """

    export: int
    again: pl.Series
    alike: pl.Series
    conflict: pl.Series
    torn: pl.Series
    apart: frozenset[str] = frozenset()

    def told(self, entity: str, table: pl.DataFrame) -> pl.DataFrame:
        """Return the table without rows that repeat one, and with those marked that are in conflict."""
        if not (table["_export"] == self.export).any():
            return table
        here = pl.col("_export") == self.export
        gone = self.again if entity in self.apart else self.alike
        clash = here & pl.col("_row").is_in(self.conflict.implode())
        kept = table.filter(~(here & pl.col("_row").is_in(gone.implode())))
        return kept.with_columns((pl.col("_reference_repeated") | clash).alias("_reference_repeated"))


@dataclass(frozen=True)
class Seen:
    """What is known of each row of one export: DataFrame[_row, mark, owner, content], as digests.

    apart: whether `alike` stands beside `content`: the digest of what rows of one reference have in common.
    """

    parts: list[pl.DataFrame] = field(default_factory=list, repr=False)

    def repeats(
        self, export: int, apart: frozenset[str], *, of_referrals: bool
    ) -> tuple[Repeats, pl.DataFrame] | None:
        """Return the rows whose reference occurs more than once, and those of torn referrals; or None."""
        if not self.parts:
            return None
        twice = pl.concat(self.parts).filter(pl.col("mark").is_duplicated()).sort("_row")
        if twice.is_empty():
            return None
        common = "alike" if "alike" in twice.columns else "content"
        again = twice.filter(~pl.struct("mark", "content").is_first_distinct())["_row"]
        alike = twice.filter(~pl.struct("mark", common).is_first_distinct())["_row"]
        rest = twice.filter(~pl.col("_row").is_in(alike.implode()))
        marks = rest.filter(pl.col("mark").is_duplicated())["mark"]
        conflict = twice.filter(
            pl.col("mark").is_in(marks.implode()) & ~pl.col("_row").is_in(again.implode())
        )["_row"]
        torn = rest.filter(pl.col("owner").n_unique().over("mark") > 1) if of_referrals else rest.clear()
        return Repeats(export, again, alike, conflict, torn["_row"], apart), torn


@dataclass(frozen=True)
class Doubts:
    """Rows of one export that are not believed, found once the whole export was known."""

    export: int
    rows: pl.Series

    def told(self, entity: str, table: pl.DataFrame) -> pl.DataFrame:
        """Return the table with the records of these rows emptied and marked."""
        here = (pl.col("_export") == self.export) & pl.col("_row").is_in(self.rows.implode())
        return disbelieve(entity, table, table.select(here.alias("here"))["here"])


def clashing(tables: Iterable[pl.DataFrame]) -> list[pl.DataFrame]:
    """Return records made apart from their rows: equal ones once, and those marked that share a reference."""
    whole = pl.concat(tables, how="diagonal")
    content = [name for name in whole.columns if name not in BOOKKEEPING]
    once = whole.unique(content, keep="first", maintain_order=True)
    shared = pl.struct("_source", "_reference").is_duplicated()
    return [once.with_columns((pl.col("_reference_repeated") | shared).alias("_reference_repeated"))]
