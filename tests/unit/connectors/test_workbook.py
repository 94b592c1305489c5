"""A workbook gives the cells that a CSV file of the same sheet would, or is refused by name."""

import io
import tracemalloc
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any

import polars as pl
import pytest

from common.marks import TYPED_DAY as T
from connectors.errors import KindNotKnown, NotTheExport, RaggedRow, TooLarge, TooManyColumns
from connectors.file_errors import (
    BinaryWorkbook,
    FormulaInWorkbook,
    HtmlTableAsWorkbook,
    LockedWorkbook,
    OldWorkbook,
    OpenDocumentSheet,
    SheetNotClear,
    SheetNotPlain,
    WorkbookDamaged,
    WorkbookLeadsAway,
    WorkbookTooLarge,
    WorkbookWithMacros,
    XmlWorkbook,
)
from connectors.reception import Reception
from connectors.settings import Ceilings, Layout, WorkbookLayout
from connectors.source import Export
from connectors.spool import Spool
from connectors.tables import read_batches
from connectors.workbook_words import kind_of_format
from tests.workbooks import SHEET, by_openpyxl, changed, replaced, workbook

PLAIN = [["Ref", "Name", "Seen"], ["007", "Zebulon", date(2022, 12, 1)], ["008", "Zoë", None]]
TYPES = "[Content_Types].xml"
MAIN = "application/vnd.openxmlformats-officedocument.spreadsheetml."
Take = Callable[..., Export]


@pytest.fixture
def take(spool: Spool) -> Take:
    def taken(content: bytes, *, sheet: str | None = None, preamble: int = 0, **most: int) -> Export:
        layout = Layout(preamble_rows=preamble, workbook=WorkbookLayout(sheet, **most))
        reception = Reception("hub", "people", spool, layout, Ceilings(most_columns=50))
        for start in range(0, len(content), 3000):
            reception.take(content[start : start + 3000])
        return reception.close()

    return taken


def cells(export: Export, *columns: str) -> list[tuple[Any, ...]]:
    return pl.concat(list(read_batches(export, columns))).drop("_row").rows()


def test_each_kind_of_cell_becomes_the_words_of_a_csv_file(take: Take) -> None:
    """Text stays text; numbers are plain digits, days and hours are marked and written year first."""
    kinds: list[Any] = [
        "007", " a, \"b\" ", "é", 9434765919, 441614960123, 0.1 + 0.2, 1200.1, -5, 1e21, True, None,
        date(2022, 12, 1), datetime.fromisoformat("2022-12-01T10:15"), time(10, 15), "#N/A", "4.41E+11",
    ]  # fmt: skip
    names = [f"c{number}" for number in range(len(kinds))]
    assert cells(take(workbook({"People": [names, kinds]})), *names) == [
        ("007", ' a, "b" ', "é", "9434765919", "441614960123", "0.3", "1200.1", "-5", "1E+21", "TRUE", "",
         f"{T}2022-12-01", f"{T}2022-12-01 10:15:00", f"{T}10:15:00", "#N/A", "4.41E+11")
    ]  # fmt: skip


def test_two_libraries_write_the_same_cells(take: Take) -> None:
    """How texts are shared, and where styles stand, differs; the cells do not."""
    assert cells(take(workbook({"A": PLAIN})), "Ref", "Name", "Seen") == cells(
        take(by_openpyxl(PLAIN)), "Ref", "Name", "Seen"
    )


def test_days_counted_from_1904_are_the_same_days(take: Take) -> None:
    """Old workbooks of another make count days from 1904; the day is the one that the sheet shows."""
    export = take(workbook({"A": PLAIN}, date_1904=True))
    assert cells(export, "Seen")[0] == (f"{T}2022-12-01",)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("12345678901234567890", "12345678901234567890"),
        ("1200.0999999999999", "1200.1"),
        ("0.30000000000000004", "0.3"),
        ("1E3", "1000"),
        ("4.4161496E+20", "4.4161496E+20"),
        ("1e-7", "0.0000001"),
        ("-0", "0"),
        ("00012", "12"),
        ("abc", "abc"),
        ("9" * 400, "9" * 400),
    ],
)
def test_a_number_never_goes_through_a_float(take: Take, said: str, words: str) -> None:
    """Digits are taken as they are written, fifteen of them where a double shows more; nothing is made up."""
    content = workbook({"A": [["Ref"], [1]]})
    content = changed(content, {SHEET: replaced("<v>1</v>", f"<v>{said}</v>")})
    assert cells(take(content), "Ref") == [(words,)]


