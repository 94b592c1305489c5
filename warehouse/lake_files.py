"""What a publication needs of the files of a lake, whatever their format."""

import os
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from config.lake import LakeFormat
from warehouse.duckdb_file import DuckDatabase
from warehouse.lake_pointer import Pointer, TableState
from warehouse.lake_tables import LakeTable

ROWS_AT_ONCE = 100_000


class WrongCount(Exception):
    """What was written is not what the warehouse holds."""


class LakeFiles(Protocol):
    """The files of a lake."""

    @property
    def kind(self) -> LakeFormat:
        """Return the format, as the pointer names it."""
        ...

    @property
    def faults(self) -> tuple[type[Exception], ...]:
        """Return the errors of its library and of the disk; their words may hold a value."""
        ...

    def write(
        self, database: DuckDatabase, flow: str, tables: Sequence[LakeTable]
    ) -> tuple[str, dict[str, TableState]]:
        """Return the flow's folder and its tables, durable and read back; no pointer names them yet.

        Errors:  WrongCount, `faults`, and those of the database.
        """
        ...

    def stands(self, tables: dict[str, TableState]) -> bool:
        """Return whether every table that the pointer names is there with its size, and `clear` leaves it."""
        ...

    def make_room(self, pointer: Pointer) -> None:
        """Remove what a publication that was cut short left; nothing that the pointer names."""
        ...

    def clear(self, pointer: Pointer, keep: timedelta) -> None:
        """Remove, durably, what the pointer does not name, or was superseded longer ago than `keep`.

        What cannot be removed is tried again next time.
        """
        ...

    def strays(self, pointer: Pointer) -> list[Path]:
        """Return every file in the lake's folders that is of no version which counts now.

        Errors:  `faults`, if a folder cannot be listed.
        """
        ...


def standing(lake: Path) -> Iterator[Path]:
    """Yield every file that lies in the lake's folders, and every link. Beside the pointer lies no row.

    Errors:  OSError, for a folder that cannot be listed: what it holds is not known.
    """
    for place, folders, files in os.walk(lake, onerror=_refuse):
        here = Path(place)
        if here != lake:
            yield from (here / name for name in files)
        yield from (here / name for name in folders if (here / name).is_symlink())


def _refuse(error: OSError) -> None:
    raise error
