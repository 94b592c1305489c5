"""What the faults of the sample API do to an answer: its status, its records, its bytes."""

import gzip
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

from demo.api_faults import ApiFault
from demo.words import STEMS

Record = dict[str, Any]
Rows = list[Record]
CAP, LATER_CAP = 50, 20
TEMPLATE_LESS_EACH = 20
KEPT_EACH, LATER_IDS = 3, 1_000_000
WIDE = {f"x{number}": 0 for number in range(10_000)}
HUGE_BYTES = 6 << 20
BOMB_BYTES = 64 << 20
DEEP = 200_000
PAGE = f"<!DOCTYPE html><html><body><p>Gateway. {STEMS['Surname']}proxy</p></body></html>".encode()
ELSEWHERE = "http://127.0.0.2:9/v2/clients"


def http_date(as_at: str) -> str:
    """Return the instant as the Date of an answer."""
    return format_datetime(datetime.fromisoformat(as_at).astimezone(UTC), usegmt=True)


def a_second_after(as_at: str) -> str:
    """Return the instant a second after an answer's own Date, as a Retry-After says it."""
    return format_datetime(datetime.fromisoformat(as_at).astimezone(UTC) + timedelta(seconds=1), usegmt=True)


# What comes in place of an answer; given the class of answers.
ANSWER: dict[str, Callable[..., Any]] = {
    "status_500": lambda answer: answer(b'"Internal Server Error"', 500),
    "status_500_plain": lambda answer: answer(b"Internal Server Error", 500, "text/plain"),
    "html_200": lambda answer: answer(PAGE, 200, "text/html; charset=utf-8"),
    "error_text_200": lambda answer: answer(
        b"Fatal error: Allowed memory size exhausted\n", 200, "text/plain"
    ),
    "json_string_200": lambda answer: answer(f'"No record of {STEMS["Surname"]}told"'.encode()),
    "json_object_200": lambda answer: answer(b'{"error": "Something went wrong", "code": 12}'),
    "redirect_within": lambda answer: answer(b"", 302, headers={"Location": "/v2/clients"}),
    "redirect_away": lambda answer: answer(b"", 302, headers={"Location": ELSEWHERE}),
}


def has_template(row: Record, path: str) -> bool:
    """Return whether the referral of the record uses a template: every twentieth does not."""
    referral = row["id"] if path == "referrals" else row.get("referral")
    return referral is None or referral % TEMPLATE_LESS_EACH != 0


def holds(rows: Rows, path: str, faults: list[ApiFault]) -> Rows:
    """Return what the list holds after the faults of what it holds: a third of it, twice as much."""
    for name in {fault.name for fault in faults}:
        if name == "template_less":
            rows = [row for row in rows if has_template(row, path)]
        elif name == "sudden_drop":
            rows = rows[::KEPT_EACH]
        elif name == "sudden_growth":
            rows = [*rows, *({**row, "id": row["id"] + LATER_IDS} for row in rows)]
    return rows


def content(rows: Rows, faults: list[ApiFault]) -> Rows:
    """Return the records after the faults of content."""
    for fault in faults:
        rows = CHANGES[fault.name](rows, fault) if fault.name in CHANGES else rows
    return rows


def _trimmed(rows: Rows, fault: ApiFault) -> Rows:
    half = len(rows) // 2
    return [*rows[:half], *({key: row[key] for key in row if key != fault.about} for row in rows[half:])]


def _unknown_option(rows: Rows, fault: ApiFault) -> Rows:
    return [{**row, fault.about: 987654} if number == 0 else row for number, row in enumerate(rows)]


def _nested(rows: Rows, fault: ApiFault) -> Rows:
    return [{**row, fault.about: {"value": row[fault.about]}} for row in rows]


def _capped(rows: Rows, fault: ApiFault) -> Rows:
    return rows[: int(fault.about or CAP)]


class _Pages:
    """A page that the server gives again in place of the one asked for, and a page size that shrinks."""

    def __init__(self) -> None:
        self.first: Rows | None = None
        self.asked = 0

    def repeated(self, rows: Rows, fault: ApiFault) -> Rows:
        """Return the first page again, whatever is asked for."""
        if self.first is None and rows:
            self.first = _capped(rows, fault)
        return self.first or rows

    def shrinking(self, rows: Rows, _: ApiFault) -> Rows:
        """Return a page of 50 at first, then of 20."""
        self.asked += 1
        return rows[: CAP if self.asked == 1 else LATER_CAP]


PAGES = _Pages()
CHANGES: dict[str, Callable[[Rows, ApiFault], Rows]] = {
    "field_trimmed": _trimmed,
    "unknown_option": _unknown_option,
    "nested_value": _nested,
    "silent_cap": _capped,
    "wide": lambda rows, _: [{**rows[0], **WIDE}, *rows[1:]] if rows else rows,
    "page_size_changes": PAGES.shrinking,
    "repeated_page": PAGES.repeated,
}


def forget_pages() -> None:
    """Begin anew with the faults that remember pages."""
    PAGES.first, PAGES.asked = None, 0


def options(names: dict[str, str], faults: list[ApiFault]) -> dict[str, str]:
    """Return a dictionary after the faults of options."""
    struck = {fault.name for fault in faults}
    first = next(iter(names), "")
    if "options_gained" in struck:
        names = {**names, "999": "Newly added"}
    if "options_lost" in struck:
        names = {number: name for number, name in names.items() if number != first}
    if "options_relabelled" in struck and first:
        names = {**names, first: f"{names[first]} (new wording)"}
    return names


def body(content: bytes, faults: tuple[str, ...]) -> bytes:
    """Return the bytes of an answer after the faults of bytes that leave its length right."""
    if "truncated_json" in faults:
        content = content[: len(content) // 2]
    if "huge_line" in faults:
        content = b'[{"id": 1, "surname": "' + b"Z" * HUGE_BYTES + b'"}]'
    if "deep_json" in faults:
        content = b'[{"id": ' + b"[" * DEEP + b"]" * DEEP + b"}]"
    if "gzip_bomb" in faults:
        content = gzip.compress(b"[" + b" " * BOMB_BYTES + b"]", 6)
    return content
