"""What may be wrong with files that somebody lays down, and what is odd about them and borne."""

import hashlib
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.workbooks import SHEET, changed, replaced, workbook

PEOPLE = "people.csv"
ONE = "one file of a set"
OTHERS = {"middle file of a set": "referrals.csv", "last file of a set": "consents.csv"}
OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
TYPES, MAIN = (
    "[Content_Types].xml",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
)
EXCEL = "application/vnd.ms-excel.sheet."
MACROS = f"{EXCEL}macroEnabled.main+xml"
Change = Callable[[bytes], bytes]


@dataclass(frozen=True)
class Case:
    """One thing that is wrong or odd: what is done to the folder, what is declared, what the night says.

    lay:    given the folder and the people's file as it was, lays something else down.
    layout: lines of the source's file.
    code:   of the refusal; None where it is borne.
    held:   rows that are held because of it.
    """

    fault: str
    lay: Callable[[Path, bytes], None]
    code: str | None
    layout: str = ""
    exit_code: int = 22
    held: int = 0
    note: str = ""
    place: str = ONE


def file(change: Change) -> Callable[[Path, bytes], None]:
    """Return how to change the people's file."""

    def lay(folder: Path, content: bytes) -> None:
        (folder / PEOPLE).write_bytes(change(content))

    return lay


def at(name: str, change: Change) -> Callable[[Path, bytes], None]:
    """Return how to change another file of the set."""

    def lay(folder: Path, _people: bytes) -> None:
        (folder / name).write_bytes(change((folder / name).read_bytes()))

    return lay


def without(name: str) -> Callable[[Path, bytes], None]:
    return lambda folder, _people: (folder / name).unlink()


def with_a_column_again(content: bytes) -> bytes:
    """Return every row with one cell more, under the name of another column."""
    return content.replace(b"\r\n", b",Zq\r\n").replace(b",Zq", b",Surname", 1)


def cut_to_one(content: bytes) -> bytes:
    """Return the header and the first row."""
    return b"".join(content.splitlines(keepends=True)[:2])


def grown(content: bytes) -> bytes:
    """Return seven rows more, each under a reference of its own."""
    header, *rows = content.splitlines(keepends=True)
    return header + b"".join(rows) + b"".join(b"Zn%d" % number + rows[0] for number in range(7))


def words(old: str, new: str, count: int = -1) -> Callable[[Path, bytes], None]:
    return file(lambda content: content.replace(old.encode(), new.encode(), count))


def beside(name: str, said: Callable[[bytes], str]) -> Callable[[Path, bytes], None]:
    def lay(folder: Path, content: bytes) -> None:
        (folder / name).write_text(said(content), encoding="utf-8")

    return lay


def table(content: bytes) -> list[list[str]]:
    """Return the file's cells; those of the tiny site hold no comma."""
    return [line.split(",") for line in content.decode().splitlines()]


def book(content: bytes) -> bytes:
    return workbook({"People": table(content)})


def part(change: Change | bytes, name: str = SHEET) -> Callable[[Path, bytes], None]:
    return file(lambda content: changed(book(content), {name: change}))


def row(number: int, change: Callable[[list[str]], list[str]]) -> Callable[[Path, bytes], None]:
    def lay(content: bytes) -> bytes:
        rows = table(content)
        rows[number] = change(rows[number])
        return "".join(",".join(cells) + "\r\n" for cells in rows).encode()

    return file(lay)


def link(folder: Path, content: bytes) -> None:
    (folder.parent / "elsewhere.csv").write_bytes(content)
    (folder / PEOPLE).unlink()
    (folder / PEOPLE).symlink_to(folder.parent / "elsewhere.csv")


def older(folder: Path, _content: bytes) -> None:
    os.utime(folder / PEOPLE, (1_000_000_000, 1_000_000_000))


def as_it_was(_folder: Path, _content: bytes) -> None:
    """Lay nothing else down."""


def gone(folder: Path, _content: bytes) -> None:
    (folder / PEOPLE).unlink()


def with_header_again(content: bytes) -> bytes:
    return content + b"\r\n" + content[: content.index(b"\n") + 1]


def swapped(content: bytes) -> bytes:
    return re.sub(rb"([0-9]{2})/([0-9]{2})/([0-9]{4})", rb"\2/\1/\3", content)


def as_report(content: bytes) -> bytes:
    rows = content.decode().replace(",", ";")
    text = f"sep=;\r\nPeople\r\n\r\n{rows}\r\nTotal rows;{len(table(content)) - 1}\r\n"
    return b"\xff\xfe" + text.encode("utf-16-le")


