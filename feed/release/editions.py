"""The editions of a period on disk: the one in force under the period's name, earlier ones kept beside.

    var/feed/PERIOD/            the edition in force
    var/feed/earlier/PERIOD/N/  edition N, as it was when it was in force

A new edition is written into a folder of its own, synced, and only then takes the name; a kill leaves the
edition before, or the new one, and the next build finishes or clears what it finds.
"""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from common.files import fsync_folder, made_folder, write_atomic

BUILDING, EARLIER = ".building", "earlier"


@dataclass(frozen=True)
class Editions:
    """The editions of one period, under the folder of all releases."""

    feed: Path
    period: str

    @property
    def current(self) -> Path:
        """Where the edition in force is, or would be."""
        return self.feed / self.period

    @property
    def earlier(self) -> Path:
        """Where those before it are kept, each under its number."""
        return self.feed / EARLIER / self.period

    @property
    def _building(self) -> Path:
        return self.feed / BUILDING / self.period

    def numbers(self) -> list[int]:
        """Return the numbers of the earlier editions, in their order."""
        found = self.earlier.iterdir() if self.earlier.is_dir() else ()
        return sorted(int(path.name) for path in found if path.name.isdigit())

    def settle(self) -> None:
        """Finish what a kill interrupted: between two renames the new edition is whole, without its name."""
        if not self.current.exists() and self.numbers():
            whole = self._building if self._building.is_dir() else self.earlier / str(self.numbers()[-1])
            self._named(whole, self.current)
        if self._building.exists():
            shutil.rmtree(self._building)

    def publish(self, files: Mapping[str, bytes], replaces: int | None) -> None:
        """Make these files the edition in force; the one of the number `replaces` moves beside it.

        Given: settled editions. Errors: OSError, and then the edition before is still in force.
        """
        building = made_folder(self._building)
        for name, content in files.items():
            write_atomic(building / name, content, private=False)
        fsync_folder(building)
        if replaces is None:
            self._named(building, self.current)
            return
        kept = made_folder(self.earlier) / str(replaces)
        self._named(self.current, kept)
        try:
            self._named(building, self.current)
        except OSError:
            self._named(kept, self.current)
            raise

    @staticmethod
    def _named(folder: Path, name: Path) -> None:
        folder.rename(name)
        fsync_folder(name.parent)
        fsync_folder(folder.parent)
