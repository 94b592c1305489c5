"""A folder into which exports are dropped: the newest complete set, received whole.

A pattern's `*` says which set a file belongs to: `people-*.csv` and `referrals-*.csv` with the same words in
place of the star are one set. A file is taken only when it lies still: not under a temporary name, not beside
a `.part` or the lock of an office program, unchanged for as long as the settings say, and unchanged while it
is read. A newer set that is not complete is never passed over for an older one. `FILE.rows` may say how many
rows it holds, `FILE.sha256` what its digest is.
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

from common import clock
from connectors.errors import FileOutsideFolder, FilesNotReady
from connectors.file_errors import FileDiffers
from connectors.plain_files import NotPlain, open_plain_file
from connectors.reception import Reception
from connectors.settings import FolderSettings
from connectors.source import Export, Snapshot
from connectors.spool import Spool

PIECE_BYTES = 1 << 20
LONGEST_COUNT = 40
LONGEST_DIGEST = 500
TEMPORARY = re.compile(
    r"[.~].*|.*\.(?:part|partial|tmp|temp|crdownload|download|filepart|swp|lock|rows|sha256|done)",
    re.IGNORECASE,
)
UNFINISHED = re.compile(r"\.(?:part|partial|filepart)$", re.IGNORECASE)
DAY_SECONDS = 86_400
BESIDE_UNFINISHED = ("{}.part", "{}.filepart", "~${}", ".~lock.{}#")
DIGEST = re.compile(r"([0-9a-fA-F]{64})(?:[ \t].*)?", re.DOTALL)
OUTSIDE = "a file in the drop folder is a link, or no file at all; it was not opened."
T = TypeVar("T")


@dataclass(frozen=True)
class Dropped:
    """One dropped file as it stood when looked at; `ctime_ns` tells of any write, whatever time it bears."""

    path: Path
    size: int
    mtime_ns: int
    ctime_ns: int
    inode: tuple[int, int]


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
            no_set = "no set with a finished file for every export"
            what = f"no file for {', '.join(lacking)} that is finished" if lacking else no_set
            raise FilesNotReady(f"{self._place}: {what}.")
        newest = max(
            whole, key=lambda chosen: max((file.mtime_ns, file.path.name) for file in chosen.values())
        )
        self._refuse_passing_over(newest)
        self._refuse_too_old(newest)
        return newest

    def _refuse_passing_over(self, chosen: Mapping[str, Dropped]) -> None:
        """Errors: FilesNotReady, when a file of another set, finished or not, is newer than this one."""
        taken, newest = {file.path.name for file in chosen.values()}, max(f.mtime_ns for f in chosen.values())
        for name in self._ask(os.listdir, self._settings.folder):
            whole = UNFINISHED.sub("", name)
            export = next((one for one in chosen if self._pattern(one).fullmatch(whole)), None)
            if export is None or name in taken or TEMPORARY.fullmatch(whole):
                continue
            if self._ask(os.lstat, self._settings.folder / name).st_mtime_ns > newest:
                newer = f"a file for {export} is newer than the newest complete set, its own is not"
                raise FilesNotReady(f"{self._place}: {newer}.")

    def _refuse_too_old(self, chosen: Mapping[str, Dropped]) -> None:
        """Errors: FilesNotReady, when the set is older than the settings let it be."""
        days, oldest = self._settings.greatest_age_days, min(file.mtime_ns for file in chosen.values())
        if days is not None and clock.now().timestamp() - oldest / 1e9 > days * DAY_SECONDS:
            raise FilesNotReady(f"{self._place}: the newest complete set is more than {days} days old.")

    def _pattern(self, export: str) -> re.Pattern[str]:
        return re.compile("(.+)".join(map(re.escape, self._settings.patterns[export].split("*"))))

    def _matching(self, export: str) -> dict[tuple[str, ...], Dropped]:
        pattern, folder = self._pattern(export), self._settings.folder
        present = set(self._ask(os.listdir, folder))
        files = {}
        for name in sorted(present):
            words = pattern.fullmatch(name)
            if words is None or TEMPORARY.fullmatch(name) or not self._finished(name, present):
                continue
            files[words.groups()] = self._ask(_look, folder / name)
        return files

    def _finished(self, name: str, present: set[str]) -> bool:
        """Return whether nothing beside the file says that it is unfinished, and all stands that must."""
        unfinished = any(beside.format(name) in present for beside in BESIDE_UNFINISHED)
        return not unfinished and all(f"{name}.{said}" in present for said in self._settings.complete_with)

    def _ask(self, look: Callable[..., T], *of: Path | int) -> T:
        try:
            return look(*of)
        except OSError:
            pass
        raise FilesNotReady(f"{self._place}: the folder or a file in it can not be read.")

    def _wait_until_settled(self, files: Mapping[str, Dropped]) -> None:
        """Look twice at files so young that they may still grow."""
        now, settle = time.time(), self._settings.settle_seconds
        times = [at / 1e9 for file in files.values() for at in (file.mtime_ns, file.ctime_ns)]
        if all(abs(now - at) >= settle for at in times):
            return
        time.sleep(settle)
        for export, file in files.items():
            if self._ask(_look, file.path) != file:
                raise FilesNotReady(f"{self._place}: the file for {export} is still growing.")

    def _receive(self, export: str, file: Dropped, spool: Spool) -> Export:
        settings = self._settings
        expected_rows, digest = self._expected_rows(file.path), self._expected_digest(file.path)
        with (
            self._ask(_open, file.path) as stream,
            Reception(self.name, export, spool, settings.layout, settings.ceilings) as reception,
        ):
            self._refuse_changed(export, stream, file)
            while chunk := self._ask(stream.read, PIECE_BYTES):
                reception.take(chunk)
            self._refuse_changed(export, stream, file)
            if digest is not None and reception.sha256 != digest:
                raise FileDiffers(f"source {self.name}, export {export}.")
            return reception.close(expected_rows)

    def _refuse_changed(self, export: str, stream: BinaryIO, file: Dropped) -> None:
        """Errors: FilesNotReady, when what is open is no longer the file that was found."""
        if _dropped(file.path, os.fstat(stream.fileno())) != file:
            raise FilesNotReady(f"{self._place}: the file for {export} changed while it was read.")

    def _expected_digest(self, path: Path) -> str | None:
        words = self._ask(_words, path.with_name(f"{path.name}.sha256"), LONGEST_DIGEST)
        found = DIGEST.fullmatch(words)
        if words and found is None:
            raise FilesNotReady(f"{self._place}: a .sha256 file does not hold a digest.")
        return found[1].lower() if found else None

    def _expected_rows(self, path: Path) -> int | None:
        words = self._ask(_words, path.with_name(f"{path.name}.rows"))
        if words and (not words.isdecimal() or len(words) == LONGEST_COUNT):
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
    return _dropped(path, said)


def _dropped(path: Path, said: os.stat_result) -> Dropped:
    inode = said.st_dev, said.st_ino
    return Dropped(path, said.st_size, said.st_mtime_ns, said.st_ctime_ns, inode)


def _words(path: Path, longest: int = LONGEST_COUNT) -> str:
    """Return what a file beside another says, or nothing if there is none. Errors: FileOutsideFolder."""
    if not os.path.lexists(path):
        return ""
    with _open(path) as stream:
        return stream.read(longest).decode("ascii", "replace").strip()


def _open(path: Path) -> BinaryIO:
    """Return the file opened for reading. Errors: FileOutsideFolder for a link or a pipe put in its place."""
    try:
        return open_plain_file(path)
    except NotPlain:
        pass
    raise FileOutsideFolder(OUTSIDE)