@pytest.mark.parametrize("serial", ["0", "60", "-1", "2958466", "1e9", "x"])
def test_a_day_that_no_calendar_has_stays_a_number(take: Take, serial: str) -> None:
    """The zero date and the 29 February 1900 of spreadsheets are no days; no column of days reads them."""
    content = changed(workbook({"A": PLAIN}), {SHEET: replaced("<v>44896</v>", f"<v>{serial}</v>")})
    assert T not in cells(take(content), "Seen")[0][0]


def test_rows_left_out_are_blank_and_short_rows_are_filled_up(take: Take) -> None:
    """A sheet keeps no blank cell; every row is as wide as the header, and numbered as in the sheet."""
    export = take(workbook({"A": [["Ref", "Name", "Seen"], ["1"], [], [], [None, "x"]]}))
    batches = read_batches(export, ["Ref", "Name"])
    assert pl.concat(list(batches)).rows() == [("1", "", 1), ("", "x", 4)]
    assert (batches.rows, batches.furniture) == (4, 2)


def test_the_header_stands_below_a_title(take: Take) -> None:
    """A merged title above the header is passed over, as far as the source's file allows."""
    rows = [["People of the hub"], [], *PLAIN, ["Total records", 2]]

    def merge(book: Any) -> None:
        book.worksheets()[0].merge_range(0, 0, 0, 2, "People of the hub")

    batches = read_batches(take(workbook({"A": rows}, merge), preamble=3), ["Ref", "Name"])
    assert pl.concat(list(batches)).drop("_row").rows() == [("007", "Zebulon"), ("008", "Zoë")]
    assert batches.arrived == {
        "encoding": "utf-8", "kind": "workbook", "sheet": 1, "merged_rows": 1, "delimiter": ",",
        "preamble_rows": 2, "closing_rows": 1,
    }  # fmt: skip


def hide(name: str, state: str) -> Callable[[Any], None]:
    return lambda book: getattr(book.get_worksheet_by_name(name), state)()


def test_the_sheet_that_can_be_seen_and_holds_cells_is_taken(take: Take) -> None:
    """Hidden sheets are never read, empty ones do not count; how many were hidden is reported."""
    two = {"People": PLAIN, "Notes": [["Zqsecret"]]}
    export = take(workbook(two, hide("Notes", "very_hidden")))
    assert (export.arrived["hidden_sheets"], export.arrived["sheet"]) == (1, 1)
    assert cells(export, "Ref") == cells(take(workbook({"Empty": [], "People": PLAIN})), "Ref")
    assert cells(take(workbook(two), sheet="People"), "Ref") == [("007",), ("008",)]


@pytest.mark.parametrize("sheet", [None, "Peoples", "Hidden"])
def test_a_sheet_that_is_not_clear_is_refused(take: Take, sheet: str | None) -> None:
    """Two filled sheets, a name that is not there, a sheet that is hidden: nobody guesses."""
    content = workbook({"People": PLAIN, "More": PLAIN, "Hidden": PLAIN}, hide("Hidden", "hide"))
    with pytest.raises(SheetNotClear):
        take(content, sheet=sheet)


def more(do: Callable[[Any], None]) -> bytes:
    return workbook({"A": PLAIN}, lambda book: do(book.worksheets()[0]))


