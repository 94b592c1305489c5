"""What an error says is printed as it is meant, and nothing in it moves a cursor or hides words."""

import pytest

from commands.last_resort import tell
from common.errors import ViaductError


def test_a_file_s_name_in_an_error_turns_no_words_round(capsys: pytest.CaptureFixture[str]) -> None:
    """Neither an escape nor a mark of direction reaches the terminal; the lines stay lines."""
    tell(ViaductError("a\x1b[31m\u202egpj.csv"))
    told = capsys.readouterr().err
    assert "a[31mgpj.csv" in told
    assert told.count("\n") > 1
    assert "\x1b" not in told
