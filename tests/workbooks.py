"""Workbooks as programs write them, and as nobody should: made for one test each."""

import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

import openpyxl
import xlsxwriter

Cell = str | int | float | bool | date | datetime | time | None
Rows = Sequence[Sequence[Cell]]
SHEET = "xl/worksheets/sheet1.xml"


def workbook(sheets: Mapping[str, Rows], then: Callable[[Any], None] | None = None, **options: Any) -> bytes:
    """Return a workbook; `then` may do more to it before it is closed."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"strings_to_numbers": False, "strings_to_formulas": False, **options})
    formats = {
        datetime: book.add_format({"num_format": "dd/mm/yyyy hh:mm"}),
        date: book.add_format({"num_format": "dd/mm/yyyy"}),
        time: book.add_format({"num_format": "hh:mm"}),
    }
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for at, row in enumerate(rows):
            for column, cell in enumerate(row):
                if type(cell) in formats:
                    sheet.write_datetime(at, column, cell, formats[type(cell)])
                elif cell is not None:
                    sheet.write(at, column, cell)
    if then is not None:
        then(book)
    book.close()
    return file.getvalue()


def by_openpyxl(rows: Rows) -> bytes:
    """Return a workbook as another library writes it."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def changed(content: bytes, changes: Mapping[str, Callable[[bytes], bytes] | bytes | None]) -> bytes:
    """Return the container with parts changed, added, or (None) left out."""
    source, file = zipfile.ZipFile(io.BytesIO(content)), io.BytesIO()
    parts = {name: source.read(name) for name in source.namelist()}
    for name, change in changes.items():
        if change is None:
            del parts[name]
        else:
            parts[name] = change if isinstance(change, bytes) else change(parts[name])
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as target:
        for name, part in parts.items():
            target.writestr(name, part)
    return file.getvalue()


def replaced(old: str, new: str) -> Callable[[bytes], bytes]:
    """Return a change of words within a part, which must be there."""

    def change(part: bytes) -> bytes:
        assert old.encode() in part, part[:400]
        return part.replace(old.encode(), new.encode())

    return change
