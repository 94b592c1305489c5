"""How an export begins: a line that names the delimiter, rows before the header, and the header itself.

The header is the first row, within as many as the source's file allows, that holds every column the mapping
reads; the delimiter is the allowed one under which it does. Where the header line is lost a person's cells
stand in its place, so a name goes into an error only if the mapping declares it.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from connectors.errors import NotTheExport, TooManyColumns
from connectors.file_errors import DelimiterNotAllowed, SheetNotPlain
from connectors.header import refuse_header
from connectors.source import Export

LONGEST_HEADER = 64 << 10
MARK = b"\xef\xbb\xbf"
SEPARATOR_LINE = re.compile(r'"?sep=(.)"?', re.IGNORECASE)
RECORD_END = re.compile(rb"\r\n|\r|\n")


@dataclass(frozen=True)
class Opening:
    """Where an export's rows begin.

    header:         its names; a column without a name is called by its place.
    delimiter:      what stands between cells.
    begins:         how many bytes stand before the first row after the header.
    preamble_rows:  rows before the header, blank ones included; a line that names the delimiter is none.
    separator_line: whether such a line stands there.
    line:           the header's place among the rows of the file, from 1.
    """

    header: tuple[str, ...] = field(repr=False)
    delimiter: str
    begins: int
    preamble_rows: int
    separator_line: bool

    @property
    def line(self) -> int:
        """Return the header's place among the rows of the file, from 1."""
        return self.preamble_rows + self.separator_line + 1


def read_opening(export: Export, columns: list[str], declared: set[str]) -> Opening:
    """Return how the export begins.

    Errors: ColumnMissing, ColumnTwice, TooManyColumns, DelimiterNotAllowed; NotTheExport where no row is a
            header.
    """
    delimiters, begins, separator_line = _separator_line(export)
    found: list[Opening] = []
    for number, (record, ends) in enumerate(_records(export, begins)):
        for delimiter in delimiters:
            names = _names(record, delimiter)
            if names is None:
                continue
            opening = Opening(names, delimiter, ends, number, separator_line)
            if {*columns} <= {*names}:
                return _held(export, opening, columns, declared)
            found.append(opening)
    if not found:
        raise NotTheExport(f"{export.place}, line 1: this is not a header.")
    nearest = max(found, key=lambda opening: len({*columns} & {*opening.header}))
    return _held(export, nearest, columns, declared)


def _held(export: Export, opening: Opening, columns: list[str], declared: set[str]) -> Opening:
    place = f"{export.place}, line {opening.line}"
    if len(opening.header) > export.most_columns:
        raise TooManyColumns(f"{place}: more than {export.most_columns}.")
    refuse_header(place, list(opening.header), columns, declared)
    if int(export.arrived.get("merged_rows", 0)) > opening.preamble_rows:
        raise SheetNotPlain(f"{export.place}: merged cells below row {opening.preamble_rows} of the sheet.")
    return opening


def _separator_line(export: Export) -> tuple[tuple[str, ...], int, bool]:
    """Return which delimiters to try, where the first row begins, and whether a line named the delimiter."""
    head = _head(export, 64)
    begins = len(MARK) if head.startswith(MARK) else 0
    end = RECORD_END.search(head, begins)
    said = SEPARATOR_LINE.fullmatch(head[begins : end.start()].decode("ascii", "replace")) if end else None
    if end is None or said is None:
        return export.layout.delimiters, begins, False
    if said[1] not in export.layout.delimiters:
        raise DelimiterNotAllowed(f"{export.place}, line 1.")
    return (said[1],), end.end(), True


def _records(export: Export, begins: int) -> Iterator[tuple[str, int]]:
    """Yield the first rows of the file as text, and where each ends; a row may hold quoted line breaks."""
    most = export.layout.preamble_rows + 1
    head = _head(export, begins + most * LONGEST_HEADER)
    for _ in range(most):
        ends = _record_end(head, begins)
        if ends == begins or ends - begins > LONGEST_HEADER:
            return
        yield RECORD_END.sub(b"\n", head[begins:ends]).decode(export.encoding, "replace"), ends
        begins = ends


def _record_end(head: bytes, begins: int) -> int:
    """Return where the row that begins there ends: after the first line break outside quotation marks."""
    at = begins
    while (end := RECORD_END.search(head, at)) is not None:
        if head.count(b'"', begins, end.start()) % 2 == 0:
            return end.end()
        at = end.end()
    return len(head)


def _head(export: Export, count: int) -> bytes:
    with export.open() as stream:
        return stream.read(count)


def _names(record: str, delimiter: str) -> tuple[str, ...] | None:
    """Return the cells of a row as names of columns; None where it is no single row, or has no cell."""
    if "\n" in record.removesuffix("\n"):
        return None
    names: list[str] = []
    try:
        names = next(csv.reader([record], delimiter=delimiter, strict=True), [])
    except csv.Error:
        names = []
    if not any(name.strip() for name in names):
        return None
    return tuple(name.strip() or f"column {number}" for number, name in enumerate(names, start=1))
