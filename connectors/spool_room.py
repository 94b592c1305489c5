"""The room of a spool on its disk: a ceiling, what must stay free, and places that can be used again."""

import shutil
from bisect import bisect_left
from dataclasses import dataclass
from pathlib import Path

from connectors.settings import MIB
from connectors.spool_errors import SpaceShort, SpoolFull

LOOK_EVERY_BYTES = 64 * MIB
NO_CEILING = 1 << 62


@dataclass(frozen=True)
class Ceiling:
    """How much a spool may hold on disk, and how much of the disk it must leave free, in bytes."""

    most_bytes: int = NO_CEILING
    free_bytes: int = 0


class Room:
    """Which places of the spool's file are free. Not for several threads at once."""

    def __init__(self, folder: Path, ceiling: Ceiling) -> None:
        self._folder, self._ceiling = folder, ceiling
        self._free: list[tuple[int, int]] = []
        self._until_look = 0
        self.end = 0

    def require_free(self) -> None:
        """See that the disk has as much free room as it must. Errors: SpaceShort."""
        there = next(path for path in (self._folder, *self._folder.parents) if path.exists())
        free = shutil.disk_usage(there).free
        if free < self._ceiling.free_bytes:
            told = f"{free // MIB} MiB are free, {self._ceiling.free_bytes // MIB} MiB must be"
            raise SpaceShort(f"{self._folder.name}: {told}.")
        self._until_look = LOOK_EVERY_BYTES

    def take(self, length: int) -> int:
        """Return where so many bytes may stand: the smallest free place that holds them, else the end.

        Errors: SpoolFull, SpaceShort.
        """
        at = bisect_left(self._free, (length, 0))
        if at < len(self._free):
            size, offset = self._free.pop(at)
            self._keep(size - length, offset + length)
            return offset
        if self.end + length > self._ceiling.most_bytes:
            raise SpoolFull(f"{self._ceiling.most_bytes // MIB} MiB may wait on disk.")
        self._until_look -= length
        if self._until_look < 0:
            self.require_free()
        self.end += length
        return self.end - length

    def give_back(self, offset: int, length: int) -> None:
        """Let others use a place whose bytes nobody will read again."""
        self._keep(length, offset)

    def _keep(self, size: int, offset: int) -> None:
        if size:
            self._free.insert(bisect_left(self._free, (size, offset)), (size, offset))
