"""Opening what others put into a folder: plain files only, no link followed, no pipe waited for."""

import os
import stat
from pathlib import Path
from typing import BinaryIO, cast

# Windows has neither; there a link is told by looking at it first.
NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)
NO_WAIT = getattr(os, "O_NONBLOCK", 0)


class NotPlain(OSError):
    """What has this name is a link, a pipe, a folder or a device; it was not read."""


def is_plain_file(path: Path) -> bool:
    """Return whether a plain file has this name. Errors: PermissionError, where we may not even look."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return False


def is_plain_folder(path: Path) -> bool:
    """Return whether a folder, and no link to one, has this name."""
    try:
        return stat.S_ISDIR(path.lstat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return False


def open_plain_file(path: Path) -> BinaryIO:
    """Return the file opened for reading. Errors: NotPlain, and those of the file system."""
    if not stat.S_ISREG(path.lstat().st_mode):
        raise NotPlain
    stream = cast(BinaryIO, open(path, "rb", opener=_without_waiting))  # noqa: SIM115
    if stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
        return stream
    stream.close()
    raise NotPlain


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | NO_FOLLOW | NO_WAIT)
