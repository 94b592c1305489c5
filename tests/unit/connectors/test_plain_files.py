"""What others put into a folder is opened only if it is a plain file."""

import os
import stat
from pathlib import Path

import pytest

from connectors import plain_files


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
def test_a_file_that_turns_into_a_pipe_is_never_waited_for(tmp_path: Path) -> None:
    """What was a file when it was looked at is looked at again when it is open."""
    os.mkfifo(tmp_path / "people-1.csv")
    handle = plain_files._without_waiting(str(tmp_path / "people-1.csv"), os.O_RDONLY)
    assert not stat.S_ISREG(os.fstat(handle).st_mode)
    os.close(handle)
