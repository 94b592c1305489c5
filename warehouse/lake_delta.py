"""A lake of Delta tables: one per entity, each version a commit of its own log; the pointer says which count.

Statistics of columns are switched off: their least and greatest values would stand in the log when the rows
are long gone. What is superseded goes by vacuum.
"""

import math
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
from deltalake import DeltaTable, WriterProperties, write_deltalake
from deltalake.exceptions import DeltaError

from common.files import fsync_file, fsync_folder
from config.lake import LakeFormat
from warehouse.duckdb_file import DuckDatabase
from warehouse.lake_files import ROWS_AT_ONCE, WrongCount, standing
from warehouse.lake_pointer import Pointer, TableState, for_the_group, group_folder
from warehouse.lake_tables import LakeTable

WITHOUT_VALUES = {"delta.dataSkippingNumIndexedCols": "0"}
LOG_FOLDER = "_delta_log"
BEING_WRITTEN = "*.parquet#*"


@dataclass(frozen=True)
class DeltaLake:
    """The tables of a lake of Delta."""

    folder: Path
    kind: LakeFormat = field(default="delta", init=False)
    faults: tuple[type[Exception], ...] = field(default=(DeltaError, OSError, pa.ArrowException), init=False)

    def write(
        self, database: DuckDatabase, flow: str, tables: Sequence[LakeTable]
    ) -> tuple[str, dict[str, TableState]]:
        """Return the flow's folder and its tables, each a new version, durable and read back.

        Errors:  WrongCount, `faults`, and those of the database.
        """
        home = group_folder(self.folder / flow)
        states = {table.name: _write(database, table, home, flow) for table in tables}
        fsync_folder(home)
        return flow, states

    def stands(self, tables: dict[str, TableState]) -> bool:
        """Return whether every version that the pointer names is there whole, and is its table's last.

        A publication that was cut short leaves a later one, and to vacuum only the last counts.
        """
        try:
            return all(self._is_last(state) for state in tables.values())
        except self.faults:
            return False

    def make_room(self, pointer: Pointer) -> None:  # noqa: ARG002 - what is being written no pointer names
        """Remove files that were not written to their end. Nothing else: vacuum knows no pointer."""
        for path in self.folder.glob(f"*/*/{BEING_WRITTEN}"):
            with suppress(OSError):
                path.unlink()

    def clear(self, pointer: Pointer, keep: timedelta) -> None:
        """Remove the files of versions superseded longer ago than `keep`, in whole hours, and stray files.

        Given:   the pointer names the last version of each table.
        """
        hours = math.ceil(keep.total_seconds() / 3600)
        for place in (table for flow in pointer.flows for table in self._tables(flow)):
            over = _vacuum(place, hours, dry_run=True)  # it names those that are long gone, too
            if any((place / name.rpartition("/")[2]).exists() for name in over):
                _vacuum(place, hours, dry_run=False)
                _settle(place)
        if not keep:
            self._sweep(pointer)

    def strays(self, pointer: Pointer) -> list[Path]:
        """Return every file in the lake's folders that is of no version which counts now, logs left aside.

        Errors:  `faults`; WrongCount, if a file that the pointer names is not among what lies there.
        """
        named = {file for table in pointer.tables() for file in self._files(table)}
        here = {path for path in standing(self.folder) if path.parent.name != LOG_FOLDER}
        if not named <= here:
            raise WrongCount
        return sorted(here - named)

    def _sweep(self, pointer: Pointer) -> None:
        """Remove what vacuum left: it goes by the clock, which may have been put right since."""
        swept = [path for path in self.strays(pointer) if not path.is_symlink()]
        for path in swept:
            with suppress(OSError):
                path.unlink()
        for place in {path.parent for path in swept}:
            fsync_folder(place)

    def _is_last(self, table: TableState) -> bool:
        files = self._files(table)
        return _bytes(files) == table.bytes and files == _files(self.folder / table.path, None)

    def _files(self, table: TableState) -> set[Path]:
        return _files(self.folder / table.path, table.version)

    def _tables(self, flow: str) -> Iterator[Path]:
        return (log.parent for log in sorted((self.folder / flow).glob(f"*/{LOG_FOLDER}")))


def _write(database: DuckDatabase, table: LakeTable, home: Path, named: str) -> TableState:
    place = home / table.name
    write_deltalake(
        place,
        database.stream(table.query, ROWS_AT_ONCE),
        mode="overwrite",
        schema_mode="overwrite",
        configuration=WITHOUT_VALUES,
        writer_properties=WriterProperties(compression="ZSTD"),
    )
    _settle(place)
    written = DeltaTable(place)
    if (written.count(), [each.name for each in written.schema().fields]) != (
        table.rows,
        list(table.columns),
    ):
        raise WrongCount
    version = written.version()
    return TableState(
        path=f"{named}/{table.name}",
        rows=table.rows,
        bytes=_bytes(_files(place, version)),
        sha256=None,
        version=version,
        columns=table.columns,
    )


def _vacuum(place: Path, hours: int, *, dry_run: bool) -> list[str]:
    return DeltaTable(place).vacuum(
        retention_hours=hours, enforce_retention_duration=False, dry_run=dry_run, full=True
    )


def _files(place: Path, version: int | None) -> set[Path]:
    """Return the files of a version, by their names: the library writes its folders as the web does."""
    return {place / uri.rpartition("/")[2] for uri in DeltaTable(place, version=version).file_uris()}


def _bytes(files: set[Path]) -> int:
    return sum(file.stat().st_size for file in files)


def _settle(place: Path) -> None:
    """Make what the library wrote durable, which it does not do itself, and let the group read it."""
    for path in (place, *sorted(place.rglob("*"))):
        for_the_group(path)
        if path.is_file():
            fsync_file(path)
    fsync_folder(place / LOG_FOLDER)
    fsync_folder(place)
