"""The provider's worklist as a file: which record, which field, why, where to click; safe to open."""

import csv
import io
from collections.abc import Iterable
from datetime import date, datetime

from common.clock import LONDON
from common.marks import visible
from quality.checks import check_named
from quality.findings import Finding

COLUMNS = (
    "Record",
    "Kind of record",
    "Field",
    "Severity",
    "Check",
    "What is wrong",
    "How to mend it",
    "Why it matters",
    "First seen",
    "Days open",
)
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def guarded(cell: str) -> str:
    """Return the cell so that no spreadsheet takes it for a formula, and no reader misses what is in it."""
    cell = visible(cell, keep="\t\r\n")
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell


def days_open(finding: Finding, today: date) -> int:
    """Return for how many calendar days in London the finding has been open."""
    seen = datetime.fromisoformat(finding.opened).astimezone(LONDON).date()
    return (today - seen).days


def worklist_csv(findings: Iterable[Finding], today: date) -> bytes:
    """Return the worklist as CSV that Excel opens as it is: UTF-8 with a mark, CRLF, every cell guarded."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for finding in findings:
        writer.writerow([guarded(cell) for cell in _cells(finding, today)])
    return text.getvalue().encode("utf-8-sig")


def _cells(finding: Finding, today: date) -> list[str]:
    check = check_named(finding.check)
    return [
        finding.record,
        _spoken(finding.entity),
        _spoken(finding.field),
        finding.severity,
        check.id,
        check.message,
        check.mend,
        check.why,
        finding.opened[:10],
        str(days_open(finding, today)),
    ]


def _spoken(name: str) -> str:
    return name.replace(".", ": ").replace("_", " ")
