"""Counting the lines that begin like a row, apart from the parser, so that a swallowed row shows.

Two stray quotation marks in neighbouring rows leave every row as wide as it should be, and the record of one
person becomes a cell of another. The parser cannot see that; the lines themselves can.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import polars as pl

from connectors.source import Export

PIECE_BYTES = 1 << 20
# Of a line that is longer than a piece only the beginning is kept: a reference is short.
LONGEST_BEGINNING = 4 << 10


@dataclass(frozen=True)
class RowStart:
    """How a row of an export begins: the column of its reference, and the shape of references there.

    Without a pattern, or where another column comes first, lines are not counted.
    """

    column: str
    pattern: str | None

    def counts(self, header: tuple[str, ...], columns: list[str]) -> bool:
        """Return whether lines can be told by their reference: it is read, and it is the first column."""
        return bool(self.pattern) and header[0] == self.column and self.column in columns

    def cells(self, cells: pl.Series) -> int:
        """Return how many cells hold a reference, in whatever case and spacing."""
        fits = cells.str.strip_chars().str.contains(f"(?i)^(?:{self.pattern})$")
        return int(fits.sum())

    def lines(self, export: Export, delimiter: str, stream: BinaryIO) -> int:
        """Return how many lines of the stream begin with a reference, quoted or not. Holds one piece."""
        first = rf'^"?([^"]*?)"?(?:{re.escape(delimiter)}|$)'
        return sum(
            self.cells(pl.Series(text.split("\n"), dtype=pl.String).str.extract(first))
            for text in _whole_lines(stream, export.encoding)
        )


def _whole_lines(stream: BinaryIO, encoding: str) -> Iterator[str]:
    """Yield the stream's text in pieces of whole lines, every line ending in a line feed."""
    carried = b""
    while piece := stream.read(PIECE_BYTES):
        piece = piece.replace(b"\r", b"\n")
        whole, end, rest = piece.rpartition(b"\n")
        if end:
            yield (carried + whole).decode(encoding, "replace")
            carried = b""
        carried = (carried + rest)[:LONGEST_BEGINNING] if len(carried) < LONGEST_BEGINNING else carried
    yield carried.decode(encoding, "replace")
