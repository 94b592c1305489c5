"""Files dropped into a folder of an SFTP server: streamed into the spool, never laid down in clear.

SFTP tells a file's size and the second of its time, and nothing of its last write; the server's clock is not
ours. So a file is always looked at twice before it is read, and one handle reads it from first byte to last.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

from connectors.drops import OUTSIDE, Changed, Dropped, Unreadable
from connectors.errors import (
    AccessRefused,
    CredentialsRefused,
    FileOutsideFolder,
    SourceTooSlow,
    SourceUnavailable,
)
from connectors.reception import Reception
from connectors.sftp_line import SftpLine
from connectors.sftp_settings import SftpSettings
from connectors.sftp_told import Faults
from connectors.sftp_words import ABSENT, Opened, Seen, Words

T = TypeVar("T")
FAULTS = Faults(
    away=SourceUnavailable, credentials=CredentialsRefused, denied=AccessRefused, slow=SourceTooSlow
)


class SftpDrops:
    """The files of one folder of an SFTP server."""

    place = "its folder on the SFTP server"

    def __init__(self, settings: SftpSettings) -> None:
        self._line, self._folder = SftpLine(settings, FAULTS), settings.folder

    def listing(self) -> Mapping[str, Dropped]:
        """Return everything in the folder, by name."""
        seen = self._ask(lambda words: words.listing(self._folder))
        return {name: _dropped(name, one) for name, one in seen.items()}

    def look(self, name: str) -> Dropped:
        """Return how one name stands now, no link followed."""
        seen = self._ask(lambda words: words.look(self._path(name)))
        if seen is None:
            raise Unreadable
        return _dropped(name, seen)

    def may_still_grow(self, file: Dropped, seconds: float) -> bool:  # noqa: ARG002 - see above
        """Return yes: what the server tells of a file never says for certain that it lies still."""
        return seconds > 0

    def words(self, name: str, most: int) -> bytes | None:
        """Return the first bytes of a plain file, None if nothing has this name."""

        async def read(words: Words) -> bytes | None:
            seen = await words.look(self._path(name))
            if seen is None:
                return None
            if not seen.is_file:
                raise FileOutsideFolder(OUTSIDE)
            async with words.opened(self._path(name)) as file:
                return await file.read(most, 0)

        return self._ask(read)

    def bring(self, file: Dropped, begin: Callable[[], Reception]) -> Reception:
        """Return a reception that took the whole file, begun anew where the line was cut. Errors: Changed."""

        async def brought(words: Words) -> Reception:
            async with words.opened(self._path(file.name)) as opened:
                with begin() as reception:
                    await _hold_to(file, opened)
                    async for piece in opened.pieces():
                        reception.take(piece)
                    await _hold_to(file, opened)
            return reception

        return self._ask(brought)

    def close(self) -> None:
        """Hang up."""
        self._line.close()

    def _ask(self, work: Callable[[Words], Awaitable[T]]) -> T:
        """Return what the work comes to. Errors: Unreadable, if the folder or the file is not there."""

        async def asked(words: Words) -> T:
            try:
                return await work(words)
            except ABSENT:
                raise Unreadable from None

        return self._line.ask(asked)

    def _path(self, name: str) -> str:
        return f"{self._folder.rstrip('/')}/{name}"


async def _hold_to(file: Dropped, opened: Opened) -> None:
    """Errors: Changed, when what is open is no longer the file that was found."""
    if _dropped(file.name, await opened.seen()) != file:
        raise Changed


def _dropped(name: str, seen: Seen) -> Dropped:
    return Dropped(name, seen.is_file, seen.size, seen.mtime_ns)
