"""Registers of people's choices: keyed digests in a small CSV file, read strictly, written whole.

The first line says of what kind the register is, as of which day it is confirmed, how many rows follow, and
under which key its digests are; a register under another key would name nobody, and stop nobody.
"""

import hmac
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import polars as pl

from common.files import write_atomic
from config.documents import Problem
from sharing.choices import Choice
from sharing.errors import RegisterRefused
from sharing.keyed import hmac_sha256_16

DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
HEAD = re.compile(
    rf"# viaduct register 1, type ([a-z0-9_]+), as of ({DAY}), rows ([0-9]{{1,8}}), key ([0-9a-f]{{16}})"
)
COLUMNS = "digest,recorded_on,ended_on,decision"
ROW = re.compile(rf"([0-9a-f]{{32}}),({DAY}),({DAY})?,([^,]*)")
DECISION = re.compile(r"[A-Z]{1,8}-[0-9]{1,8}(?:/[0-9]{1,4})?")
KEPT = re.compile(r"kept(?:/[a-z][a-z0-9_]{0,40})+")
LARGEST_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True)
class RegisterKey:
    """The key of the registers' digests, and the mark by which a register shows that it is under this key."""

    key: bytes = field(repr=False)

    @property
    def mark(self) -> str:
        """Return what a register's first line says of its key: 16 hexadecimal digits."""
        return hmac.digest(self.key, b"viaduct register key", "sha256")[:8].hex()

    def digests(self, names: pl.Series, choice: Choice) -> pl.Series:
        """Return the 16-byte digests of people, by their digests in this site or by their NHS numbers."""
        prefix = "number\x1f" if choice.by_number else "person\x1f"
        return hmac_sha256_16(names.cast(pl.String), self.key, prefix)


@dataclass(frozen=True)
class Entry:
    """One choice of one person.

    ended_on: the day from which it no longer holds, or none.
    decision: the reference of the decision that sets it aside, or `kept/FLOW..` of who is forgotten in part.
    """

    digest: str = field(repr=False)
    recorded_on: date
    ended_on: date | None = None
    decision: str = ""


@dataclass(frozen=True)
class Register:
    """A register that was read whole."""

    choice: Choice
    as_of: date
    mark: str
    entries: tuple[Entry, ...] = ()

    @property
    def in_force(self) -> tuple[Entry, ...]:
        """Return the choices that hold today and that no decision sets aside."""
        aside = self.choice.may_be_set_aside
        return tuple(entry for entry in self.standing if not (entry.decision and aside))

    @property
    def standing(self) -> tuple[Entry, ...]:
        """Return the choices that have not ended, whether or not a decision sets them aside."""
        return tuple(entry for entry in self.entries if entry.ended_on is None)

    def with_choices(self, entries: Iterable[Entry]) -> "Register":
        """Return the register with these choices; of one that stands already only the decision changes."""
        rows = list(self.entries)
        standing = {one.digest: at for at, one in enumerate(rows) if one.ended_on is None}
        for entry in entries:
            at = standing.get(entry.digest)
            if at is None:
                rows.append(entry)
            else:
                rows[at] = replace(rows[at], decision=entry.decision)
        return replace(self, entries=tuple(rows))

    def without(self, digests: set[str], ended_on: date) -> "Register":
        """Return the register with these people's choices ended on the day."""
        ended = (
            replace(one, ended_on=ended_on) if one.digest in digests and one.ended_on is None else one
            for one in self.entries
        )
        return replace(self, entries=tuple(ended))

    def to_bytes(self) -> bytes:
        """Return the register as its file holds it."""
        head = (
            f"# viaduct register 1, type {self.choice}, as of {self.as_of}, "
            f"rows {len(self.entries)}, key {self.mark}"
        )
        rows = (f"{e.digest},{e.recorded_on},{e.ended_on or ''},{e.decision}" for e in self.entries)
        return ("\n".join([head, COLUMNS, *rows]) + "\n").encode("ascii")


def write_register(path: Path, register: Register) -> None:
    """Write the register so that whoever reads it finds the old file or the new one."""
    write_atomic(path, register.to_bytes())


