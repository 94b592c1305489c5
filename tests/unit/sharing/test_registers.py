"""Registers of people's choices: what is written is read again, and nothing else is."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from sharing.choices import HOLDS, STOP_WORDS, Choice, not_checked, register_stop, stop_of
from sharing.errors import RegisterRefused
from sharing.registers import Entry, Register, RegisterKey, read_register, write_register

TODAY = date(2026, 11, 22)
KEY = RegisterKey(b"k" * 32)
A, B = "a" * 32, "b" * 32
HEAD = f"# viaduct register 1, type art21_objection, as of 2026-11-20, rows 1, key {KEY.mark}"
COLUMNS = "digest,recorded_on,ended_on,decision"


def read(path: Path, *lines: str, choice: Choice = Choice.OBJECTION) -> Register:
    """Return the register of these lines."""
    path.write_bytes(("\n".join(lines) + "\n").encode())
    return read_register(path, choice, KEY.mark, TODAY)


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    """A register with every kind of row comes back equal, and the same bytes are written again."""
    rows = (
        Entry(A, date(2026, 1, 2), date(2026, 3, 4)),
        Entry(A, date(2026, 4, 5), None, "DP-45"),
        Entry(B, TODAY),
    )
    register = Register(Choice.OBJECTION, TODAY, KEY.mark, rows)
    write_register(tmp_path / "r.csv", register)
    assert read_register(tmp_path / "r.csv", Choice.OBJECTION, KEY.mark, TODAY) == register
    assert [entry.digest for entry in register.standing] == [A, B]
    assert [entry.digest for entry in register.in_force] == [B]


ROW = f"{A},2026-11-20,,"
WRONG = {
    "another first line": ((HEAD.replace("register 1", "register 2"), COLUMNS, ROW), 1),
    "another type": ((HEAD.replace("art21_objection", "court_order"), COLUMNS, ROW), 1),
    "another key": ((HEAD.replace(KEY.mark, "0" * 16), COLUMNS, ROW), 1),
    "a day to come": ((HEAD.replace("2026-11-20", "2026-11-23"), COLUMNS, ROW), 1),
    "no such day": ((HEAD.replace("2026-11-20", "2026-02-30"), COLUMNS, ROW), 1),
    "a row cut off": ((HEAD.replace("rows 1", "rows 2"), COLUMNS, ROW), 1),
    "another header": ((HEAD, "digest,recorded_on,decision,ended_on", ROW), 2),
    "no header": ((HEAD.replace("rows 1", "rows 0"), ROW), 2),
    "a bad digest": ((HEAD, COLUMNS, ROW.replace("a", "g", 1)), 3),
    "capitals": ((HEAD, COLUMNS, ROW.upper()), 3),
    "a short digest": ((HEAD, COLUMNS, ROW[1:]), 3),
    "a reference in its place": ((HEAD, COLUMNS, "HP100042,2026-11-20,,"), 3),
    "an empty line": ((HEAD, COLUMNS, ""), 3),
    "a column more": ((HEAD, COLUMNS, f"{ROW},"), 3),
    "recorded tomorrow": ((HEAD, COLUMNS, f"{A},2026-11-23,,"), 3),
    "ended tomorrow": ((HEAD, COLUMNS, f"{A},2026-11-20,2026-11-23,"), 3),
    "ended before it began": ((HEAD, COLUMNS, f"{A},2026-11-20,2026-11-19,"), 3),
    "a day in no calendar": ((HEAD, COLUMNS, f"{A},2026-11-31,,"), 3),
    "a name as decision": ((HEAD, COLUMNS, f"{A},2026-11-20,,Mrs Quartzname"), 3),
    "the same person twice": ((HEAD.replace("rows 1", "rows 2"), COLUMNS, ROW, ROW), 4),
}


@pytest.mark.parametrize(("lines", "line"), WRONG.values(), ids=WRONG)
def test_what_is_not_a_register_is_refused_where_it_is_wrong(
    tmp_path: Path, lines: tuple[str, ...], line: int
) -> None:
    """The refusal names file and line, and nothing that stood there."""
    read(tmp_path / "right.csv", HEAD, COLUMNS, ROW)
    with pytest.raises(RegisterRefused) as caught:
        read(tmp_path / "objections.csv", *lines)
    assert {problem.line for problem in caught.value.problems} == {line}
    assert "objections.csv" in str(caught.value)
    assert not [word for word in ("Quartzname", "HP100042", A) if word in str(caught.value)]


@pytest.mark.parametrize(
    "content", [b"", b"\n", HEAD.encode(), b"\xef\xbb\xbf" + HEAD.encode() + b"\n", b"a\r\nb\r\n"]
)
def test_a_file_of_another_form_is_refused(tmp_path: Path, content: bytes) -> None:
    """Empty, cut off, with a byte order mark or with the line ends of a spreadsheet: refused on line 1."""
    path = tmp_path / "objections.csv"
    path.write_bytes(content)
    with pytest.raises(RegisterRefused) as caught:
        read_register(path, Choice.OBJECTION, KEY.mark, TODAY)
    assert 1 in {problem.line for problem in caught.value.problems}
    path.unlink()
    with pytest.raises(RegisterRefused):
        read_register(path, Choice.OBJECTION, KEY.mark, TODAY)


@pytest.mark.parametrize("choice", [choice for choice in Choice if not choice.may_be_set_aside])
def test_a_decision_sets_aside_an_objection_and_nothing_else(tmp_path: Path, choice: Choice) -> None:
    """Compelling grounds are for objections; who is forgotten may be kept in a flow, and no more."""
    head = HEAD.replace("art21_objection", choice)
    with pytest.raises(RegisterRefused):
        read(tmp_path / "r.csv", head, COLUMNS, f"{A},2026-11-20,,DP-45", choice=choice)
    assert read(tmp_path / "r.csv", HEAD, COLUMNS, f"{A},2026-11-20,,DP-45").in_force == ()


def test_an_ended_choice_stays_in_the_register_and_may_stand_again() -> None:
    """Rows are never removed; the same person may choose again, and once at a time."""
    began = Register(Choice.CONSENT_WITHDRAWN, TODAY, KEY.mark).with_choices([Entry(A, TODAY)])
    assert began.with_choices([Entry(A, TODAY)]) == began
    ended = began.without({A}, TODAY)
    assert (len(ended.entries), ended.standing) == (1, ())
    again = ended.with_choices([Entry(A, TODAY)])
    assert (len(again.entries), len(again.standing)) == (2, 1)


def test_digests_differ_by_key_and_by_what_they_name() -> None:
    """A person's digest is not a number's, and nobody without the key makes either."""
    names = pl.Series(["9434765919"])
    other = RegisterKey(b"j" * 32)
    found = {
        KEY.digests(names, Choice.OPT_OUT)[0],
        KEY.digests(names, Choice.OBJECTION)[0],
        other.digests(names, Choice.OPT_OUT)[0],
    }
    assert len(found) == 3
    assert KEY.mark != other.mark
    assert "k" * 8 not in repr(KEY)


def test_every_stop_has_a_word_and_what_withholds_comes_before_what_holds() -> None:
    """Of several reasons the least number wins, so a choice wins over a register that cannot be read."""
    chosen = [stop_of(choice) for choice in Choice] + [not_checked()]
    withheld = [register_stop(choice) for choice in Choice]
    held = [register_stop(choice, holds=True) for choice in Choice]
    assert len({*chosen, *withheld}) == len({*chosen, *held}) == len(STOP_WORDS) - 1
    assert max(chosen) < min(withheld)
    assert max(withheld) < HOLDS < min(held)
