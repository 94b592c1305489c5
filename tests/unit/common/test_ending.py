"""Asked once, a process ends, whatever other people's code makes of the exception."""

import os
import signal
from collections.abc import Iterator
from contextlib import suppress

import pytest

from commands.last_resort import carry_out
from common import ending
from sync.steps import Steps


@pytest.fixture
def listening() -> Iterator[None]:
    """Listen for the two signals, and forget them afterwards."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    ending.listen()
    yield
    ending._asked.clear()
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.skipif(os.name == "nt", reason="A signal ends the process outright.")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_library_that_swallows_the_signal_does_not_keep_the_process(
    listening: None, number: signal.Signals, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """The exception is taken for a fault of the library; at the next step it comes again. Nothing is said."""

    def verb() -> int:
        with suppress(BaseException):
            os.kill(os.getpid(), number)
        Steps().reached("planned")
        return 0

    assert carry_out(verb) == code
    assert capsys.readouterr().err == ""


@pytest.mark.skipif(os.name == "nt", reason="A signal ends the process outright.")
def test_what_the_signal_breaks_on_its_way_out_is_not_told_as_a_fault(
    listening: None, capsys: pytest.CaptureFixture[str]
) -> None:
    """An error that comes of being stopped is no error: the code is the signal's."""

    def verb() -> int:
        with suppress(BaseException):
            os.kill(os.getpid(), signal.SIGTERM)
        raise RuntimeError("Query interrupted")

    assert carry_out(verb) == 143
    assert capsys.readouterr().err == ""


def test_nothing_comes_where_nobody_asked() -> None:
    """Without a signal there is nothing to say."""
    assert ending.asked() == 0
    ending.go_on()
