"""Quotation marks of a CSV file: each opens a cell, closes one, or is doubled within one.

A lost delimiter before `"Lane, 4"` leaves a row as wide as it should be, with cells in wrong columns and a
mark in the middle of a cell. A strict reader of widths cannot see it; the mark can be seen.
"""

import itertools
import re

from connectors.file_errors import QuoteOutOfPlace

MARK = b'"'


class QuoteWatch:
    """Whether a quotation mark is open, and whether a line has ever ended while one was.

    Given: the delimiters that may stand beside a mark, and how errors name the export.
    """

    def __init__(self, delimiters: tuple[str, ...], place: str) -> None:
        self.open = self.broken_lines = self.seen = False
        beside = re.escape("".join(delimiters).encode())
        # A pattern that begins with the mark itself is searched for as fast as the mark is found.
        self._wrong = re.compile(rb'"(?:(?<=[^\r\n"%b]")|(?=[^\r\n"%b]))' % (beside, beside))
        self._place = place
        self._before = b"\n"

    def look(self, chunk: bytes, lines: int) -> None:
        """Look at the next bytes, which begin after so many lines. Errors: QuoteOutOfPlace."""
        if MARK not in chunk:
            self._look_at_rest(chunk, lines)
            return
        self.seen = True
        pieces = chunk.split(MARK)
        within, outside = pieces[not self.open :: 2], pieces[self.open :: 2]
        # Around each quoted part stand its two marks; what is doubled within it adds two more.
        begins, ends = MARK * self.open, MARK * (len(pieces) % 2 == self.open)
        bare = self._before + begins + b'""'.join(outside) + ends
        if self._wrong.search(bare):
            raise QuoteOutOfPlace(f"{self._place}, line {lines + self._line(pieces)}.")
        self._before = bare[-1:]
        if not self.broken_lines:
            joined = b"".join(within)
            self.broken_lines = b"\n" in joined or b"\r" in joined
        self.open ^= len(pieces) % 2 == 0

    def _look_at_rest(self, chunk: bytes, lines: int) -> None:
        if not self.open:
            if self._wrong.search(self._before + chunk[:1]):
                raise QuoteOutOfPlace(f"{self._place}, line {lines + 1}.")
            self._before = chunk[-1:] or self._before
        elif b"\n" in chunk or b"\r" in chunk:
            self.broken_lines = True

    def _line(self, pieces: list[bytes]) -> int:
        """Return the line, counted from the chunk's first, of the first mark that is out of place."""
        before, within, line = self._before, self.open, 1
        for piece, following in itertools.pairwise(pieces):
            line += piece.count(b"\n")
            if not within and self._wrong.search((before + piece)[-1:] + MARK):
                return line
            if within and following and self._wrong.search(MARK + following[:1]):
                return line
            before = MARK if within else before
            within = not within
        return line
