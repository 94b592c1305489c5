"""A lake of Delta tables: one per entity, each version a commit of its own log; the pointer says which count.

Statistics of columns are switched off: their least and greatest values would stand in the log when the rows
are long gone. What is superseded goes by vacuum.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
from deltalake import DeltaTable, WriterProperties, write_deltalake
from deltalake.exceptions import DeltaError

from common.files import fsync_file, fsync_folder
from config.lake import LakeFormat
from warehouse.duckdb_file import DuckDatabase
from warehouse.lake_files import ROWS_AT_ONCE, WrongCount
from warehouse.lake_pointer import TableState, for_the_group, group_folder
from warehouse.lake_tables import LakeTable

WITHOUT_VALUES = {"delta.dataSkippingNumIndexedCols": "0"}
LOG_FOLDER = "_delta_log"


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
        """Return whether every file of every version that the pointer names is there."""
        try:
            return all(
                _bytes(_files(self.folder / state.path, state.version)) == state.bytes
                for state in tables.values()
            )
        except self.faults:
            return False

    def clear(self, flows: Sequence[str], named: set[str], keep: timedelta) -> None:  # noqa: ARG002 - versions are in the log
        """Remove the files of versions superseded longer ago than `keep`, in whole hours, and stray files."""
        hours = math.ceil(keep.total_seconds() / 3600)
        for place in (table for flow in flows for table in self._tables(flow)):
            if _vacuum(place, hours, dry_run=True):
                _vacuum(place, hours, dry_run=False)
                _settle(place)

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


def _files(place: Path, version: int | None) -> list[Path]:
    return [Path(file) for file in DeltaTable(place, version=version).file_uris()]


def _bytes(files: list[Path]) -> int:
    return sum(file.stat().st_size for file in files)


def _settle(place: Path) -> None:
    """Make what the library wrote durable, which it does not do itself, and let the group read it."""
    for path in (place, *sorted(place.rglob("*"))):
        for_the_group(path)
        if path.is_file():
            fsync_file(path)
    fsync_folder(place / LOG_FOLDER)
    fsync_folder(place)
