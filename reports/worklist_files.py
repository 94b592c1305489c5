"""A worklist as CSV and as a workbook: the same rows, with room to answer, harmless in every spreadsheet."""

import io
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from common.marks import visible
from feed.spreadsheet import csv_bytes, inert
from quality.life import REASONS, Action
from reports.worklist_lines import Line
from reports.worklist_words import REASON_WORDS, SEVERITY_WORDS

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

HEADER = (
    "finding",
    "record",
    "other record",
    "link",
    "kind of record",
    "field",
    "check",
    "what is wrong",
    "why it matters",
    "how to mend it",
    "severity",
    "state",
    "first seen",
    "days open",
    "due",
    "answer",
    "reason",
    "until",
)
"""What `findings import` reads back; the last three are the provider's."""
ANSWERS = (Action.ACKNOWLEDGE, Action.ACCEPT, Action.DISPUTE)
WIDTHS = (19, 16, 16, 30, 16, 28, 9, 44, 44, 44, 11, 14, 12, 10, 12, 14, 18, 12)
ANY_DAY = datetime(2000, 1, 1, tzinfo=UTC)
"""When every workbook says it was made, so that the same rows are the same bytes."""
LAST_ROW = 1_048_575
AHEAD = timedelta(days=91)
EXPLAINED = (
    ("How to answer", ""),
    (
        "What you mend closes by itself after the next run.",
        "Answer only what you will not, or cannot, mend now.",
    ),
    ("answer", "what it means"),
    (Action.ACKNOWLEDGE.value, "We have seen it and will mend it. No reason is needed."),
    (
        Action.ACCEPT.value,
        "It stays as it is until a day: give a reason, and the day in the column until ({day}).",
    ),
    (
        "",
        "Where safety may hang on it, or the record is held back, accept takes correct_as_is alone.",
    ),
    (Action.DISPUTE.value, "The check is wrong here. It goes to the data team of the council."),
    ("reason", "what it means"),
    *((reason.value, words) for reason, words in REASON_WORDS.items()),
    ("Write no name and nothing else about a person into this file.", ""),
)


def example_day(today: date) -> str:
    """Return a day such as an acceptance may last until: three months ahead."""
    return (today + AHEAD).isoformat()


def csv_of(lines: Iterable[Line]) -> bytes:
    """Return the lines as CSV that Excel opens as it is, every cell guarded and nothing in it hidden."""
    return csv_bytes(list(HEADER), map(cells_of, lines))


def xlsx_of(lines: Sequence[Line], today: date) -> bytes:
    """Return the same rows as a workbook: texts only, no formula, no macro, no link to anywhere.

    Note: held in memory, so that no copy of it lies in a folder for temporary files.
    """
    from xlsxwriter import Workbook  # noqa: PLC0415 - only whoever writes a workbook waits for it

    out = io.BytesIO()
    settings = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with Workbook(out, settings) as book:
        book.set_properties({"created": ANY_DAY.replace(tzinfo=None), "title": "Records to mend"})
        _fill(book, lines)
        _explain(book, example_day(today))
    return out.getvalue()


def cells_of(line: Line) -> list[str]:
    """Return one row, in the order of the header; the last three are for the provider to fill in."""
    row = line.finding
    told = (
        row.code,
        row.reference,
        row.other,
        line.link,
        line.entity,
        line.label,
        line.check.id,
        line.check.message,
        line.check.why,
        line.check.mend,
        SEVERITY_WORDS.get(row.severity, row.severity).lower(),
        row.state,
        _day(row.first_seen),
        str(line.age_days),
        _day(row.due),
    )
    return [inert(visible(cell, keep="\t\r\n")) for cell in told] + ["", "", ""]


def _day(given: date | None) -> str:
    return given.isoformat() if given else ""


def _fill(book: "Workbook", lines: Sequence[Line]) -> None:
    sheet = book.add_worksheet("Records to mend")
    head = book.add_format({"bold": True, "bottom": 2, "text_wrap": True, "valign": "top"})
    text = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
    yours = book.add_format({"num_format": "@", "bg_color": "#FFF7BF", "valign": "top", "locked": False})
    until = book.add_format({"num_format": "yyyy-mm-dd", "bg_color": "#FFF7BF", "valign": "top"})
    for column, (name, width) in enumerate(zip(HEADER, WIDTHS, strict=True)):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, name, head)
    for number, line in enumerate(lines[:LAST_ROW], start=1):
        for column, cell in enumerate(cells_of(line)[:-3]):
            sheet.write_string(number, column, cell, text)
        for column, own in ((15, yours), (16, yours), (17, until)):
            sheet.write_blank(number, column, None, own)
    sheet.freeze_panes(1, 2)
    sheet.autofilter(0, 0, max(1, len(lines)), len(HEADER) - 1)
    _offer(sheet, max(1, len(lines)))


def _offer(sheet: "Worksheet", last: int) -> None:
    """Let the provider choose an answer and a reason from the lists that are read back."""
    reasons = dict.fromkeys(reason.value for answer in ANSWERS for reason in REASONS[answer] if reason)
    for column, offered, title in (
        (15, [each.value for each in ANSWERS], "Answer"),
        (16, [*reasons], "Reason"),
    ):
        sheet.data_validation(
            1,
            column,
            last,
            column,
            {
                "validate": "list",
                "source": offered,
                "error_title": title,
                "error_message": "Choose one of the list, or leave it empty.",
            },
        )


def _explain(book: "Workbook", day: str) -> None:
    sheet = book.add_worksheet("How to answer")
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 50, wrapped)
    sheet.set_column(1, 1, 70, wrapped)
    for number, pair in enumerate(EXPLAINED):
        for column, words in enumerate(pair):
            sheet.write_string(number, column, words.format(day=day), wrapped)
