"""A worklist that came back with answers, a CSV or a workbook as spreadsheets save them, as rows of text.

What a cell holds is told to nobody: an error names the file and the row.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from common.errors import Answer, Failure, ViaductError
from common.marks import TYPED_DAY
from connectors.encodings import marked_as
from connectors.kinds import OLD, ZIP
from connectors.settings import MIB, Ceilings, WorkbookLayout
from connectors.workbook import Workbook

LARGEST_BYTES = 32 * MIB
LARGEST_UNPACKED = 256 * MIB
LONGEST_CELL = 32_767
MOST_COLUMNS = 200
MOST_LINES = 1_048_576
"""As many as a sheet has."""
MOST_ROWS = 200_000
"""So many rows that hold anything; no worklist that was laid down has so many in so few bytes."""
DELIMITERS = ",;\t"
FORMULA_GUARD = "'"


class NotAWorklist(ViaductError):
    """The file is no worklist that was edited: its columns are not there, or it cannot be read."""

    code = "E947"
    exit_code = 22
    title = "This file is no worklist with answers."
    answer = Answer.PUT_RIGHT
    failure = Failure.DATA
    remedy = "Ask for the worklist as it was laid down, with answers in its last columns, as CSV or .xlsx."


@dataclass(frozen=True)
class AnswerRow:
    """One row of the file: its line, or row of the sheet, and its cells by the names of the columns."""

    line: int
    cells: dict[str, str] = field(repr=False)


def read_answers(path: Path, needed: tuple[str, ...], sheet: str) -> list[AnswerRow]:
    """Return the rows that hold anything.

    Given:  the columns that must be there, and the name of the sheet that is looked for first.
    Errors: NotAWorklist; those of workbooks.
    """
    content, name = _content(path), path.name
    if content.startswith(OLD):
        raise NotAWorklist(f"{name}: an old workbook, or one under a password; save it as .xlsx.")
    if content.startswith(ZIP):
        content = _sheet(content, name, sheet)
    return list(_rows(_text(content), needed, name))


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            content = stream.read(LARGEST_BYTES + 1)
    except OSError as error:
        content, why = b"", type(error).__name__
    else:
        why = "" if len(content) <= LARGEST_BYTES else f"more than {LARGEST_BYTES // MIB} MiB"
    if why:
        raise NotAWorklist(f"{path.name}: it can not be read: {why}.")
    return content


def _sheet(content: bytes, name: str, sheet: str) -> bytes:
    """Return the sheet as CSV; a provider may have renamed it, and rows that a filter hides count as well."""
    pieces: list[bytes] = []
    layout = WorkbookLayout(
        sheet=sheet, otherwise_first=True, hidden_rows=True,
        largest_bytes=LARGEST_BYTES, largest_unpacked_bytes=LARGEST_UNPACKED,
    )  # fmt: skip
    Workbook(content, layout, Ceilings(most_columns=MOST_COLUMNS), name).write(1, pieces.append)
    return b"".join(pieces)


def _text(content: bytes) -> str:
    """Return the text: as its mark says, else UTF-8, else as a Windows spreadsheet writes it."""
    marked = marked_as(content)
    for encoding in [marked] if marked else ["utf-8", "cp1252", "latin-1"]:
        try:
            return content.decode(encoding).removeprefix("\ufeff")
        except UnicodeDecodeError:
            continue
    raise NotAWorklist("its bytes are not text in the encoding that its mark names.")


def _rows(text: str, needed: tuple[str, ...], name: str) -> Iterator[AnswerRow]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=False)
    rows = _numbered(reader, name)
    _, header = next(rows, (0, []))
    columns = [cell.strip().casefold() for cell in header]
    missing = [column for column in needed if columns.count(column) != 1]
    if missing:
        raise NotAWorklist(f"{name}, line 1: the column {missing[0]} is not there, or more than once.")
    filled = 0
    for number, (line, row) in enumerate(rows, start=2):
        cells = {column: _plain(cell) for column, cell in zip(columns, row, strict=False) if column}
        held = any(cells.values())
        filled += held
        if filled > MOST_ROWS or number > MOST_LINES:
            raise NotAWorklist(f"{name}, line {line}: it has more rows than a worklist; send it in parts.")
        if held:
            yield AnswerRow(line, cells)


def _numbered(reader: Any, name: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each row with the line on which it begins. Errors: NotAWorklist."""
    while True:
        line = reader.line_num + 1
        try:
            row = next(reader, None)
        except csv.Error:
            row, broken = None, True
        else:
            broken = False
        if broken or (row is not None and max(map(len, row), default=0) > LONGEST_CELL):
            raise NotAWorklist(f"{name}, line {line}: it can not be read as a row of cells.")
        if row is None:
            return
        yield line, row


def _delimiter(text: str) -> str:
    """Return the mark that stands most often in the first line."""
    head = text.partition("\n")[0]
    return max(DELIMITERS, key=head.count)


def _plain(cell: str) -> str:
    """Return the cell as it was before it was guarded against being taken for a formula."""
    bare = cell.strip().removeprefix(TYPED_DAY)
    return bare.removeprefix(FORMULA_GUARD).strip() if bare.startswith(FORMULA_GUARD) else bare
