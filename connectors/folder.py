"""A folder into which exports are dropped: the newest complete set, received whole.

A pattern's `*` says which set a file belongs to: `people-*.csv` and `referrals-*.csv` with the same words in
place of the star are one set. `FILE.rows` beside a file may say how many rows it holds; `FILE.part` says that
it is still on its way.
"""

import os
import re
import stat
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, TypeVar

from connectors.errors import FileOutsideFolder, FilesNotReady
from connectors.plain_files import NotPlain, open_plain_file
from connectors.reception import Reception
from connectors.settings import FolderSettings
from connectors.source import Export, Snapshot
from connectors.spool import Spool

PIECE_BYTES = 1 << 20
LONGEST_COUNT = 40
OUTSIDE = "a file in the drop folder is a link, or no file at all; it was not opened."
T = TypeVar("T")


@dataclass(frozen=True)
class Dropped:
    """One dropped file as it stood when the folder was listed."""

    path: Path
    size: int
    mtime_ns: int


class DropFolder:
    """A source that gives what was dropped into its folder."""

    def __init__(self, settings: FolderSettings) -> None:
        self._settings = settings
        self.name = settings.name

    def check(self) -> None:
        """See that a complete set is there. Errors: FilesNotReady, FileOutsideFolder."""
        self._newest(list(self._settings.patterns))

    def pull(self, spool: Spool, exports: Sequence[str]) -> Snapshot:
        """Return the newest complete set. Errors: FilesNotReady (exit 20), NotTheExport (22)."""
        files = self._newest(exports)
        self._wait_until_settled(files)
        received = {export: self._receive(export, file, spool) for export, file in files.items()}
        for export, file in files.items():
            if self._ask(_look, file.path) != file:
                raise FilesNotReady(f"{self._place}: the file for {export} changed while it was read.")
        earliest = min(file.mtime_ns for file in files.values()) / 1e9
        extracted_at = self._settings.extracted_at or datetime.fromtimestamp(earliest, UTC)
        return Snapshot(self.name, extracted_at, received)

    @property
    def _place(self) -> str:
        return f"source {self.name}, its folder"

    def _newest(self, exports: Sequence[str]) -> dict[str, Dropped]:
        """Return the file of each export in the newest set that has them all."""
        found = {export: self._matching(export) for export in exports}
        marks = {mark for files in found.values() for mark in files if mark}
        whole = [chosen for mark in marks or {()} if (chosen := _one_set(found, mark))]
        if not whole:
            lacking = [export for export, files in found.items() if not files]
            what = f"no file for {', '.join(lacking)}" if lacking else "no set with a file for every export"
            raise FilesNotReady(f"{self._place}: {what}.")
        return max(whole, key=lambda chosen: max((file.mtime_ns, file.path.name) for file in chosen.values()))

    def _matching(self, export: str) -> dict[tuple[str, ...], Dropped]:
        pattern = re.compile("(.+)".join(map(re.escape, self._settings.patterns[export].split("*"))))
        folder = self._settings.folder
        present = set(self._ask(os.listdir, folder))
        files = {}
        for name in sorted(present):
            words = pattern.fullmatch(name)
            if words is None or name.endswith(".part") or f"{name}.part" in present:
                continue
            files[words.groups()] = self._ask(_look, folder / name)
        return files

    def _ask(self, look: Callable[..., T], *of: Path | int) -> T:
        try:
            return look(*of)
        except OSError:
            pass
        raise FilesNotReady(f"{self._place}: the folder or a file in it can not be read.")

    def _wait_until_settled(self, files: Mapping[str, Dropped]) -> None:
        """Look twice at files so young that they may still grow."""
        newest = max(file.mtime_ns for file in files.values()) / 1e9
        if abs(time.time() - newest) >= self._settings.settle_seconds:
            return
        time.sleep(self._settings.settle_seconds)
        for export, file in files.items():
            if self._ask(_look, file.path) != file:
                raise FilesNotReady(f"{self._place}: the file for {export} is still growing.")

    def _receive(self, export: str, file: Dropped, spool: Spool) -> Export:
        settings = self._settings
        expected_rows = self._expected_rows(file.path)
        with (
            self._ask(_open, file.path) as stream,
            Reception(self.name, export, spool, settings.layout, settings.ceilings) as reception,
        ):
            while chunk := self._ask(stream.read, PIECE_BYTES):
                reception.take(chunk)
            return reception.close(expected_rows)

    def _expected_rows(self, path: Path) -> int | None:
        words = self._ask(_words, path.with_name(f"{path.name}.rows"))
        if words and (not words.isdigit() or len(words) == LONGEST_COUNT):
            raise FilesNotReady(f"{self._place}: a .rows file does not hold a number.")
        return int(words) if words else None


def _one_set(
    found: Mapping[str, Mapping[tuple[str, ...], Dropped]], mark: tuple[str, ...]
) -> dict[str, Dropped]:
    """Return the files of one set, or nothing if one is lacking; a name without a star is of every set."""
    chosen = {export: files.get(mark) or files.get(()) for export, files in found.items()}
    whole = {export: file for export, file in chosen.items() if file is not None}
    return whole if len(whole) == len(found) else {}


def _look(path: Path) -> Dropped:
    """Return how the file stands. Errors: FileOutsideFolder for a link or anything that is not a file."""
    said = path.lstat()
    if not stat.S_ISREG(said.st_mode):
        raise FileOutsideFolder(OUTSIDE)
    return Dropped(path, said.st_size, said.st_mtime_ns)


def _words(path: Path) -> str:
    """Return what a .rows file says, or nothing if there is none. Errors: FileOutsideFolder."""
    if not os.path.lexists(path):
        return ""
    with _open(path) as stream:
        return stream.read(LONGEST_COUNT).decode("ascii", "replace").strip()


def _open(path: Path) -> BinaryIO:
    """Return the file opened for reading. Errors: FileOutsideFolder for a link or a pipe put in its place."""
    try:
        return open_plain_file(path)
    except NotPlain:
        pass
    raise FileOutsideFolder(OUTSIDE)
