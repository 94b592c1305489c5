"""Faults that can be switched on: what networks, portals and their administrators do to an export.

None is claimed to be the vendor's own behaviour. Each strikes one place (an export, `listing` or `sign-in`;
nothing said means every download) a given number of times, or until it is healed.
"""

import csv
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from threading import Lock

from demo.words import STEMS

BOM = "\ufeff"
Rows = list[list[str]]


def renamed_column(rows: Rows) -> Rows:
    """Return the rows with the second column under another name."""
    return [[rows[0][0], f"{rows[0][1]} (new)", *rows[0][2:]], *rows[1:]]


def missing_column(rows: Rows) -> Rows:
    """Return the rows without the second column."""
    return [[row[0], *row[2:]] for row in rows]


def extra_column(rows: Rows) -> Rows:
    """Return the rows with a column nobody knows, full of canary words."""
    return [[*rows[0], "Notes"], *([*row, f"{STEMS['Notes']}lumar"] for row in rows[1:])]


def duplicate_header(rows: Rows) -> Rows:
    """Return the rows with the second column there twice, the second time with other content."""
    return [[*rows[0], rows[0][1]], *([*row, f"{row[1]}X"] for row in rows[1:])]


def ragged_row(rows: Rows) -> Rows:
    """Return the rows with one in the middle a cell too long."""
    middle = max(1, len(rows) // 2)
    return [[*row, ""] if number == middle else row for number, row in enumerate(rows)]


def missing_rows(rows: Rows) -> Rows:
    """Return only the first half of the rows: still a valid CSV, and fewer than the portal's own count."""
    return rows[: 1 + (len(rows) - 1) // 2]


CONTENT: dict[str, Callable[[Rows], Rows]] = {
    change.__name__: change
    for change in (renamed_column, missing_column, extra_column, duplicate_header, ragged_row, missing_rows)
}
BYTES = frozenset({"truncated_body", "windows_1252"})
ANSWERS = frozenset(
    {
        "login_page_200",
        "session_expired",
        "html_200",
        "status_429",
        "status_500",
        "status_503",
        "reset",
        "slow",
        "short_body",
    }
)
LISTING = frozenset({"wrong_count"})
FAULTS: frozenset[str] = frozenset(CONTENT) | BYTES | ANSWERS | LISTING
PAGES = ("listing", "sign-in")


@dataclass
class Fault:
    """One fault: where it strikes, in which system, and how often yet; None is for ever."""

    name: str
    place: str = ""
    source: str = ""
    times: int | None = None

    def __post_init__(self) -> None:
        if self.name not in FAULTS:
            raise ValueError(f"{self.name} is no fault; there are {', '.join(sorted(FAULTS))}")

    def strikes(self, source: str, place: str) -> bool:
        """Return whether the fault is for this place of this system."""
        here = place not in PAGES if not self.place else self.place == place
        return here and self.source in {"", source} and self.times != 0


def read_fault(words: str) -> Fault:
    """Return the fault that the command line names as NAME or NAME:PLACE."""
    name, _, place = words.partition(":")
    return Fault(name, place)


@dataclass
class Switchboard:
    """The faults that are switched on."""

    faults: list[Fault] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def switch_on(self, fault: Fault) -> None:
        """Let the fault strike from now on."""
        with self._lock:
            self.faults.append(fault)

    def heal(self) -> None:
        """Switch every fault off."""
        with self._lock:
            self.faults.clear()

    def take(self, source: str, place: str, kinds: Iterable[str]) -> list[str]:
        """Return the names of the faults of these kinds that strike now, each counted as one stroke."""
        wanted = frozenset(kinds)
        with self._lock:
            struck = [fault for fault in self.faults if fault.name in wanted and fault.strikes(source, place)]
            for fault in struck:
                if fault.times is not None:
                    fault.times -= 1
        return [fault.name for fault in struck]


def spoil(body: bytes, names: list[str]) -> bytes:
    """Return the export's bytes after the named faults of content and bytes."""
    for name in names:
        if name in CONTENT:
            body = _rewritten(body, CONTENT[name])
    if "windows_1252" in names:
        body = body.decode("utf-8-sig").encode("cp1252")
    if "truncated_body" in names:
        body = _half_last_row(body)
    return body


def _rewritten(body: bytes, change: Callable[[Rows], Rows]) -> bytes:
    rows = list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline="")))
    text = io.StringIO(newline="")
    text.write(BOM)
    csv.writer(text, lineterminator="\r\n").writerows(change(rows))
    return text.getvalue().encode()


def _half_last_row(body: bytes) -> bytes:
    whole = body.rstrip(b"\r\n")
    start = whole.rfind(b"\n") + 1
    return whole[: start + (len(whole) - start) // 2]
