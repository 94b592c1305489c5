"""Files dropped into a folder of this machine, or one that is mounted on it."""

import os
import stat
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import BinaryIO, TypeVar

from connectors.drops import OUTSIDE, PIECE_BYTES, Changed, Dropped, Unreadable
from connectors.errors import FileOutsideFolder
from connectors.plain_files import NotPlain, open_plain_file
from connectors.reception import Reception

T = TypeVar("T")


class FolderDrops:
    """The files of one folder."""

    place = "its folder"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def listing(self) -> Mapping[str, Dropped]:
        """Return everything in the folder, by name."""
        found = {name: _still_there(self._folder / name) for name in _read(os.listdir, self._folder)}
        return {name: _dropped(name, said) for name, said in found.items() if said is not None}

    def look(self, name: str) -> Dropped:
        """Return how one name stands now, no link followed."""
        return _dropped(name, _read(os.lstat, self._folder / name))

    def may_still_grow(self, file: Dropped, seconds: float) -> bool:
        """Return whether it was written less than so long ago, whatever time it bears."""
        now = time.time()
        return any(abs(now - at / 1e9) < seconds for at in (file.mtime_ns, file.more[0]))

    def words(self, name: str, most: int) -> bytes | None:
        """Return the first bytes of a plain file, None if nothing has this name."""
        if not os.path.lexists(self._folder / name):
            return None
        with _read(_open, self._folder / name) as stream:
            return _read(stream.read, most)

    def bring(self, file: Dropped, begin: Callable[[], Reception]) -> Reception:
        """Return a reception that took the whole file. Errors: Changed."""
        with _read(_open, self._folder / file.name) as stream, begin() as reception:
            _hold_to(file, stream)
            while piece := _read(stream.read, PIECE_BYTES):
                reception.take(piece)
            _hold_to(file, stream)
        return reception

    def close(self) -> None:
        """Let go of nothing: a folder has no line to it."""


def _hold_to(file: Dropped, stream: BinaryIO) -> None:
    """Errors: Changed, when what is open is no longer the file that was found."""
    if _dropped(file.name, os.fstat(stream.fileno())) != file:
        raise Changed


def _read(ask: Callable[..., T], *of: Path | int) -> T:
    """Return what the file system says. Errors: Unreadable, with nothing of the system's behind it."""
    try:
        return ask(*of)
    except OSError:
        pass
    raise Unreadable


def _still_there(path: Path) -> os.stat_result | None:
    """Return how a listed name stands; None if it has gone since, as temporary names do."""
    try:
        return path.lstat()
    except FileNotFoundError:
        return None
    except OSError:
        pass
    raise Unreadable


def _dropped(name: str, said: os.stat_result) -> Dropped:
    """Return how a file stands; the time of its last write tells of any, whatever time it bears."""
    more = said.st_ctime_ns, said.st_dev, said.st_ino
    return Dropped(name, stat.S_ISREG(said.st_mode), said.st_size, said.st_mtime_ns, more)


def _open(path: Path) -> BinaryIO:
    """Return the file opened for reading. Errors: FileOutsideFolder for a link or a pipe put in its place."""
    try:
        return open_plain_file(path)
    except NotPlain:
        pass
    raise FileOutsideFolder(OUTSIDE)
