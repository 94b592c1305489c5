"""What a verb says is what stands there: nothing in it moves a cursor or hides a word."""

import json

import pytest

from commands import say

HIDDEN = "P1\x1b[2K\x1b[1A\x9b2J\u202e\x7f9"


def test_what_is_said_to_people_moves_no_cursor(capsys: pytest.CaptureFixture[str]) -> None:
    """Words, data and cells of tables keep their lines and lose what nobody sees."""
    say.words(f"one\n\t{HIDDEN}")
    say.data(HIDDEN)
    say.table("", ("record",), [(HIDDEN,)])
    said = capsys.readouterr()
    assert said.err == "one\n\tP1[2K[1A2J9\n"
    assert said.out.splitlines()[0] == "P1[2K[1A2J9"
    assert not {"\x1b", "\x9b", "\u202e", "\x7f"} & set(said.out)


def test_json_spells_out_what_nobody_sees_and_loses_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """A program reads the same value; a terminal is told nothing."""
    say.as_json({"record": HIDDEN, "name": "Zo\u00eb"})
    said = capsys.readouterr().out
    assert json.loads(said) == {"record": HIDDEN, "name": "Zo\u00eb"}
    assert not {"\x1b", "\x9b", "\u202e", "\x7f"} & set(said)


@pytest.mark.parametrize("odd", ["s\udcff", "\ud800", "HP\udcff\x1b"])
def test_json_of_a_name_that_is_no_unicode_is_said_all_the_same(
    odd: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """An argument or a path may hold any bytes: they are spelt out, and no fault of ours is met."""
    say.as_json({"site": odd})
    assert json.loads(capsys.readouterr().out) == {"site": odd}
