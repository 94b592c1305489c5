"""Rows swallowed by a cell that nobody takes, told by the shape of that cell.

Where an open quotation mark of one row meets one of a later row in the same column, every row stays as wide
as it should be. The cell between them then holds the rest of its own row, whole rows, and the beginning of
another, each with as many delimiters as that makes.
"""

from collections.abc import Iterator

import polars as pl

LINE_BREAK = "\n"


class SwallowedRows:
    """What such a cell looks like in an export of this header.

    Given: the pattern of its references, without which the delimiters alone must tell.
    """

    def __init__(self, header: tuple[str, ...], delimiter: str, pattern: str | None) -> None:
        self._header, self._delimiter = header, delimiter
        ends = rf"[{LINE_BREAK}\x{{{ord(delimiter):x}}}]"
        self._reference = rf'(?i)(?:^|{ends})[\s"]*(?:{pattern})[\s"]*(?:$|{ends})' if pattern else None

    def found(self, batch: pl.DataFrame) -> tuple[int, int] | None:
        """Return the first such cell: its row in the batch and the place of its column, both from 1."""
        places = [(int(rows.arg_true()[0]) + 1, at) for at, rows in self._each(batch) if rows.any()]
        return min(places, default=None)

    def _each(self, batch: pl.DataFrame) -> Iterator[tuple[int, pl.Series]]:
        for column in batch:
            cells = column.str.replace_all("\r\n?", LINE_BREAK)
            broken = cells.str.contains(LINE_BREAK, literal=True)
            if broken.any():
                at = self._header.index(column.name) + 1
                swallowed = self._swallows(cells.filter(broken), at)
                yield at, broken.scatter(broken.arg_true(), swallowed)

    def _swallows(self, cells: pl.Series, at: int) -> pl.Series:
        """Return which cells of the column at this place hold the end of a row, and the beginning of one."""
        whole = len(self._header) - 1
        marks = pl.element().str.count_matches(self._delimiter, literal=True)
        lines = cells.str.split(LINE_BREAK).list.eval(marks).alias("lines").to_frame()
        counts = pl.col("lines").list
        between = counts.slice(1, counts.len() - 2).list.eval(pl.element() == whole).list.all()
        shape = (counts.first() == whole - (at - 1)) & (counts.last() == at - 1) & between
        swallowed = lines.select(shape).to_series()
        return swallowed if self._reference is None else swallowed & cells.str.contains(self._reference)
