"""Two columns of days side by side: a day that has moved from the first into the second reads as well there.

What shows it is that the first is blank while the second holds a day, where in this export it is hardly ever
so: an end without its beginning.
"""

from dataclasses import dataclass, field

import polars as pl

from mappings.cells import Cells
from mappings.placing import MOST_WORDS, Placed
from mappings.readers import DAYS, Reader

FEW_ROWS, ONE_ROW_IN = 2, 100
MOST_ROWS = 100_000


@dataclass
class Pair:
    """Two such columns, over the whole export.

    after:  the column after them, if it is read: had a day moved, what stands there would be a day.
    rows:   rows seen.
    filled: rows that hold a day in the first.
    lone:   rows that hold a day in the second alone, and may have been moved, by number and person.
    """

    first: Reader
    second: Reader
    after: str | None
    rows: int = 0
    filled: int = 0
    lone: list[pl.DataFrame] = field(default_factory=list, repr=False)

    @classmethod
    def of(cls, left: Placed, after: Reader | None) -> "Pair | None":
        """Return the pair to watch; None where one of the columns does not hold days."""
        first, second = left.reader, left.right
        if second is None or not {first.kind, second.kind} <= DAYS:
            return None
        return cls(first, second, None if after is None else after.name)

    def look(self, cells: Cells, whose: pl.Series) -> None:
        """Take one batch into account."""
        first, second = cells.filled(self.first.name), cells.filled(self.second.name)
        self.rows += len(first)
        self.filled += int(first.sum())
        lone = ~first & second
        if lone.any() and sum(table.height for table in self.lone) < MOST_ROWS:
            numbers = cells.batch["_row"].cast(pl.UInt32)
            rows = pl.DataFrame({"_row": numbers, "_person": whose.cast(pl.String)})
            self.lone.append(rows.filter(lone & self._may_have_moved(cells, lone)))

    def _may_have_moved(self, cells: Cells, lone: pl.Series) -> pl.Series:
        """Return the rows where the cell after the two is blank, or could be read in the second."""
        if self.after is None:
            return lone
        column = cells.column(self.after)
        words = column.spread(column.words, lone).drop_nulls().unique().head(MOST_WORDS).to_list()
        taken = [word for word, fits in zip(words, self.second.accepts(words), strict=True) if fits]
        return column.spread(column.words.is_null() | column.words.is_in(taken)).fill_null(value=True)

    def strange(self) -> list[pl.DataFrame]:
        """Return the rows that hold a day in the second alone, if that is hardly ever so."""
        count = sum(table.height for table in self.lone)
        few = count <= max(FEW_ROWS, self.rows // ONE_ROW_IN)
        return self.lone if few and self.filled >= count else []
