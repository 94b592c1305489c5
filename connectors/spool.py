"""Where bytes wait during a run: in memory while they are few, else on disk under a key held only in memory.

The file on disk has no name where the system allows it, and vanishes when the spool closes or the process
dies. Each frame is AES-256-GCM under this spool's random key with a number of its own; its place, length and
number are kept in memory, so a frame that was changed, cut, swapped or replayed does not open.
"""

import io
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, BinaryIO, Self, cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from common.files import private_folder
from connectors.errors import SpoolDamaged
from connectors.spool_room import Ceiling, Room

FRAME_BYTES = 1 << 20
DIRECT_BYTES = 1 << 18
IN_MEMORY_BYTES = 32 << 20
Bytes = bytes | bytearray | memoryview


@dataclass(frozen=True, slots=True)
class Frame:
    """Where one sealed frame stands on disk; `number` is its nonce, used once."""

    number: int
    offset: int
    length: int


class Spool:
    """Encrypted storage for one run. Use as a context manager; closing it forgets everything."""

    def __init__(
        self, folder: Path, *, in_memory_bytes: int = IN_MEMORY_BYTES, ceiling: Ceiling | None = None
    ) -> None:
        self._folder = folder
        self._room = in_memory_bytes
        self._on_disk = Room(folder, ceiling or Ceiling())
        self._cipher: AESGCM | None = AESGCM(AESGCM.generate_key(256))
        self._file: IO[bytes] | None = None
        self._frames = 0
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"Spool(bytes_on_disk={self.bytes_on_disk})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def bytes_on_disk(self) -> int:
        """Return the most that has stood on disk at once: its file never shrinks while it is open."""
        return self._on_disk.end

    def require_room(self) -> None:
        """See that the disk has as much free room as the site wants. Errors: SpaceShort."""
        self._on_disk.require_free()

    def writer(self) -> "SpoolWriter":
        """Return a new writer; what it wrote is read from what its `close` returns."""
        return SpoolWriter(self)

    def close(self) -> None:
        """Forget the key and remove the file; what was written can no longer be read."""
        with self._lock:
            self._cipher = None
            if self._file is not None:
                self._file.close()

    def claim(self, length: int) -> bool:
        """Return whether so many bytes may stay in memory, and if so count them."""
        with self._lock:
            fits = length <= self._room
            self._room -= length if fits else 0
            return fits

    def give_back(self, length: int) -> None:
        """Count bytes that no longer stay in memory."""
        with self._lock:
            self._room += length

    def let_go(self, frame: Frame) -> None:
        """Let others use the place of a frame that nobody will read again."""
        with self._lock:
            self._on_disk.give_back(frame.offset, frame.length)

    def seal(self, plain: Bytes) -> Frame:
        """Return where the bytes now stand on disk, sealed. Errors: SpoolFull, SpaceShort."""
        cipher = self._open_cipher()
        with self._lock:
            self._frames += 1
            number = self._frames
        sealed = cipher.encrypt(_nonce(number), plain, None)
        with self._lock:
            if self._file is None:
                folder = private_folder(self._folder)
                self._file = tempfile.TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115
            frame = Frame(number, self._on_disk.take(len(sealed)), len(sealed))
            self._write(frame.offset, memoryview(sealed))
        return frame

    def unseal(self, frame: Frame) -> bytes:
        """Return the bytes of a frame. Errors: SpoolDamaged if they are not the ones written."""
        cipher = self._open_cipher()
        with self._lock:
            sealed = b""
            if self._file is not None and not self._file.closed:
                self._file.seek(frame.offset)
                sealed = self._file.read(frame.length)
        plain: bytes | None = None
        try:
            plain = cipher.decrypt(_nonce(frame.number), sealed, None)
        except (InvalidTag, ValueError):
            plain = None
        if plain is None:
            raise SpoolDamaged("the spool of this run")
        return plain

    def _write(self, offset: int, sealed: memoryview) -> None:
        assert self._file is not None  # noqa: S101
        self._file.seek(offset)
        while sealed:
            sealed = sealed[self._file.write(sealed) :]

    def _open_cipher(self) -> AESGCM:
        cipher = self._cipher
        if cipher is None:
            raise SpoolDamaged("the spool of this run has been closed")
        return cipher


class SpoolWriter:
    """Bytes on their way into the spool, as one stream or as blobs."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        self._parts: list[bytes | Frame] = []
        self._buffer = bytearray()
        self._lengths: list[int] = []
        self._size = 0

    def write(self, data: Bytes) -> int:
        """Append bytes to the stream and return how many."""
        view = memoryview(data).cast("B")
        for start in range(0, len(view), FRAME_BYTES):
            piece = view[start : start + FRAME_BYTES]
            if len(piece) >= DIRECT_BYTES:
                self._flush()
                self._put(piece)
            else:
                self._buffer += piece
                if len(self._buffer) >= FRAME_BYTES:
                    self._flush()
        self._size += len(view)
        return len(view)

    def write_blob(self, blob: Bytes) -> None:
        """Append bytes that `Spooled.blobs` will give back as one."""
        self._lengths.append(self.write(blob))

    def close(self) -> "Spooled":
        """Return what was written, ready to be read as often as needed."""
        self._flush()
        return Spooled(self._spool, self._parts, self._lengths, self._size)

    def _flush(self) -> None:
        if self._buffer:
            self._put(self._buffer)
            self._buffer = bytearray()

    def _put(self, piece: Bytes) -> None:
        on_disk = bool(self._parts) and isinstance(self._parts[-1], Frame)
        if not on_disk and self._spool.claim(len(piece)):
            self._parts.append(bytes(piece))
        else:
            self._parts.append(self._spool.seal(piece))


@dataclass(frozen=True)
class Spooled:
    """Bytes in the spool, re-readable until the spool closes."""

    _spool: Spool = field(repr=False)
    _parts: list[bytes | Frame] = field(repr=False)
    _lengths: list[int] = field(repr=False)
    size: int

    def open(self) -> BinaryIO:
        """Return a new stream of the bytes, from their beginning."""
        return cast(BinaryIO, io.BufferedReader(_Reader(self), FRAME_BYTES))

    def frames(self) -> Iterator[bytes]:
        """Return the bytes in pieces. Errors: SpoolDamaged."""
        for part in self._parts:
            yield part if isinstance(part, bytes) else self._spool.unseal(part)

    def blobs(self) -> Iterator[bytes]:
        """Return the blobs in the order they were written. Errors: SpoolDamaged."""
        stream = self.open()
        for length in self._lengths:
            yield stream.read(length)

    def discard(self) -> None:
        """Let go of what stays in memory or on disk; the bytes can not be read again."""
        self._spool.give_back(sum(len(part) for part in self._parts if isinstance(part, bytes)))
        for part in self._parts:
            if isinstance(part, Frame):
                self._spool.let_go(part)
        self._parts.clear()
        self._lengths.clear()


class _Reader(io.RawIOBase):
    """The frames of one Spooled as a raw stream."""

    def __init__(self, spooled: Spooled) -> None:
        self._frames = spooled.frames()
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, target: "memoryview | bytearray") -> int:  # type: ignore[override]
        while not self._rest:
            piece = next(self._frames, None)
            if piece is None:
                return 0
            self._rest = memoryview(piece)
        count = min(len(target), len(self._rest))
        target[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count


def _nonce(number: int) -> bytes:
    return number.to_bytes(12, "big")
