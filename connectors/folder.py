"""A folder into which exports are dropped: the newest complete set, received whole.

A pattern's `*` says which set a file belongs to: `people-*.csv` and `referrals-*.csv` with the same words in
place of the star are one set. A file is taken only when it lies still: not under a temporary name, not beside
a `.part` or the lock of an office program, unchanged for as long as the settings say, and unchanged while it
is read. A newer set that is not complete is never passed over for an older one. `FILE.rows` may say how many
rows it holds, `FILE.sha256` what its digest is. Where the folder lies is no matter: on this machine, or on a
server; what is the same for both stands here, once.
"""

import re
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TypeVar

from common import clock
from connectors.drops import OUTSIDE, Changed, Dropped, Drops, Unreadable
from connectors.drops_folder import FolderDrops
from connectors.errors import FileOutsideFolder, FilesNotReady
from connectors.file_errors import FileDiffers
from connectors.reception import Reception
from connectors.settings import FolderSettings
from connectors.source import Export, Snapshot
from connectors.spool import Spool

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
T = TypeVar("T")


class DropFolder:
    """A source that gives what was dropped into its folder."""

    def __init__(self, settings: FolderSettings, drops: Drops | None = None) -> None:
        self._settings = settings
        self._drops = drops or FolderDrops(Path(settings.folder))
        self.name = settings.name

    def check(self) -> None:
        """See that a complete set is there. Errors: FilesNotReady, FileOutsideFolder, those of the line."""
        try:
            self._newest(list(self._settings.patterns))
        finally:
            self._drops.close()

    def pull(self, spool: Spool, exports: Sequence[str]) -> Snapshot:
        """Return the newest complete set.

        Errors: FilesNotReady (exit 20), NotTheExport (22), and those of the line to a server.
        """
        try:
            files = self._newest(exports)
            self._wait_until_settled(files)
            received = {export: self._receive(export, file, spool) for export, file in files.items()}
            self._hold_to(files, "changed while it was read")
        finally:
            self._drops.close()
        earliest = min(file.mtime_ns for file in files.values()) / 1e9
        extracted_at = self._settings.extracted_at or datetime.fromtimestamp(earliest, UTC)
        return Snapshot(self.name, extracted_at, received)

    @property
    def _place(self) -> str:
        return f"source {self.name}, {self._drops.place}"

    def _newest(self, exports: Sequence[str]) -> dict[str, Dropped]:
        """Return the file of each export in the newest set that has them all."""
        present = self._ask(self._drops.listing)
        found = {export: self._matching(export, present) for export in exports}
        marks = {mark for files in found.values() for mark in files if mark}
        whole = [chosen for mark in marks or {()} if (chosen := _one_set(found, mark))]
        if not whole:
            lacking = [export for export, files in found.items() if not files]
            no_set = "no set with a finished file for every export"
            what = f"no file for {', '.join(lacking)} that is finished" if lacking else no_set
            raise FilesNotReady(f"{self._place}: {what}.")
        newest = max(whole, key=lambda chosen: max((file.mtime_ns, file.name) for file in chosen.values()))
        self._refuse_passing_over(newest, present)
        self._refuse_too_old(newest)
        return newest

    def _refuse_passing_over(self, chosen: Mapping[str, Dropped], present: Mapping[str, Dropped]) -> None:
        """Errors: FilesNotReady, when a file of another set, finished or not, is newer than this one."""
        taken, newest = {file.name for file in chosen.values()}, max(f.mtime_ns for f in chosen.values())
        for name, one in present.items():
            whole = UNFINISHED.sub("", name)
            export = next((one for one in chosen if self._pattern(one).fullmatch(whole)), None)
            if export is None or name in taken or TEMPORARY.fullmatch(whole):
                continue
            if one.mtime_ns > newest:
                newer = f"a file for {export} is newer than the newest complete set, its own is not"
                raise FilesNotReady(f"{self._place}: {newer}.")

    def _refuse_too_old(self, chosen: Mapping[str, Dropped]) -> None:
        """Errors: FilesNotReady, when the set is older than the settings let it be."""
        days, oldest = self._settings.greatest_age_days, min(file.mtime_ns for file in chosen.values())
        if days is not None and clock.now().timestamp() - oldest / 1e9 > days * DAY_SECONDS:
            raise FilesNotReady(f"{self._place}: the newest complete set is more than {days} days old.")

    def _pattern(self, export: str) -> re.Pattern[str]:
        return pattern_of(self._settings.patterns[export])

    def _matching(self, export: str, present: Mapping[str, Dropped]) -> dict[tuple[str, ...], Dropped]:
        """Return the finished files of an export, by what its stars stand for. Errors: FileOutsideFolder."""
        pattern, files = self._pattern(export), {}
        for name in sorted(present):
            words = pattern.fullmatch(name)
            if words is None or TEMPORARY.fullmatch(name) or not self._finished(name, present):
                continue
            if not present[name].is_plain:
                raise FileOutsideFolder(OUTSIDE)
            files[words.groups()] = present[name]
        return files

    def _finished(self, name: str, present: Mapping[str, Dropped]) -> bool:
        """Return whether nothing beside the file says that it is unfinished, and all stands that must."""
        unfinished = any(beside.format(name) in present for beside in BESIDE_UNFINISHED)
        return not unfinished and all(f"{name}.{said}" in present for said in self._settings.complete_with)

    def _ask(self, ask: Callable[[], T]) -> T:
        try:
            return ask()
        except Unreadable:
            pass
        raise FilesNotReady(f"{self._place}: the folder or a file in it can not be read.")

    def _wait_until_settled(self, files: Mapping[str, Dropped]) -> None:
        """Look twice at files that may still grow."""
        settle = self._settings.settle_seconds
        if any(self._drops.may_still_grow(file, settle) for file in files.values()):
            time.sleep(settle)
            self._hold_to(files, "is still growing")

    def _hold_to(self, files: Mapping[str, Dropped], otherwise: str) -> None:
        """Errors: FilesNotReady, when a file is no longer the one that was found."""
        for export, file in files.items():
            now = self._ask(partial(self._drops.look, file.name))
            if not now.is_plain:
                raise FileOutsideFolder(OUTSIDE)
            if now != file:
                raise FilesNotReady(f"{self._place}: the file for {export} {otherwise}.")

    def _receive(self, export: str, file: Dropped, spool: Spool) -> Export:
        settings = self._settings
        expected_rows, digest = self._expected_rows(file.name), self._expected_digest(file.name)
        with self._brought(
            export,
            file,
            lambda: Reception(self.name, export, spool, settings.layout, settings.ceilings),
        ) as reception:
            if digest is not None and reception.sha256 != digest:
                raise FileDiffers(f"source {self.name}, export {export}.")
            return reception.close(expected_rows)

    def _brought(self, export: str, file: Dropped, begin: Callable[[], Reception]) -> Reception:
        """Return a reception of the whole file. Errors: FilesNotReady, when it changed on the way."""
        try:
            return self._ask(lambda: self._drops.bring(file, begin))
        except Changed:
            pass
        raise FilesNotReady(f"{self._place}: the file for {export} changed while it was read.")

    def _expected_digest(self, name: str) -> str | None:
        words = self._words(f"{name}.sha256", LONGEST_DIGEST)
        found = DIGEST.fullmatch(words)
        if words and found is None:
            raise FilesNotReady(f"{self._place}: a .sha256 file does not hold a digest.")
        return found[1].lower() if found else None

    def _expected_rows(self, name: str) -> int | None:
        words = self._words(f"{name}.rows", LONGEST_COUNT)
        if words and (not words.isdecimal() or len(words) == LONGEST_COUNT):
            raise FilesNotReady(f"{self._place}: a .rows file does not hold a number.")
        return int(words) if words else None

    def _words(self, name: str, most: int) -> str:
        """Return what a file beside another says, or nothing if there is none. Errors: FileOutsideFolder."""
        content = self._ask(partial(self._drops.words, name, most))
        return (content or b"").decode("ascii", "replace").strip()


def pattern_of(said: str) -> re.Pattern[str]:
    """Return which names a declared name stands for: its stars are any words, kept as groups."""
    return re.compile("(.+)".join(map(re.escape, said.split("*"))))


def _one_set(
    found: Mapping[str, Mapping[tuple[str, ...], Dropped]], mark: tuple[str, ...]
) -> dict[str, Dropped]:
    """Return the files of one set, or nothing if one is lacking; a name without a star is of every set."""
    chosen = {export: files.get(mark) or files.get(()) for export, files in found.items()}
    whole = {export: file for export, file in chosen.items() if file is not None}
    return whole if len(whole) == len(found) else {}
