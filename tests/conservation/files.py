"""What happens to dropped files: half copies, pages, other headers; and what does no harm."""

import csv
import io
import os
from collections.abc import Callable
from pathlib import Path

PAGE = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body>Sign in</body></html>\n"


def cut_short(path: Path) -> None:
    """The copy ended in the middle of a row."""
    data = path.read_bytes()
    row = data.rfind(b"\n", 0, len(data) * 2 // 3)
    _write(path, data[: row + 12])


def still_coming(path: Path) -> None:
    """Whoever copies says that the file is still on its way."""
    path.with_name(f"{path.name}.part").write_bytes(b"")


def fewer_than_told(path: Path) -> None:
    """The count beside the file says more rows than there are."""
    path.with_name(f"{path.name}.rows").write_text("1000000000\n", encoding="ascii")


def not_there(path: Path) -> None:
    """One file of the set is missing."""
    path.unlink()


def a_page(path: Path) -> None:
    """The sign-in page was saved in place of the export."""
    _write(path, PAGE)


def another_header(path: Path) -> None:
    """The first column has another name."""
    rows = _rows(path)
    _save(path, [[f"{rows[0][0]} (new)", *rows[0][1:]], *rows[1:]])


def column_missing(path: Path) -> None:
    """The second column is not there."""
    _save(path, [[row[0], *row[2:]] for row in _rows(path)])


def plain_ends(path: Path) -> None:
    """Lines end as on another system, and no mark stands at the beginning."""
    _write(path, path.read_bytes().removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n"))


def turned_round(path: Path) -> None:
    """The columns stand the other way round."""
    _save(path, [row[::-1] for row in _rows(path)])


def column_more(path: Path) -> None:
    """There is a column that nobody knows."""
    rows = _rows(path)
    _save(path, [[*rows[0], "Remarks"], *([*row, "Zqnewremark"] for row in rows[1:])])


def all_quoted(path: Path) -> None:
    """Every cell stands in quotation marks."""
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows(_rows(path))
    _write(path, text.getvalue().encode())


HARMLESS_FILES = frozenset({"plain_ends", "turned_round", "column_more", "all_quoted"})
FOLDER_FAULTS: dict[str, Callable[[Path], None]] = {
    fault.__name__: fault
    for fault in (
        cut_short, still_coming, fewer_than_told, not_there, a_page, another_header, column_missing,
        plain_ends, turned_round, column_more, all_quoted,
    )
}  # fmt: skip


def _rows(path: Path) -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")))


def _save(path: Path, rows: list[list[str]]) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    _write(path, text.getvalue().encode())


def _write(path: Path, data: bytes) -> None:
    """Write the file and leave its time as it was."""
    said = path.stat()
    path.write_bytes(data)
    os.utime(path, ns=(said.st_atime_ns, said.st_mtime_ns))
