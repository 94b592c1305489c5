"""Files that somebody hands over by name: a file, several, a folder of them, or an archive (.zip) of them.

They are opened as they are asked for and read once, from their first byte to their last. A folder or an
archive gives what lies in it and in the folders below it; links within a folder are not followed.
"""

import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, cast

from common.clock import LONDON
from common.errors import Answer, Failure
from connectors.errors import NotTheExport
from connectors.folder import TEMPORARY
from connectors.kinds import ZIP
from connectors.plain_files import is_plain_file, open_plain_file
from connectors.workbook_parts import Unpacking

MOST_FILES = 1_000
DEEPEST = 4
ENCRYPTED_FLAG = 0x1
WORKBOOK_PART = "[Content_Types].xml"
HIDDEN = (".", "__MACOSX")
PIECE_BYTES = 1 << 20
ASK_ANEW = "Name the exports by their files, or lay them into a folder of their own, and type it again."


class HandedUnreadable(NotTheExport):
    """A file or an archive that was handed over is damaged, under a password, or may not be opened."""

    code = "E396"
    title = "A file that was named cannot be read."
    remedy = "Unpack it, or save it anew without a password, and type it again."


class HandedTooMany(NotTheExport):
    """A folder or an archive holds so many files that it is none of exports."""

    code = "E397"
    title = "There are too many files in what was named."
    failure = Failure.CONFIG
    answer = Answer.PUT_RIGHT
    remedy = ASK_ANEW


@dataclass(frozen=True)
class Handed:
    """One file: its name, when it was written, how it is opened; `named`, whether it was itself asked for."""

    name: str
    written_at: datetime
    named: bool
    _open: Callable[[], BinaryIO] = field(repr=False)

    def pieces(self) -> Iterator[bytes]:
        """Yield the file's bytes. Errors: HandedUnreadable."""
        with _told(self.name), self._open() as stream:
            while piece := stream.read(PIECE_BYTES):
                yield piece


def handed_files(paths: list[Path]) -> list[Handed]:
    """Return the files that the paths stand for, in the order of their names within each.

    Errors: HandedUnreadable, HandedTooMany.
    """
    found = [file for path in paths for file in _files(path)]
    if len(found) > MOST_FILES:
        raise HandedTooMany(f"{len(found)} files; {MOST_FILES} are looked at.")
    return found


def _files(path: Path) -> Iterator[Handed]:
    if path.is_dir():
        for file in _within(path, DEEPEST):
            yield from _one(file, named=False)
    else:
        yield from _one(path.resolve(), named=True)


def _within(folder: Path, depth: int) -> Iterator[Path]:
    """Yield the plain files of a folder and of those below it; hidden and unfinished ones are passed over."""
    for path in sorted(folder.iterdir()):
        if TEMPORARY.fullmatch(path.name) or path.name.startswith(HIDDEN):
            continue
        if is_plain_file(path):
            yield path
        elif depth and path.is_dir() and not path.is_symlink():
            yield from _within(path, depth - 1)


def _one(path: Path, *, named: bool) -> Iterator[Handed]:
    with _told(path.name):
        with open_plain_file(path) as stream:
            packed = stream.read(len(ZIP)) == ZIP
        written_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        members = _members(path) if packed else None
    if members is None:
        yield Handed(path.name, written_at, named, lambda: open_plain_file(path))
        return
    for member in members:
        name, at = Path(member.filename).name, _packed_at(member) or written_at
        yield Handed(name, at, named=False, _open=lambda member=member: _unpacked(path, member))  # type: ignore[misc]


def _members(path: Path) -> list[zipfile.ZipInfo] | None:
    """Return the files of an archive by name; None where it is a workbook, which is packed as well."""
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
    if any(member.filename == WORKBOOK_PART for member in members):
        return None
    files = [member for member in members if not member.is_dir() and not _hidden(member.filename)]
    if any(member.flag_bits & ENCRYPTED_FLAG for member in files):
        raise HandedUnreadable(f"{path.name}: it is under a password.")
    return sorted(files, key=lambda member: member.filename)


def _hidden(name: str) -> bool:
    return any(part.startswith(HIDDEN) for part in name.split("/")) or bool(
        TEMPORARY.fullmatch(name.rpartition("/")[2])
    )


def _packed_at(member: zipfile.ZipInfo) -> datetime | None:
    """Return when the file was written, as far as the archive says; it tells the clock of whoever made it."""
    try:
        return datetime(*member.date_time, tzinfo=LONDON).astimezone(UTC)
    except ValueError:
        return None


def _unpacked(path: Path, member: zipfile.ZipInfo) -> BinaryIO:
    with zipfile.ZipFile(path) as archive:
        return cast(BinaryIO, archive.open(member))


@contextmanager
def _told(name: str) -> Iterator[None]:
    """Make what the system or the archive says of a file an error of ours, with its name alone."""
    wrong = False
    try:
        yield
    except Unpacking:
        wrong = True
    if wrong:
        raise HandedUnreadable(f"{name}: it cannot be opened, or not to its end.")
