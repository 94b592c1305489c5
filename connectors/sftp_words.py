"""What is asked of an SFTP server, in few words; an answer comes within the silence allowed, or never."""

import asyncio
import hashlib
import stat
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TypeVar, cast

from asyncssh import (
    FXF_CREAT,
    FXF_READ,
    FXF_TRUNC,
    FXF_WRITE,
    SFTPAttrs,
    SFTPClient,
    SFTPClientFile,
    SFTPFailure,
    SFTPNoSuchFile,
    SFTPNoSuchPath,
    SFTPOpUnsupported,
)

T = TypeVar("T")
PIECE_BYTES = 1 << 20
MOST_NAMES = 1_000_000
ABSENT = (SFTPNoSuchFile, SFTPNoSuchPath)


@dataclass(frozen=True)
class Seen:
    """What stands under a name: a plain file, a plain folder or something else; its size and its times."""

    is_file: bool
    is_folder: bool
    size: int
    mtime_ns: int = 0


class TooMuch(OSError):
    """A folder of the server holds more names than any of ours can."""


class Words:
    """One SFTP client, its paths below the account's own folder or from the root."""

    def __init__(self, client: SFTPClient, silence_seconds: float) -> None:
        self._client, self._silence = client, silence_seconds

    async def look(self, path: str) -> Seen | None:
        """Return what stands under the name, no link followed; None if nothing does."""
        try:
            return _seen(await self._soon(self._client.lstat(path)))
        except ABSENT:
            return None

    async def names(self, folder: str) -> list[str]:
        """Return every name in the folder, sorted. Errors: TooMuch."""
        return sorted(await self.listing(folder))

    async def listing(self, folder: str) -> dict[str, Seen]:
        """Return what stands under every name in the folder, no link followed. Errors: TooMuch."""
        found: dict[str, Seen] = {}
        entries = self._client.scandir(folder)
        while (entry := await self._soon(anext(entries, None))) is not None:
            found[str(entry.filename)] = _seen(entry.attrs)
            if len(found) > MOST_NAMES:
                raise TooMuch
        return {name: seen for name, seen in found.items() if name not in {".", ".."}}

    async def pieces(self, path: str, most: int) -> AsyncIterator[bytes]:
        """Yield a plain file's bytes, and no further once they are more than the most.

        Nothing comes of a link or another kind, even of one that was put there just now.
        """
        async with self.opened(path) as file:
            plain = (await file.seen()).is_file
            if plain:
                async for piece in file.pieces(most):
                    yield piece
        if not plain:
            raise SFTPNoSuchFile("")

    @asynccontextmanager
    async def opened(self, path: str) -> "AsyncIterator[Opened]":
        """Yield a file that is open for reading, whatever becomes of its name."""
        async with self._opened(path, FXF_READ) as file:
            yield Opened(file, self._silence)

    async def content(self, path: str, most: int) -> bytes | None:
        """Return a plain file's bytes; None if it is absent, of another kind, or larger than the most."""
        content = bytearray()
        try:
            async for piece in self._of_plain_file(path, most):
                content += piece
        except ABSENT:
            return None
        return bytes(content) if len(content) <= most else None

    async def digest(self, path: str, most: int) -> bytes | None:
        """Return the SHA-256 of a plain file; None if it is absent, of another kind, or larger."""
        digest, size = hashlib.sha256(), 0
        try:
            async for piece in self._of_plain_file(path, most):
                digest.update(piece)
                size += len(piece)
        except ABSENT:
            return None
        return digest.digest() if size <= most else None

    async def _of_plain_file(self, path: str, most: int) -> AsyncIterator[bytes]:
        """Yield the pieces of what is a plain file of no more than this. Errors: those of ABSENT."""
        seen = await self.look(path)
        if seen is None or not seen.is_file or seen.size > most:
            raise SFTPNoSuchFile("")
        async for piece in self.pieces(path, most):
            yield piece

    async def write(self, path: str, pieces: Callable[[], Iterator[bytes]]) -> None:
        """Write the pieces to a file of this name, from its start; synced where the server knows how."""
        async with self._opened(path, FXF_WRITE | FXF_CREAT | FXF_TRUNC) as file:
            at = 0
            for piece in pieces():
                await self._soon(file.write(piece, at))
                at += len(piece)
            with suppress(SFTPOpUnsupported):
                await self._soon(file.fsync())

    async def rename(self, old: str, new: str) -> None:
        """Give a file another name, in one step where the server knows how; what had that name goes."""
        try:
            await self._soon(self._client.posix_rename(old, new))
        except SFTPOpUnsupported:
            await self.remove(new)
            await self._soon(self._client.rename(old, new))

    async def remove(self, path: str) -> None:
        """Remove a file or a link; once more changes nothing."""
        with suppress(*ABSENT):
            await self._soon(self._client.remove(path))

    async def make_folder(self, path: str) -> None:
        """Make the folder if nothing stands there. Errors: those of the server, if it is no folder then."""
        if await self.look(path) is not None:
            return
        try:
            await self._soon(self._client.mkdir(path))
        except SFTPFailure:
            seen = await self.look(path)
            if seen is None or not seen.is_folder:
                raise

    async def _soon(self, answer: Awaitable[T]) -> T:
        return await _within(self._silence, answer)

    @asynccontextmanager
    async def _opened(self, path: str, how: int) -> AsyncIterator[SFTPClientFile]:
        file = await self._soon(self._client.open(path, how, encoding=None))
        yield file
        await self._soon(file.close())


class Opened:
    """A file of the server that is open: the same file until it is closed."""

    def __init__(self, file: SFTPClientFile, silence_seconds: float) -> None:
        self._file, self._silence = file, silence_seconds

    async def seen(self) -> Seen:
        """Return how the open file stands."""
        return _seen(await _within(self._silence, self._file.stat()))

    async def read(self, size: int, at: int) -> bytes:
        """Return so many bytes from there, or fewer."""
        return cast(bytes, await _within(self._silence, self._file.read(size, at)))

    async def pieces(self, most: int | None = None) -> AsyncIterator[bytes]:
        """Yield the bytes from the first on, and no further once they are more than the most."""
        at = 0
        while (most is None or at <= most) and (piece := await self.read(PIECE_BYTES, at)):
            at += len(piece)
            yield piece


async def _within(silence_seconds: float, answer: Awaitable[T]) -> T:
    async with asyncio.timeout(silence_seconds):
        return await answer


def read_pieces(source: Path) -> Iterator[bytes]:
    """Yield the bytes of a file of ours."""
    with source.open("rb") as stream:
        yield from _of(stream)


def _of(stream: BinaryIO) -> Iterator[bytes]:
    while piece := stream.read(PIECE_BYTES):
        yield piece


def _seen(said: SFTPAttrs) -> Seen:
    """Return what the server says; a kind that it does not tell is none of ours."""
    mode = said.permissions or 0
    nanoseconds = int(said.mtime or 0) * 1_000_000_000 + int(said.mtime_ns or 0)
    return Seen(stat.S_ISREG(mode), stat.S_ISDIR(mode), int(said.size or 0), nanoseconds)
