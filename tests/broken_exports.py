"""Exports as they come on a bad night: each way of breaking a file, with cells that must not be quoted."""

import csv
import io
from collections.abc import Callable
from pathlib import Path

CELL = "Zqforbroken Zqsurcell"
PAGE = f"<!DOCTYPE html><html><body><form>{CELL} please sign in</form></body></html>\r\n"
BLOCK = 17 << 20
Break = Callable[[bytes], bytes]


def _rows(data: bytes) -> list[bytes]:
    return data.split(b"\r\n")


def _with_row(data: bytes, change: Break, number: int = 3) -> bytes:
    rows = _rows(data)
    rows[number] = change(rows[number])
    return b"\r\n".join(rows)


def _half(data: bytes) -> bytes:
    """Return the export cut off within a row."""
    return data[: data.rindex(b"\r\n", 0, len(data) * 2 // 3) + 20]


def _ragged(data: bytes) -> bytes:
    """Return the export with a row that has cells too many."""
    return _with_row(data, lambda row: row + f",{CELL},{CELL}".encode())


def _no_header(data: bytes) -> bytes:
    """Return the export with a row of data where the header was."""
    return _rows(data)[1] + b"\r\n" + data.partition(b"\r\n")[2]


def _not_utf8(data: bytes) -> bytes:
    """Return the export with bytes that are no text in UTF-8."""
    return _with_row(data, lambda row: row.replace(b"Zq", b"Zq\xff\xfeZq", 1))


def _zero(data: bytes) -> bytes:
    """Return the export with a zero byte in a cell."""
    return _with_row(data, lambda row: row.replace(b"Zq", b"Zq\0Zq", 1))


def _open_quote(data: bytes) -> bytes:
    """Return the export with a quotation mark that nobody closes."""
    return _with_row(data, lambda row: row.replace(b",", f',"{CELL}'.encode(), 1))


def _huge(data: bytes) -> bytes:
    """Return the export with one cell larger than a block of reading."""
    return _with_row(data, lambda row: row.replace(b"Zq", CELL.encode() * (BLOCK // len(CELL)) + b"Zq", 1))


def _page(_data: bytes) -> bytes:
    """Return the page of a session that has timed out."""
    return PAGE.encode()


def _strange_cells(data: bytes) -> bytes:
    """Return the export with words where days, times and numbers belong, in one row."""
    strange = {"Date of Birth", "Date of Death", "NHS Number", "UPRN", "Contact Time", "Duration", "Postcode"}
    reader = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(reader.fieldnames or ()), lineterminator="\r\n")
    writer.writeheader()
    for number, row in enumerate(reader):
        writer.writerow(row | dict.fromkeys(strange & set(row), CELL) if number == 0 else row)
    return text.getvalue().encode("utf-8-sig")


WAYS: dict[str, Break] = {
    "half": _half,
    "ragged": _ragged,
    "no_header": _no_header,
    "not_utf8": _not_utf8,
    "zero": _zero,
    "open_quote": _open_quote,
    "huge": _huge,
    "page": _page,
    "strange_cells": _strange_cells,
}


def broken(site: Path, source: str, export: str, way: str) -> None:
    """Break one dropped export of the site in the way named."""
    path = site / "drop" / source / f"{export}.csv"
    path.write_bytes(WAYS[way](path.read_bytes()))