def container(**parts: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as target:
        for name, part in parts.items():
            target.writestr(name.replace("__", "/"), part)
    return file.getvalue()


def lying() -> bytes:
    """Return a workbook whose list of parts says that its sheet is small; it unpacks to 16 MB."""
    content = changed(workbook({"A": PLAIN}), {SHEET: lambda part: part + b" " * (16 << 20)})
    real = zipfile.ZipFile(io.BytesIO(content)).getinfo(SHEET).file_size
    return content.replace(real.to_bytes(4, "little"), (5000).to_bytes(4, "little"))


OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
ENTITIES = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "Zebulon"><!ENTITY b "&a;&a;&a;">]>'
HTML = b"<html xmlns:x='urn'><body><table><tr><td>Zebulon</td></table></body></html>\n"
XML = b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook>Zebulon</Workbook>\n'
LINK = f'<Override PartName="/x" ContentType="{MAIN}externalLink+xml"/></Types>'
EXCEL = "application/vnd.ms-excel.sheet."
Make = Callable[[], bytes]


def part(change: Callable[[bytes], bytes] | bytes | None, name: str = SHEET) -> Make:
    return lambda: changed(workbook({"A": PLAIN}), {name: change})


def kind(said: str) -> Make:
    return part(replaced(f"{MAIN}sheet.main+xml", said), TYPES)


def done(do: Callable[[Any], None]) -> Make:
    return lambda: more(do)


REFUSED: dict[str, tuple[Make | bytes, type[NotTheExport]]] = {
    "an old workbook": (OLD + "Workbook".encode("utf-16-le"), OldWorkbook),
    "a large old workbook": (OLD + b"\0" * (3 << 20), OldWorkbook),
    "under a password": (OLD + "EncryptedPackage".encode("utf-16-le"), LockedWorkbook),
    "a binary workbook": (kind(f"{EXCEL}binary.main"), BinaryWorkbook),
    "a binary workbook with macros": (kind(f"{EXCEL}binary.macroEnabled.main"), WorkbookWithMacros),
    "with macros": (kind(f"{EXCEL}macroEnabled.main+xml"), WorkbookWithMacros),
    "OpenDocument": (lambda: container(mimetype=b"application/vnd.oasis"), OpenDocumentSheet),
    "a text document": (kind("application/vnd.openxmlformats-wordprocessingml"), WorkbookDamaged),
    "an archive": (lambda: container(people__csv=b"Zebulon"), WorkbookDamaged),
    "half a workbook": (lambda: workbook({"A": PLAIN})[:-200], WorkbookDamaged),
    "HTML": (HTML, HtmlTableAsWorkbook),
    "XML of 2003": (XML, XmlWorkbook),
    "a PDF": (b"%PDF-1.7 Zebulon\n", KindNotKnown),
    "a formula": (
        done(lambda sheet: sheet.write_formula(2, 2, '="Zebulon"', None, "Zebulon")),
        FormulaInWorkbook,
    ),
    "a formula never worked out": (done(lambda sheet: sheet.write_formula(1, 3, "=A2")), FormulaInWorkbook),
    "a hidden row": (done(lambda sheet: sheet.set_row(2, None, None, {"hidden": True})), SheetNotPlain),
    "a cell beyond the header": (done(lambda sheet: sheet.write(2, 7, "Zebulon")), RaggedRow),
    "too many columns": (done(lambda sheet: sheet.write(0, 60, "Zebulon")), TooManyColumns),
    "entities that grow": (part(lambda whole: ENTITIES + whole[55:]), WorkbookDamaged),
    "no XML": (part(b"<worksheet><sheetData>Zebulon"), WorkbookDamaged),
    "a sheet that is not there": (part(None), WorkbookDamaged),
    "a text that is not there": (part(replaced("<v>3</v>", "<v>99</v>")), WorkbookDamaged),
    "cells out of order": (part(replaced('r="B2"', 'r="A2"')), WorkbookDamaged),
    "cells of another row": (part(replaced('r="B2"', 'r="B9"')), WorkbookDamaged),
    "rows out of order": (part(replaced('<row r="3"', '<row r="2"')), WorkbookDamaged),
    "a link to another file": (part(replaced("</Types>", LINK), TYPES), WorkbookLeadsAway),
    "our own mark": (lambda: workbook({"A": [["Ref"], [f"{T}2022-12-01"]]}), WorkbookDamaged),
}


