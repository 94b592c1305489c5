"""A lake of Parquet: a folder per version of a flow, never changed once it is named by the pointer."""

import hashlib
import re
import secrets
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from common import clock, log
from common.files import PRIVATE_FOLDER, fsync_file, fsync_folder
from config.lake import LakeFormat
from warehouse.duckdb_file import DuckDatabase
from warehouse.lake_files import ROWS_AT_ONCE, WrongCount, standing
from warehouse.lake_pointer import Pointer, TableState, for_the_group, group_folder
from warehouse.lake_tables import LakeTable

LOG = log.get("warehouse")
VERSION = re.compile(r"\.?[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}")
CHUNK = 1 << 20


@dataclass(frozen=True)
class ParquetLake:
    """The files of a lake of Parquet."""

    folder: Path
    kind: LakeFormat = field(default="parquet", init=False)
    faults: tuple[type[Exception], ...] = field(default=(OSError, pa.ArrowException), init=False)

    def write(
        self, database: DuckDatabase, flow: str, tables: Sequence[LakeTable]
    ) -> tuple[str, dict[str, TableState]]:
        """Return the new version's folder and its tables, durable and read back; no pointer names it yet.

        Errors:  WrongCount, `faults`, and those of the database.
        """
        name = f"{clock.now():%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"
        final = group_folder(self.folder / flow) / name
        being_written = final.with_name(f".{name}")
        being_written.mkdir(PRIVATE_FOLDER)
        states = {table.name: _write(database, table, being_written, f"{flow}/{name}") for table in tables}
        for_the_group(being_written)
        fsync_folder(being_written)
        being_written.rename(final)
        fsync_folder(final.parent)
        return f"{flow}/{name}", states

    def stands(self, tables: dict[str, TableState]) -> bool:
        """Return whether every file is there with its size."""
        return all(_size(self.folder / table.path) == table.bytes for table in tables.values())

    def make_room(self, pointer: Pointer) -> None:
        """Remove every version that is not named: one that was half written holds the disk's space."""
        named = pointer.folders()
        for flow in pointer.flows:
            gone = [version for version in self._versions(flow) if f"{flow}/{version.name}" not in named]
            for version in gone:
                shutil.rmtree(version, ignore_errors=True)
                if version.exists():
                    LOG.warning("lake_version_not_removed", flow=flow)
            if gone:
                fsync_folder(self.folder / flow)

    def clear(self, pointer: Pointer, keep: timedelta) -> None:  # noqa: ARG002 - it is named as long
        """Remove, durably, every version that is not named; one that cannot be removed is tried next time."""
        self.make_room(pointer)

    def strays(self, pointer: Pointer) -> list[Path]:
        """Return every file in the lake's folders that is of no version which counts now."""
        named = {self.folder / table.path for table in pointer.tables()}
        return [path for path in standing(self.folder) if path not in named]

    def _versions(self, flow: str) -> Iterator[Path]:
        found = (self.folder / flow).glob("*") if (self.folder / flow).is_dir() else iter(())
        return (version for version in found if VERSION.fullmatch(version.name) and version.is_dir())


def _write(database: DuckDatabase, table: LakeTable, folder: Path, named: str) -> TableState:
    file = folder / f"{table.name}.parquet"
    database.run(
        f"COPY ({table.query}) TO '{_quoted(file)}' "
        f"(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROWS_AT_ONCE})"
    )
    for_the_group(file)
    fsync_file(file)
    with pq.ParquetFile(file) as written:
        if (written.metadata.num_rows, written.schema_arrow.names) != (table.rows, list(table.columns)):
            raise WrongCount
    return TableState(
        path=f"{named}/{file.name}",
        rows=table.rows,
        bytes=file.stat().st_size,
        sha256=_digest(file),
        columns=table.columns,
    )


def _digest(file: Path) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as content:
        while chunk := content.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else -1


def _quoted(path: Path) -> str:
    return path.as_posix().replace("'", "''")
