"""The closing rows of an export: totals, counts and stamps that a report sets below its last row.

They are told by their place, at the very end; by having no reference; and by what their first filled cell
says. They may be of any width. What they state of the number of rows is held against the rows.
"""

import csv
import io
import re
from dataclasses import dataclass
from typing import BinaryIO, cast

from connectors.source import Export

MOST_CLOSING_ROWS = 20
PIECE_BYTES = 1 << 20
COUNTED = r"(?:rows|records|entries|lines)"
STAMPED = r"(?:generated|produced|created|printed|exported|extracted|run)"
KNOWN = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?:total )?(?:number of |no\.? of )?{COUNTED}(?: exported| returned)? ?[:=]? ?(?P<rows>\d[\d,]*)?",
        rf"(?P<rows>\d[\d,]*) {COUNTED}(?: exported| returned| found)?\.?",
        r"(?:grand |sub-?)?totals?(?: \w+){0,3} ?:?(?: ?£?[\d,.]+)?",
        r"count ?:?(?: ?\d[\d,]*)?",
        r"end of (?:report|export|file|data)\.?",
        rf"(?:report|file|export)? ?{STAMPED} (?:on|at|by)\b.{{0,100}}",
        r"page \d+ of \d+",
        r"(?:filters?|criteria|parameters?) ?:.{0,200}",
    )
)


@dataclass(frozen=True)
class Closing:
    """The closing rows of one export.

    rows:   how many there are, blank rows between and after them included.
    size:   how many bytes they are.
    stated: how many rows one of them says that the export holds.
    """

    rows: int = 0
    size: int = 0
    stated: int | None = None


@dataclass(frozen=True)
class Rows:
    """How the rows of an export are told: its header, its delimiter, and where references stand."""

    header: tuple[str, ...]
    delimiter: str
    reference: str
    pattern: str | None


def read_closing(export: Export, rows: Rows, begins: int) -> Closing:
    """Return the closing rows, found from the last line backwards in the last bytes of the body."""
    lines = re.split(rb"(?<=\n)|(?<=\r)(?!\n)", _after_header(export, begins))
    declared = tuple(re.compile(pattern) for pattern in export.layout.total_rows)
    found, size, number, stated = Closing(), 0, 0, None
    for line in reversed(lines):
        if not line:
            continue
        size, number = size + len(line), number + 1
        cells = _cells(line, export.encoding, rows.delimiter)
        if cells is None or number > MOST_CLOSING_ROWS:
            break
        if not any(cells):
            continue
        said = _said(cells, rows, declared)
        if said is None:
            break
        stated = said if stated is None and said >= 0 else stated
        found = Closing(number, size, stated)
    return found


def _after_header(export: Export, begins: int) -> bytes:
    """Return the last bytes of the body, whole lines of them that stand after the header."""
    size = export.size if export.body_size is None else export.body_size
    past = begins - (size - len(export.closing))
    return export.closing[past:] if past >= 0 else export.closing.partition(b"\n")[2]


def open_rows(export: Export, begins: int, closing_size: int) -> BinaryIO:
    """Return a stream of the body from its first row on, without its closing rows."""
    stream = export.open()
    left = begins
    while left > 0:
        left -= len(stream.read(left)) or left
    if not closing_size:
        return stream
    size = export.size if export.body_size is None else export.body_size
    return cast(BinaryIO, io.BufferedReader(_Until(stream, size - begins - closing_size), PIECE_BYTES))


class _Until(io.RawIOBase):
    """So many bytes of a stream, and no more."""

    def __init__(self, stream: BinaryIO, size: int) -> None:
        self._stream, self._left = stream, size

    def readable(self) -> bool:
        return True

    def readinto(self, target: "memoryview | bytearray") -> int:  # type: ignore[override]
        piece = self._stream.read(min(len(target), self._left))
        target[: len(piece)] = piece
        self._left -= len(piece)
        return len(piece)


def _cells(line: bytes, encoding: str, delimiter: str) -> list[str] | None:
    """Return the line's trimmed cells; None where it begins or ends within a quoted cell."""
    if line.count(b'"') % 2:
        return None
    try:
        return [
            cell.strip()
            for cell in next(csv.reader([line.decode(encoding)], delimiter=delimiter, strict=True), [])
        ]
    except (csv.Error, UnicodeDecodeError):
        return None


def _said(cells: list[str], rows: Rows, declared: tuple[re.Pattern[str], ...]) -> int | None:
    """Return the number of rows that a closing row states, -1 if it states none; None if it is a row."""
    place = rows.header.index(rows.reference)
    reference = cells[place] if place < len(cells) else ""
    filled = [cell for cell in cells if cell]
    if rows.pattern and re.fullmatch(rows.pattern, reference, re.IGNORECASE):
        return None
    for pattern in declared:
        if found := pattern.search(filled[0]):
            return _number(found, filled)
    if reference and reference != filled[0]:
        return None
    for pattern in KNOWN:
        if (found := pattern.fullmatch(filled[0])) and len(filled) * 2 <= max(len(rows.header), 4):
            return _number(found, filled)
    return None


def _number(found: re.Match[str], filled: list[str]) -> int:
    """Return the count of rows that stands in the words, or in the only other cell beside them."""
    if "rows" not in found.groupdict():
        return -1
    words = found["rows"] or (filled[1] if len(filled) == 2 else "")
    digits = words.replace(",", "")
    return int(digits) if digits.isdecimal() and len(digits) < 10 else -1
