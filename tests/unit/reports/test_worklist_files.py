"""The worklist as CSV and workbook: the same rows, room to answer, and nothing that a spreadsheet runs."""

import csv
import io
import re
import zipfile
from datetime import date
from typing import Any

import openpyxl
import pytest

from reports import CheckWords, FindingRow, ProviderWords
from reports.provider import worklist
from reports.worklist_files import HEADER

TODAY = date(2022, 12, 3)
HUB = ProviderWords(
    id="hub", link="https://crm.example/r/{reference}", labels={"person.nhs_number": "NHS Number"}
)
CHECKS = {"PER-05": CheckWords(id="PER-05", message="It is wrong.", mend="Mend it.", why="It matters.")}


def row(**changes: Any) -> FindingRow:
    """Return a finding with these parts changed."""
    parts = {"source": "hub", "code": "Fabcdefghijklmnop", "reference": "P1", "check": "PER-05"}
    place = {"entity": "person", "field": "nhs_number", "first_seen": "2022-12-01", "due": "2022-12-15"}
    return FindingRow.model_validate({**parts, **place} | changes)


def as_csv(*rows: FindingRow) -> list[list[str]]:
    """Return the cells of the CSV."""
    made = worklist(HUB, rows, CHECKS, today=TODAY).csv()
    return list(csv.reader(io.StringIO(made.decode("utf-8-sig"), newline="")))


def as_xlsx(*rows: FindingRow) -> bytes:
    """Return the workbook."""
    return worklist(HUB, rows, CHECKS, today=TODAY).xlsx()


def test_a_row_says_what_to_mend_and_leaves_room_to_answer() -> None:
    """The fixed header, the finding's code first, the provider's own label, three empty cells last."""
    header, cells = as_csv(row())
    assert tuple(header) == HEADER
    assert dict(zip(header, cells, strict=True)) == {
        "finding": "Fabcdefghijklmnop",
        "record": "P1",
        "other record": "",
        "link": "https://crm.example/r/P1",
        "kind of record": "person",
        "field": "NHS Number",
        "check": "PER-05",
        "what is wrong": "It is wrong.",
        "why it matters": "It matters.",
        "how to mend it": "Mend it.",
        "severity": "error",
        "state": "open",
        "first seen": "2022-12-01",
        "days open": "2",
        "due": "2022-12-15",
        "answer": "",
        "reason": "",
        "until": "",
    }


def test_the_workbook_has_the_rows_of_the_csv() -> None:
    """Cell by cell, whatever the rows."""
    rows = [row(), row(reference="P2", other="P3", code="F2", state="accepted", until="2023-01-01")]
    sheet = openpyxl.load_workbook(io.BytesIO(as_xlsx(*rows))).worksheets[0]
    assert [[cell or "" for cell in each] for each in sheet.iter_rows(values_only=True)] == as_csv(*rows)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "|", "%", "＝"])
def test_no_cell_can_be_taken_for_a_formula(start: str) -> None:
    """A reference that begins like a formula gets an apostrophe before it, in both forms."""
    reference = f"{start}HYPERLINK(1)"
    assert as_csv(row(reference=reference))[1][1] == f"'{reference}"
    sheet = openpyxl.load_workbook(io.BytesIO(as_xlsx(row(reference=reference)))).worksheets[0]
    assert sheet["B2"].data_type == "s"


def test_no_cell_hides_anything() -> None:
    """A reference that was remembered before such were refused moves no cursor where the file is shown."""
    assert as_csv(row(reference="P1\x1b[2K\x9b2J\u202e9"))[1][1] == "P1[2K2J9"


def test_the_workbook_holds_nothing_that_runs_or_leads_anywhere() -> None:
    """No formula, macro, link, connection or part from outside: texts, widths, two lists to choose from."""
    with zipfile.ZipFile(io.BytesIO(as_xlsx(row(reference="=1+1")))) as book:
        names, parts = book.namelist(), {name: book.read(name).decode() for name in book.namelist()}
    assert not [
        name for name in names if re.search(r"vba|external|connection|embed|drawing|rels/sheet", name)
    ]
    sheet = parts["xl/worksheets/sheet1.xml"]
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet
    assert not [name for name, part in parts.items() if 'TargetMode="External"' in part]
    assert '"acknowledge,accept,dispute"' in sheet
    assert '"asked_unknown,refused,correct_as_is,no_place_for_it,check_is_wrong"' in sheet


def test_the_same_rows_are_the_same_bytes() -> None:
    """Nothing of the hour or the machine is in the workbook, so that an unchanged one need not be sent."""
    assert as_xlsx(row()) == as_xlsx(row())
    with zipfile.ZipFile(io.BytesIO(as_xlsx(row()))) as book:
        assert {info.date_time for info in book.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert "2000-01-01T00:00:00Z" in book.read("docProps/core.xml").decode()


def test_an_empty_worklist_is_its_header() -> None:
    """Nothing to mend is a file with one line, in either form."""
    assert as_csv() == [list(HEADER)]
    sheet = openpyxl.load_workbook(io.BytesIO(as_xlsx())).worksheets[0]
    assert [list(each) for each in sheet.iter_rows(values_only=True)][:1] == [list(HEADER)]
