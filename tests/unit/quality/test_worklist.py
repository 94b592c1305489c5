"""The worklist as a file: in the provider's words, and harmless in a spreadsheet."""

import csv
import io
from datetime import date
from typing import Any

import pytest

from quality import Finding, State, days_open, worklist_csv
from quality.worklist import guarded

TODAY = date(2022, 12, 3)


def finding(**changes: Any) -> Finding:
    """Return a finding with these parts changed."""
    parts = {
        "source": "hub",
        "entity": "person",
        "record": "P1",
        "check": "PER-05",
        "field": "nhs_number",
        "severity": "error",
        "effect": "blank_field",
        "first_seen": "2022-12-01T05:00:00Z",
        "first_run": "run-0",
        "last_seen": "2022-12-02T05:00:00Z",
        "last_run": "run-1",
        "state": State.OPEN,
        "opened": "2022-12-01T05:00:00Z",
        "times_opened": 1,
        "due": "2022-12-15",
        "baseline": False,
        "acted_by": "",
        "acted_at": "",
        "reason": "",
        "until": "",
        "other": "",
    }
    return Finding(**parts | changes)


def cells(content: bytes) -> list[list[str]]:
    """Return the file's rows as a spreadsheet reads them."""
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_a_row_says_which_record_which_field_why_and_where_to_click() -> None:
    """One row per finding, in words."""
    header, row = cells(worklist_csv([finding()], TODAY))
    told = dict(zip(header, row, strict=True))
    assert told["Record"] == "P1"
    assert told["Field"] == "nhs number"
    assert told["What is wrong"] == "This NHS number is not valid."
    assert told["How to mend it"].startswith("Person record > NHS Number")
    assert told["Days open"] == "2"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_can_be_taken_for_a_formula(start: str) -> None:
    """A reference that begins like a formula gets an apostrophe before it."""
    reference = f"{start}HYPERLINK(1)"
    _, row = cells(worklist_csv([finding(record=reference)], TODAY))
    assert row[0] == f"'{reference}"
    assert guarded("P1") == "P1"


def test_an_empty_worklist_is_its_header() -> None:
    """Nothing to mend is a file with one line, which Excel opens as UTF-8."""
    content = worklist_csv([], TODAY)
    assert content.startswith(b"\xef\xbb\xbf")
    assert len(cells(content)) == 1


def test_days_are_counted_by_the_calendar_in_london() -> None:
    """Half past eleven at night UTC in July is the next day in London."""
    assert days_open(finding(opened="2022-07-01T23:30:00Z"), date(2022, 7, 2)) == 0


def test_no_cell_hides_anything() -> None:
    """A reference that was remembered before such were refused moves no cursor where the file is shown."""
    _, row = cells(worklist_csv([finding(record="P1\x1b[2K\x9b2J\u202e9")], TODAY))
    assert row[0] == "P1[2K2J9"
