"""The rows of one sheet, read as they stream by: a cell is put into words and its place is held to."""

import re
from collections.abc import Callable

from common.marks import TYPED_DAY
from connectors.errors import NotTheExport, RaggedRow, TooManyColumns
from connectors.file_errors import FormulaInWorkbook, SheetNotPlain, WorkbookDamaged
from connectors.workbook_parts import Attributes
from connectors.workbook_words import Words, iso_day, unescaped

PLACE = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})")
RANGE = re.compile(r"[A-Z]{1,3}[1-9]\d{0,6}:[A-Z]{1,3}([1-9]\d{0,6})")
NEEDS_MARKS = re.compile('[",\r\n]')
LAST_ROW = 1_048_576
LINES_TOGETHER = 2000
Row = list[str]


class SheetRows:
    """The handlers of one sheet; `take` is given each row with its number, from 1.

    merged_to:  the last row that has merged cells; they may stand before the header only.
    hidden_too: whether a hidden row is a row like any other.
    """

    def __init__(self, words: Words, place: str, most_columns: int, take: Callable[[int, Row], None]) -> None:
        self._words, self._place, self._most_columns, self._take = words, place, most_columns, take
        self.merged_to = 0
        self.hidden_too = False
        self._row: Row = []
        self._pieces: list[str] = []
        self._number = self._style = 0
        self._type = ""
        self._within = self._spoken = False
        self._ends: dict[str, Callable[[], None]] = {"row": self._end_row, "c": self._end_cell}

    def begin(self, tag: str, said: Attributes) -> None:
        """Begin an element."""
        if tag == "c":
            self._begin_cell(said)
        elif tag in {"v", "t"}:
            self._within = not self._spoken
        elif tag == "row":
            self._begin_row(said)
        elif tag == "f":
            place = f"{self._place}, row {self._number} of the sheet, column {len(self._row) + 1}"
            raise FormulaInWorkbook(f"{place}.")
        elif tag == "rPh":
            self._spoken = True
        elif tag == "mergeCell":
            found = RANGE.fullmatch(said.get("ref", ""))
            self.merged_to = max(self.merged_to, int(found[1]) if found else LAST_ROW)

    def text(self, said: str) -> None:
        """Take text of a cell."""
        if self._within:
            self._pieces.append(said)

    def end(self, tag: str) -> None:
        """End an element."""
        self._within = False
        if tag == "rPh":
            self._spoken = False
        elif (ended := self._ends.get(tag)) is not None:
            ended()

    def _begin_row(self, said: Attributes) -> None:
        number = _whole(said.get("r")) or self._number + 1
        if not self._number < number <= LAST_ROW:
            raise self._damaged("its rows do not follow each other")
        if not self.hidden_too and said.get("hidden", "0") in {"1", "true"}:
            raise SheetNotPlain(f"{self._place}, row {number} of the sheet is hidden.")
        self._number, self._row = number, []

    def _begin_cell(self, said: Attributes) -> None:
        at = _column(said["r"], self._number) if "r" in said else len(self._row)
        if at < len(self._row):
            raise self._damaged(f"the cells of row {self._number} do not follow each other")
        if at >= self._most_columns:
            raise TooManyColumns(f"{self._place}, row {self._number} of the sheet.")
        self._row.extend([""] * (at - len(self._row)))
        self._type, self._style = said.get("t", "n"), _whole(said.get("s"))
        self._pieces.clear()

    def _end_cell(self) -> None:
        self._row.append(self._in_words("".join(self._pieces)) if self._pieces else "")
        self._pieces.clear()

    def _in_words(self, said: str) -> str:
        if self._type == "s":
            found = self._words.text(said)
            if found is None:
                raise self._damaged(f"a cell of row {self._number} names a text that is not there")
            return found
        if self._type == "n":
            return self._words.number(said, self._style)
        if self._type == "b":
            return {"1": "TRUE", "0": "FALSE"}.get(said, said)
        if self._type == "d":
            return iso_day(said)
        if TYPED_DAY in said:
            raise self._damaged("a text holds a character that we set ourselves")
        return unescaped(said)

    def _end_row(self) -> None:
        self._take(self._number, self._row)

    def _damaged(self, why: str) -> NotTheExport:
        return WorkbookDamaged(f"{self._place}: {why}.")


def _whole(word: str | None) -> int:
    return int(word) if word is not None and word.isdecimal() and len(word) < 10 else 0


def _column(ref: str, row: int) -> int:
    """Return the place of a cell, from 0; where it is not of this row, before every cell."""
    found = PLACE.fullmatch(ref)
    if found is None or int(found[2]) != row:
        return -1
    number = 0
    for letter in found[1]:
        number = number * 26 + ord(letter) - 64
    return number - 1


class AsCsv:
    """Rows as the lines of a CSV file, every row as wide as the rows where the header may stand.

    Given: how many rows the header may be among, how errors name the export, and where the bytes go.
    """

    def __init__(self, first_rows: int, place: str, write: Callable[[bytes], None]) -> None:
        self._first_rows, self._place, self._write = first_rows, place, write
        self._first: list[Row] = []
        self._lines: list[str] = []
        self._next = 1
        self._width: int | None = None

    def take(self, number: int, row: Row) -> None:
        """Take a row; rows between it and the last one are empty. Errors: RaggedRow."""
        for missing in range(self._next, number):
            self._add(missing, [])
        self._next = number + 1
        self._add(number, row)

    def finish(self) -> None:
        """Write what still waits."""
        if self._width is None:
            self._settle()
        self._hand_on()

    def _add(self, number: int, row: Row) -> None:
        if self._width is not None:
            self._lines.append(self._line(number, row, self._width))
            if len(self._lines) >= LINES_TOGETHER:
                self._hand_on()
            return
        self._first.append(row)
        if number >= self._first_rows:
            self._settle()

    def _settle(self) -> None:
        width = self._width = max((len(row) for row in self._first), default=0)
        self._lines = [self._line(number, row, width) for number, row in enumerate(self._first, start=1)]
        self._first.clear()

    def _line(self, number: int, row: Row, width: int) -> str:
        if any(row[width:]):
            raise RaggedRow(f"{self._place}, row {number} of the sheet.")
        padded = row[:width] + [""] * (width - len(row))
        return ",".join(map(_quoted, padded)) + "\r\n"

    def _hand_on(self) -> None:
        self._write("".join(self._lines).encode("utf-8", "replace"))
        self._lines.clear()


def _quoted(cell: str) -> str:
    if NEEDS_MARKS.search(cell):
        return '"' + cell.replace('"', '""') + '"'
    return cell
