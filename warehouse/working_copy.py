"""The warehouse file is never changed in place: a private copy is loaded, made durable, and renamed over it.

A reader opens the published file and sees the state before a load or after it, never between. A kill leaves
the published file as it was; the next load clears the copy away.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
from filelock import FileLock, Timeout

from common.files import PRIVATE_FILE, fsync_file, fsync_folder, made_folder, private_folder, replace_file
from warehouse.errors import NOTHING_LOADED, LoadUnderWay, WarehouseUnreadable

# Several threads leave row groups half full and write them twice: with one, 1 million rows take half the CPU
# time, no more time on the clock, and two thirds of the file.
ONE_THREAD = 1
READING_MEMORY = "512MB"


def published(path: Path) -> duckdb.DuckDBPyConnection:
    """Return a connection that can only read the published warehouse. Errors: WarehouseUnreadable."""
    try:
        connection = duckdb.connect(path, read_only=True)
        connection.execute("SET TimeZone = 'UTC'")
    except duckdb.Error as error:
        kind = type(error).__name__
    else:
        return connection
    raise WarehouseUnreadable(f"{path.as_posix()} ({kind}).", sent=NOTHING_LOADED)


@contextmanager
def only_loader(path: Path) -> Iterator[None]:
    """Hold the lock of this warehouse while the block runs; no copy is there before or left behind.

    Errors: LoadUnderWay.
    """
    made_folder(path.parent)
    lock = FileLock(path.with_name(f".{path.name}.lock"), timeout=0)
    try:
        lock.acquire()
    except Timeout:
        held = False
    else:
        held = True
    if not held:
        raise LoadUnderWay(path.as_posix(), sent=NOTHING_LOADED)
    try:
        clear(workplace(path))
        yield
    finally:
        clear(workplace(path))
        lock.release()


@contextmanager
def reading_copy(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield the published warehouse to be read in bounded memory; what it spills is private, and then gone.

    Given:   the lock of its only loader is held.
    """
    clear(workplace(path))
    private_folder(workplace(path))
    try:
        with duckdb.connect(path, read_only=True, config=_settings(path, READING_MEMORY)) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            yield connection
    finally:
        clear(workplace(path))


class WorkingCopy:
    """A private copy of the published warehouse, or a new one where there is none."""

    def __init__(self, path: Path, memory_limit: str) -> None:
        self._path = path
        self._memory_limit = memory_limit
        self._folder = workplace(path)
        self._file = self._folder / "copy.duckdb"
        clear(self._folder)
        private_folder(self._folder)
        if path.exists():
            shutil.copyfile(path, self._file)
        self.connection = self._connect(self._file)

    def publish(self, *, rewrite: bool) -> None:
        """Make the copy the published warehouse.

        Given:   `rewrite`: rows were replaced or removed, so the file is written anew; else their old values
                 would stay in its free blocks.
        """
        finished = self._rewritten() if rewrite else self._file
        if not rewrite:
            self.connection.execute("CHECKPOINT")
        self.connection.close()
        finished.chmod(PRIVATE_FILE)
        fsync_file(finished)
        replace_file(finished, self._path)

    def close(self) -> None:
        """Close the copy and clear it away."""
        self.connection.close()
        clear(self._folder)

    def _rewritten(self) -> Path:
        """Write what the copy holds into a new file; the copy itself is then of no use, on disk or off."""
        target = self._folder / "rewritten.duckdb"
        run = self.connection.execute
        run(f"ATTACH '{_quoted(target)}' AS {target.stem}")
        run(f"COPY FROM DATABASE {self._file.stem} TO {target.stem}")
        run(f"CHECKPOINT {target.stem}")
        run(f"DETACH {target.stem}")
        run("PRAGMA disable_checkpoint_on_shutdown")
        return target

    def _connect(self, file: Path) -> duckdb.DuckDBPyConnection:
        connection = duckdb.connect(file, config=_settings(self._path, self._memory_limit))
        connection.execute("SET TimeZone = 'UTC'")
        return connection


@contextmanager
def working_copy(path: Path, memory_limit: str) -> Iterator[WorkingCopy]:
    """Yield a working copy of the warehouse; it is cleared away afterwards, published or not."""
    copy = WorkingCopy(path, memory_limit)
    try:
        yield copy
    finally:
        copy.close()


def clear(folder: Path) -> None:
    """Remove what a load left behind, durably: after a power cut no copy of the warehouse is back."""
    if folder.exists():
        shutil.rmtree(folder, ignore_errors=True)
        fsync_folder(folder.parent)


def _settings(path: Path, memory_limit: str) -> dict[str, str | bool | int | float | list[str]]:
    return {
        "memory_limit": memory_limit,
        "temp_directory": str(workplace(path) / "spill"),
        "threads": ONE_THREAD,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }


def workplace(path: Path) -> Path:
    """Return the folder in which this warehouse's working copy stands, and what is spilt; it is cleared."""
    return path.with_name(f".{path.name}.loading")


def _quoted(path: Path) -> str:
    return os.fspath(path).replace("'", "''")
