"""What administrators, editors and networks do to an export: its columns, its rows, its words, its bytes."""

import csv
import io
from collections import Counter
from collections.abc import Callable

from demo.words import STEMS

BOM = "\ufeff"
Rows = list[list[str]]
WIDE = 10_000
NEW_WORDING = "(new wording)"
# Columns whose words come from a drop-down list that an administrator may reword.
LISTED = (
    "Accommodation Type",
    "Stage",
    "Communication Method",
    "Relationship",
    "Need",
    "Level",
    "Purpose",
    "Timepoint",
    "Organisation Type",
    "Status",
)


def renamed_column(rows: Rows) -> Rows:
    """Return the rows with the second column under another name."""
    return [[rows[0][0], f"{rows[0][1]} (new)", *rows[0][2:]], *rows[1:]]


def missing_column(rows: Rows) -> Rows:
    """Return the rows without the second column."""
    return [[row[0], *row[2:]] for row in rows]


def reordered_columns(rows: Rows) -> Rows:
    """Return the rows with their columns the other way round."""
    return [row[::-1] for row in rows]


def extra_column(rows: Rows) -> Rows:
    """Return the rows with a column nobody knows, full of canary words."""
    return [[*rows[0], "Notes"], *([*row, f"{STEMS['Notes']}lumar"] for row in rows[1:])]


def duplicate_header(rows: Rows) -> Rows:
    """Return the rows with the second column there twice, the second time with other content."""
    return [[*rows[0], rows[0][1]], *([*row, f"{row[1]}X"] for row in rows[1:])]


def wide(rows: Rows) -> Rows:
    """Return the rows with ten thousand columns."""
    more = range(len(rows[0]) + 1, WIDE + 1)
    return [
        [*rows[0], *(f"Question {number}" for number in more)],
        *([*row, *("" for _ in more)] for row in rows[1:]),
    ]


def relabelled_option(rows: Rows) -> Rows:
    """Return the rows with the commonest word of a drop-down list in another wording."""
    at = _listed(rows)
    words = Counter(row[at] for row in rows[1:] if row[at])
    return _reworded(rows, at, {word for word, _ in words.most_common(1)})


def relabelled_options(rows: Rows) -> Rows:
    """Return the rows with every word of a drop-down list in another wording."""
    at = _listed(rows)
    return _reworded(rows, at, {row[at] for row in rows[1:] if row[at]})


def ragged_row(rows: Rows) -> Rows:
    """Return the rows with one in the middle a cell too long."""
    middle = max(1, len(rows) // 2)
    return [[*row, ""] if number == middle else row for number, row in enumerate(rows)]


def missing_rows(rows: Rows) -> Rows:
    """Return only the first half of the rows: still a valid CSV, and fewer than the portal's own count."""
    return rows[: 1 + (len(rows) - 1) // 2]


def no_rows(rows: Rows) -> Rows:
    """Return the header alone."""
    return rows[:1]


def sudden_drop(rows: Rows) -> Rows:
    """Return a tenth of the rows; the portal counts them so too."""
    return rows[: 1 + (len(rows) - 1) // 10]


def sudden_growth(rows: Rows) -> Rows:
    """Return the rows and ten times as many under new references; the portal counts them so too."""
    more = ((time, row) for time in range(10) for row in rows[1:])
    return [*rows, *([_later(row[0], time, len(rows)), *row[1:]] for time, row in more)]


CONTENT: dict[str, Callable[[Rows], Rows]] = {
    change.__name__: change
    for change in (
        renamed_column,
        missing_column,
        reordered_columns,
        extra_column,
        duplicate_header,
        wide,
        relabelled_option,
        relabelled_options,
        ragged_row,
        missing_rows,
        no_rows,
    )
}
# Changes that the portal's own list knows of.
WORLD: dict[str, Callable[[Rows], Rows]] = {
    change.__name__: change for change in (sudden_drop, sudden_growth)
}
BYTES = frozenset({"truncated_body", "windows_1252", "error_at_the_end", "empty_body"})
ERROR_AT_THE_END = b"Fatal error: allowed memory size exhausted\r\n"


def spoil(body: bytes, names: list[str]) -> bytes:
    """Return the export's bytes after the named changes."""
    for name in names:
        if name in CONTENT:
            body = rewritten(body, CONTENT[name])
    if "windows_1252" in names:
        body = body.decode("utf-8-sig").encode("cp1252")
    if "truncated_body" in names:
        body = _half_last_row(body)
    if "error_at_the_end" in names:
        body += ERROR_AT_THE_END
    return b"" if "empty_body" in names else body


def rewritten(body: bytes, change: Callable[[Rows], Rows]) -> bytes:
    """Return the export with its rows changed."""
    rows = list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline="")))
    text = io.StringIO(newline="")
    text.write(BOM)
    csv.writer(text, lineterminator="\r\n").writerows(change(rows))
    return text.getvalue().encode()


def _listed(rows: Rows) -> int:
    return next(at for at, name in enumerate(rows[0]) if name in LISTED)


def _reworded(rows: Rows, at: int, words: set[str]) -> Rows:
    return [
        rows[0],
        *(
            [*row[:at], f"{row[at]} {NEW_WORDING}" if row[at] in words else row[at], *row[at + 1 :]]
            for row in rows[1:]
        ),
    ]


def _later(reference: str, time: int, count: int) -> str:
    """Return a reference of the same shape that no row has yet."""
    letters = reference.rstrip("0123456789")
    digits = reference[len(letters) :]
    if not digits:
        return f"{letters}-{time + 1}"
    return f"{letters}{10 ** len(digits) - 1 - (time * count + int(digits) % count):0{len(digits)}d}"


def _half_last_row(body: bytes) -> bytes:
    whole = body.rstrip(b"\r\n")
    start = whole.rfind(b"\n") + 1
    return whole[: start + (len(whole) - start) // 2]