HTML = b"<html><body><table><tr><td>Zqno</td></tr></table></body></html>\r\n"
XML = b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook/>\r\n'
ANY_DROP = "brakes: {at_least: 0, drop_percent: 20}"
REPORT = "layout: {encoding: [utf-8, utf-16-le], delimiter: [',', ';'], preamble_rows: 3}"
ELSEWHERE = [
    case
    for place, name in OTHERS.items()
    for case in (
        Case("web page", at(name, lambda _: b"<html><form>Zqno</form></html>\r\n"), "E322", place=place),
        Case("no header", at(name, lambda content: content.partition(b"\n")[2]), "E331", place=place),
        Case("file cut short", at(name, lambda content: content[:-5]), "E325", place=place),
        Case("file not there", without(name), "E305", exit_code=20, place=place),
    )
]
CASES = (
    *ELSEWHERE,
    Case("column renamed", words("Forename", "First name", 1), "E331"),
    Case("column told twice", words("Forename", "Surname", 1), "E331"),
    Case("two columns of one name", file(with_a_column_again), "E332"),
    Case("one line without end", file(lambda content: content + b"x" * (2 << 20)), "E337"),
    Case("sudden drop", file(cut_to_one), "E802", ANY_DROP, 23),
    Case("sudden growth", file(grown), "E803", exit_code=23),
    Case("web page", file(lambda _: b"<html><form>Zqno</form></html>\r\n"), "E322"),
    Case("HTML saved as .xls", file(lambda _: HTML), "E351"),
    Case("XML of 2003 saved as .xls", file(lambda _: XML), "E352"),
    Case("old workbook (.xls)", file(lambda _: OLD), "E353"),
    Case("binary workbook (.xlsb)", part(replaced(MAIN, f"{EXCEL}binary.main"), TYPES), "E354"),
    Case("OpenDocument spreadsheet (.ods)", part(b"application/vnd.oasis", "mimetype"), "E355"),
    Case("workbook with macros (.xlsm)", part(replaced(MAIN, MACROS), TYPES), "E356"),
    Case("workbook under a password", file(lambda _: OLD + "EncryptedPackage".encode("utf-16-le")), "E357"),
    Case(
        "workbook that unpacks without end",
        part(lambda whole: whole + b" " * (2 << 20)),
        "E358",
        "layout: {largest_unpacked_megabytes: 1}",
    ),
    Case("half a workbook", file(lambda content: book(content)[:-300]), "E359"),
    Case(
        "two filled sheets",
        file(lambda content: workbook({"A": table(content), "B": table(content)})),
        "E382",
    ),
    Case("formula in a cell", part(replaced("<v>", "<f>1+1</f><v>")), "E383"),
    Case("UTF-16 that is not declared", file(as_report), "E334"),
    Case("bytes of another encoding", file(lambda content: content.replace(b"Zq", b"Zq\xe9", 1)), "E334"),
    Case("days and months changed places", file(swapped), "E221"),
    Case("quotation mark within a cell", words("Zq", 'Z"q', 1), "E385"),
    Case("quotation mark that never closes", words(",Zq", ',"Zq', 1), "E325"),
    Case("semicolons that are not declared", words(",", ";"), "E331"),
    Case("sep= that is not declared", file(lambda content: b"sep=;\r\n" + content), "E386"),
    Case("no header", file(lambda content: content.partition(b"\n")[2]), "E331"),
    Case("two exports end to end", file(lambda content: content + b"Forename,Person\r\n"), "E333"),
    Case(
        "two exports end to end, columns in another order",
        file(lambda content: content + content.replace(b"Person,Forename", b"Forename,Person")),
        "E387",
    ),
    Case("delimiter lost", row(1, lambda cells: [cells[0] + cells[1], *cells[2:]]), "E333"),
    Case("file cut short", file(lambda content: content[:-5]), "E325"),
    Case("file cut between two rows", beside(f"{PEOPLE}.rows", lambda _: "99"), "E326"),
    Case("total that counts other rows", file(lambda content: content + b"Total rows: 99\r\n"), "E326"),
    Case("another file than its digest", beside(f"{PEOPLE}.sha256", lambda _: "0" * 64), "E388"),
    Case("link in place of the file", link, "E335"),
    Case("older file than last time", older, "E810"),
    Case("file not there", gone, "E305", exit_code=20),
    Case("file still being written", beside(f"{PEOPLE}.part", lambda _: ""), "E305", exit_code=20),
    Case("file open in an office program", beside(f"~${PEOPLE}", lambda _: ""), "E305", exit_code=20),
    Case("file without its count", as_it_was, "E305", "complete_with: [rows]", exit_code=20),
    Case("workbook with days as days", file(book), None, exit_code=0),
    Case("report in UTF-16 with title and total", file(as_report), None, REPORT, exit_code=0),
    Case(
        "digest and count beside the file",
        beside(f"{PEOPLE}.sha256", lambda content: hashlib.sha256(content).hexdigest()),
        None,
        exit_code=0,
    ),
    Case("header again, blank rows", file(with_header_again), None, exit_code=0),
    Case(
        "delimiter lost, row filled up to its width",
        row(1, lambda cells: [*cells[:2], cells[2] + cells[3], *cells[4:], ""]),
        None,
        exit_code=1,
        held=1,
        note="the row is held (MAP-03)",
    ),
)  # fmt: skip
