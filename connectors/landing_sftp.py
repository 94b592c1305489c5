"""The landing zone on an SFTP server: what is put there is read back before the manifest may follow.

Below its folder no link is followed: what is not a plain file in a plain folder is not there. Who else may
write there is the server's to say; a link put there between a look and a use is met by the seal and the
signature, not by us.
"""

import hashlib
import secrets
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeVar

from common.files import PART
from connectors.landing_errors import LandingKeepsNothing, LandingRefusesUs, LandingUnavailable
from connectors.landing_zone import LandingZone
from connectors.plain_files import NotPlain
from connectors.sftp_line import SftpLine
from connectors.sftp_settings import SftpSettings
from connectors.sftp_told import Faults
from connectors.sftp_words import Words, read_pieces

T = TypeVar("T")
FAULTS = Faults(away=LandingUnavailable, credentials=LandingRefusesUs)


class LandingSftp(LandingZone):
    """A landing zone on an SFTP server."""

    def __init__(self, settings: SftpSettings) -> None:
        super().__init__(SftpFiles(SftpLine(settings, FAULTS), settings.folder))


@dataclass(frozen=True)
class _Given:
    """Bytes of ours on their way: how many they are, what they come to, and how to read them once more."""

    size: int
    sha256: bytes
    pieces: Callable[[], Iterator[bytes]] = field(repr=False)


class SftpFiles:
    """Files below a folder of an SFTP server, each read back whole before it has its name."""

    may_look = True

    def __init__(self, line: SftpLine, folder: str) -> None:
        self._line, self._folder = line, folder

    def is_file(self, place: str) -> bool:
        """Return whether a plain file has this name."""
        seen = self._ask(lambda words: words.look(self._path(place)))
        return seen is not None and seen.is_file

    def is_folder(self, place: str) -> bool:
        """Return whether a folder, and no link to one, has this name; the zone's own may be a link."""
        seen = self._ask(lambda words: words.look(self._path(place or ".")))
        return seen is not None and seen.is_folder

    def names(self, folder: str) -> list[str]:
        """Return every name in the folder, sorted."""
        return self._ask(lambda words: words.names(self._path(folder)))

    def read(self, place: str, most: int) -> bytes | None:
        """Return a plain file's bytes; None if it is absent, of another kind, or larger than the most."""
        return self._ask(lambda words: words.content(self._path(place), most))

    def refuse_links(self, *folders: str) -> None:
        """Errors: NotPlain, when a link or a file stands where one of these folders should."""
        for path in map(self._path, folders):
            seen = self._ask(partial(Words.look, path=path))
            if seen is not None and not seen.is_folder:
                raise NotPlain

    def make_folder(self, folder: str) -> None:
        """Make the folder and those above it, where they are absent."""
        path = self._path(folder)

        async def make(words: Words) -> None:
            if await words.look(path) is None:
                for end in [at for at, mark in enumerate(path) if mark == "/" and at] + [len(path)]:
                    await words.make_folder(path[:end])

        self._ask(make)

    def bring(self, place: str, source: Path) -> None:
        """Put a file of ours there whole, unless the same bytes are there already."""
        with source.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").digest()
        self._put(place, _Given(source.stat().st_size, digest, lambda: read_pieces(source)))

    def write(self, place: str, content: bytes) -> None:
        """Put these bytes there whole: a reader finds what was there before, or all of them."""
        self._put(place, _Given(len(content), hashlib.sha256(content).digest(), lambda: iter([content])))

    def remove(self, place: str) -> None:
        """Remove a file, a link or a pipe; a folder stays, for nobody of ours makes one there."""

        async def remove(words: Words) -> None:
            seen = await words.look(self._path(place))
            if seen is not None and not seen.is_folder:
                await words.remove(self._path(place))

        self._ask(remove)

    def clear_parts(self, folder: str) -> None:
        """Remove what a killed writer left unfinished in the folder."""
        if self.is_folder(folder):
            for name in self.names(folder):
                if name.startswith(".") and name.endswith(PART):
                    self.remove(f"{folder}/{name}")

    def settle(self, *folders: str) -> None:
        """Do nothing: SFTP knows no way to ask that names be durable; the receipt tells that they were."""

    def close(self) -> None:
        """Hang up."""
        self._line.close()

    def _put(self, place: str, given: _Given) -> None:
        """Write beside, read back, give it its name, see that it is there; the same bytes change nothing.

        Errors: LandingKeepsNothing, when what was written is not what is read.
        """
        final = self._path(place)
        above, _, name = final.rpartition("/")
        part = f"{above}/.{name}.{secrets.token_hex(8)}{PART}"

        async def put(words: Words) -> None:
            if await words.digest(final, given.size) == given.sha256:
                return
            await words.write(part, given.pieces)
            if await words.digest(part, given.size) != given.sha256:
                raise LandingKeepsNothing(f"{place}: it was written, and other bytes or none came back.")
            await words.rename(part, final)
            seen = await words.look(final)
            if seen is None or not seen.is_file or seen.size != given.size:
                raise LandingKeepsNothing(f"{place}: it was given its name, and is not there.")

        self.make_folder(place.rpartition("/")[0])
        self._ask(put)

    def _ask(self, work: Callable[[Words], Awaitable[T]]) -> T:
        return self._line.ask(work)

    def _path(self, place: str) -> str:
        return f"{self._folder.rstrip('/')}/{place}" if place else self._folder
