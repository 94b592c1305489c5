"""What a publication needs of the files of a lake, whatever their format."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

from config.lake import LakeFormat
from warehouse.duckdb_file import DuckDatabase
from warehouse.lake_pointer import TableState
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
        """Return whether every table that the pointer names is there with its size."""
        ...

    def clear(self, flows: Sequence[str], named: set[str], keep: timedelta) -> None:
        """Remove, durably, what is not named, or was superseded longer ago than `keep`.

        What cannot be removed is tried again next time.
        """
        ...
