"""What the system says of a disk becomes four lines; what is no disk's stays a fault."""

import errno
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from commands.last_resort import carry_out
from common.errors import DiskRefuses, ViaductError, met


def test_a_full_disk_is_told_in_four_lines(capsys: pytest.CaptureFixture[str]) -> None:
    """The last two names of the path, what the system says, what left, and what to do."""

    def verb() -> int:
        raise OSError(errno.ENOSPC, "No space left on device", "/srv/site/var/state/pulls.json")

    assert carry_out(verb) == 50
    assert capsys.readouterr().err.splitlines() == [
        "E902  The disk refuses a file of this site.",
        "      state/pulls.json: No space left on device",
        "      What was sent, if anything, stands in the disclosure log.",
        "      Make room, or let this user write there; then run again: it goes on where it stopped.",
    ]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO, errno.EROFS, errno.EACCES])
def test_a_disk_may_refuse_in_many_ways(number: int) -> None:
    """With a path or without one."""
    assert isinstance(met(OSError(number, "words of a library with a cell in them")), DiskRefuses)
    refusal = DiskRefuses.of(OSError(number, "words", str(Path("state", "lock"))))
    assert refusal is not None
    assert refusal.where.startswith("state/lock: ")


def test_what_sqlite_says_of_a_disk_is_told_too(tmp_path: Path) -> None:
    """A database that cannot be opened is a disk's matter; one with an error in it is not."""
    with pytest.raises(sqlite3.Error) as broken:
        sqlite3.connect(tmp_path)
    refusal = DiskRefuses.of(broken.value, "state/findings.sqlite")
    assert refusal is not None
    assert refusal.where == "state/findings.sqlite: Permission denied"
    with closing(sqlite3.connect(":memory:")) as table, pytest.raises(sqlite3.Error) as broken:
        table.execute("SELECT * FROM nowhere")
    assert DiskRefuses.of(broken.value) is None


def test_what_is_no_disks_is_not_called_one() -> None:
    """A file that is not there, or an error without a number, is a fault in our code."""
    for error in (FileNotFoundError(errno.ENOENT, "No such file"), OSError("words alone")):
        assert DiskRefuses.of(error) is None
        assert met(error).code == "E900"


def test_a_fault_is_told_by_its_class_and_line_and_no_word_more() -> None:
    """The source or step comes first; an error of ours stays what it is."""
    try:
        int("Canaryname")
    except ValueError as error:
        told = met(error, "source hub, export people")
    where = "source hub, export people: ValueError in tests/unit/common/test_errors.py, line"
    assert told.where.startswith(where)
    assert "Canaryname" not in str(told)
    assert met(told) is told


def test_many_places_are_told_in_one_line_and_kept_whole() -> None:
    """Twenty-five missing columns are one line of four; all of them stay in what `run --json` prints."""
    columns = [f"Column {number}" for number in range(25)]
    error = ViaductError("\n".join(["source hub, export people, 25 columns:", *columns]))
    lines = str(error).splitlines()
    assert len(lines) == 4
    assert (
        lines[1].strip() == "source hub, export people, 25 columns: Column 0, Column 1, Column 2 and 22 more."
    )
    assert error.places[1:] == columns
    one = ViaductError("source hub: two sentences.\nThere are two.")
    assert str(one).splitlines()[1].strip() == "source hub: two sentences. There are two."