def read_register(path: Path, choice: Choice, mark: str, today: date) -> Register:
    """Return the register.

    Given:  the kind it must be of, the mark of our key, and today, after which nothing may be dated.
    Errors: RegisterRefused with every problem and its line; also where there is no file.
    """
    lines = _lines(path)
    register, wrong = _head(path, lines[0], choice, mark)
    if lines[1:2] != [COLUMNS]:
        wrong.append(Problem(path, 2, f"The columns are {COLUMNS}, in this order."))
    entries: list[Entry] = []
    for number, line in enumerate(lines[2:], start=3):
        entry = _entry(line)
        if isinstance(entry, str):
            wrong.append(Problem(path, number, entry))
        else:
            entries.append(entry)
            wrong += _objections(path, number, entry, choice, today)
    wrong += _twice(path, entries) if len(entries) == len(lines) - 2 else ()
    if register is not None:
        wrong += _head_objections(path, *register, found=len(lines) - 2, today=today)
    if wrong or register is None:
        raise RegisterRefused(sorted(wrong, key=lambda problem: problem.line))
    return Register(choice, register[0], mark, tuple(entries))


def confirmed_on(path: Path) -> date | None:
    """Return the day as of which a register says it is confirmed; None where that cannot be read.

    It tells when the register will be too old, and nothing else: whether it may be relied on, and is ours,
    `read_register` says.
    """
    try:
        with path.open("rb") as file:
            said = HEAD.fullmatch(file.readline(200).decode("ascii").rstrip("\n"))
    except (OSError, UnicodeDecodeError):
        return None
    return _day(said[2]) if said else None


def _lines(path: Path) -> list[str]:
    try:
        content = path.read_bytes()
        text = content.decode("ascii") if len(content) <= LARGEST_BYTES else ""
    except FileNotFoundError:
        text = None
    except (OSError, UnicodeDecodeError):
        text = ""
    if text is None:
        raise RegisterRefused([Problem(path, 1, "There is no such register.")])
    if not text.endswith("\n") or "\r" in text:
        why = "Not a register: plain ASCII, each line ended by a line feed, no other sign."
        raise RegisterRefused([Problem(path, 1, why)])
    return text.removesuffix("\n").split("\n")


def _head(path: Path, line: str, choice: Choice, mark: str) -> tuple[tuple[date, int] | None, list[Problem]]:
    """Return the day and the number of rows that the first line says, and what is wrong with it."""
    said = HEAD.fullmatch(line)
    as_of = _day(said[2]) if said else None
    if said is None or as_of is None:
        return None, [Problem(path, 1, "The first line does not say what this register is.")]
    wrong = []
    if said[1] != choice:
        wrong.append(Problem(path, 1, f"This is no register of {choice}."))
    if said[4] != mark:
        wrong.append(Problem(path, 1, "Its digests are under another key, so it would name nobody."))
    return (as_of, int(said[3])), wrong


def _head_objections(path: Path, as_of: date, rows: int, *, found: int, today: date) -> Iterator[Problem]:
    if as_of > today:
        yield Problem(path, 1, f"It is confirmed as of {as_of}, which is yet to come.")
    if rows != found:
        yield Problem(path, 1, f"It says {rows} rows and holds {found}.")


def _entry(line: str) -> Entry | str:
    """Return the row, or what is wrong with its form; what stands there is not told."""
    said = ROW.fullmatch(line)
    if said is None:
        return "Not a row of 32 hexadecimal digits, a day, a day or nothing, and a decision or nothing."
    recorded_on, ended_on = _day(said[2]), _day(said[3] or "")
    if recorded_on is None or (said[3] and ended_on is None):
        return "A day that is in no calendar."
    return Entry(said[1], recorded_on, ended_on, said[4])


def _objections(path: Path, line: int, entry: Entry, choice: Choice, today: date) -> Iterator[Problem]:
    if entry.recorded_on > today or (entry.ended_on or today) > today:
        yield Problem(path, line, "A day that is yet to come.")
    if entry.ended_on is not None and entry.ended_on < entry.recorded_on:
        yield Problem(path, line, "It ended before it was recorded.")
    if entry.decision and not decision_fits(choice, entry.decision):
        yield Problem(path, line, "A decision that this kind of register does not know, or in no known form.")


def decision_fits(choice: Choice, decision: str) -> bool:
    """Return whether the reference of a decision may stand in a register of this kind."""
    if choice is Choice.FORGOTTEN:
        return bool(KEPT.fullmatch(decision))
    return choice.may_be_set_aside and bool(DECISION.fullmatch(decision))


def _twice(path: Path, entries: list[Entry]) -> Iterator[Problem]:
    """Yield the rows of somebody whose earlier row has not ended."""
    standing: set[str] = set()
    for line, entry in enumerate(entries, start=3):
        if entry.digest in standing:
            yield Problem(path, line, "The same person is there already, and that row has not ended.")
        if entry.ended_on is None:
            standing.add(entry.digest)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