@pytest.mark.parametrize("name", list(REFUSED))
def test_what_is_no_plain_workbook_is_refused_by_name(take: Take, name: str) -> None:
    """Each has its own class and four lines, exit 22, the export's name, and no word of what it holds."""
    content, wanted = REFUSED[name]
    with pytest.raises(NotTheExport) as refused:
        take(content if isinstance(content, bytes) else content())
    assert type(refused.value) is wanted
    assert refused.value.exit_code == 22
    assert len(str(refused.value).splitlines()) == 4
    assert "source hub, export people" in str(refused.value)
    assert "ebulon" not in str(refused.value)
    assert refused.value.__context__ is None


def test_merged_cells_among_the_rows_are_refused(take: Take) -> None:
    """A merged cell leaves the others blank: they are not what they seem."""
    export = take(more(lambda sheet: sheet.merge_range(1, 0, 2, 0, "Zebulon")))
    with pytest.raises(SheetNotPlain, match="below row 0"):
        read_batches(export, ["Ref"])


BOMBS: dict[str, Callable[[], bytes]] = {
    "says what it unpacks to": lambda: changed(
        workbook({"A": PLAIN}), {SHEET: lambda part: part + b" " * (16 << 20)}
    ),
    "says that it is small": lying,
    "texts without end": lambda: changed(
        workbook({"A": PLAIN}),
        {"xl/sharedStrings.xml": replaced("</sst>", "<si><t>" + "x" * (12 << 20) + "</t></si></sst>")},
    ),
    "parts without number": lambda: changed(
        workbook({"A": PLAIN}), {f"xl/media/{number}.png": b"" for number in range(2500)}
    ),
}


@pytest.mark.parametrize("name", list(BOMBS))
def test_a_small_file_that_unpacks_without_end_is_refused_within_bounds(take: Take, name: str) -> None:
    """Nothing beyond the limit is ever unpacked, whatever the file says of itself."""
    content = BOMBS[name]()
    tracemalloc.start()
    with pytest.raises((WorkbookTooLarge, WorkbookDamaged)) as refused:
        take(content, largest_unpacked_bytes=1 << 20)
    assert tracemalloc.get_traced_memory()[1] < len(content) * 4 + (8 << 20)
    tracemalloc.stop()
    assert refused.value.exit_code == 22


def test_a_workbook_larger_than_allowed_is_not_collected(take: Take) -> None:
    """It stops at the limit of the file itself too."""
    with pytest.raises(TooLarge):
        take(workbook({"A": PLAIN}), largest_bytes=4000)


def test_nothing_of_a_workbook_lies_on_the_disk_in_clear(spool: Spool, take: Take) -> None:
    """The container waits in memory; what it becomes waits in the spool."""
    take(workbook({"A": [["Ref", "Name"], *[[str(n), "Zebulon"] for n in range(300)]]}))
    assert spool._file is None or b"Zebulon" not in spool._file.read()


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("dd/mm/yyyy", "day"), ("yyyy", "day"), ("mmm-yy", "day"), ("[$-F800]dddd", "day"),
        ("[Red]d.m.yy", "day"), ("d mmm h:mm AM/PM", "day"), ("h:mm", "hour"), ("h:mm AM/PM", "hour"),
        ("[Blue]ss.00", "hour"), ("[h]:mm", ""), ("[mm]:ss", ""), ("[Red]0.00", ""), ("[Magenta]0.00", ""),
        ("[Sky]0", ""), ("[Mint]0", ""), ("[hot]0", ""), ("[Mint]0;[Sky]-0", ""), ("Standard", ""),
        ("General", ""), ('General" m"', ""), ('0.00 "days"', ""), ("0\\d", ""), ("0.0E+00", ""),
        ("# ?/?", ""), ("[$-409]#,##0.00", ""),
    ],
)  # fmt: skip
def test_a_number_is_a_day_only_by_a_format_of_days(code: str, kind: str) -> None:
    """A colour's name has the letters of days in it, and so has Standard: neither makes a day of 150.00."""
    assert kind_of_format(164, code) == kind
