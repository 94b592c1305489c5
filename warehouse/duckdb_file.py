"""A DuckDB file as a warehouse: a private copy is changed and renamed over what readers open."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from canonical.sql import DUCKDB, duckdb_sql
from common.errors import ViaductError
from config.warehouse import name_of
from warehouse.database import INCOMING, Database, Proof, Row, Writing
from warehouse.errors import NOTHING_LOADED, WarehouseUnavailable
from warehouse.steps import bring_up
from warehouse.working_copy import WorkingCopy, only_loader, published, working_copy


class _Rows:
    """The rows of one file, lent to the database, which keeps what it is given until the transaction ends."""

    def __init__(self, table: pa.Table) -> None:
        self._table: pa.Table | None = table

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._table.__arrow_c_stream__(requested_schema) if self._table is not None else None

    def take_back(self) -> None:
        """Let go of the rows."""
        self._table = None


class DuckDatabase:
    """A connection to DuckDB."""

    types = DUCKDB
    bytes_type = "BLOB"

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def run(self, statement: str) -> None:
        """Do what the statement says."""
        self._connection.execute(statement)

    def rows(self, statement: str, given: Sequence[Any] = ()) -> list[Row]:
        """Return the rows that the statement asks for."""
        return self._connection.execute(statement, list(given)).fetchall()

    def change(self, statement: str, given: Sequence[Any] = ()) -> int:
        """Return how many rows the statement has added, changed or removed."""
        counted = self._connection.execute(statement, list(given)).fetchone()
        return int(counted[0]) if counted else 0

    def stream(self, query: str, rows_at_once: int) -> pa.RecordBatchReader:
        """Return the rows that the query asks for, a part at a time; several may be on their way at once."""
        line = self._connection.cursor()
        line.execute("SET TimeZone = 'UTC'")
        return line.execute(query).to_arrow_reader(rows_at_once)

    @contextmanager
    def lent(self, rows: pa.Table) -> Iterator[None]:
        """Let statements read the rows as `incoming` while the block runs; they are not copied."""
        lent = _Rows(rows)
        self._connection.register(INCOMING, lent)
        try:
            yield
        finally:
            self._connection.unregister(INCOMING)
            lent.take_back()

    def begin(self) -> None:
        """Begin a transaction."""
        self.run("BEGIN TRANSACTION")

    def commit(self, proof: Proof) -> None:  # noqa: ARG002 - the answer of a file's commit is never lost
        """End the transaction; publishing makes it durable."""
        self.run("COMMIT")

    def rollback(self) -> None:
        """Undo the transaction."""
        self.run("ROLLBACK")

    def make_schema(self, flow: str) -> None:
        """Make the flow's schema where it is missing."""
        self.run(f'CREATE SCHEMA IF NOT EXISTS "{flow}"')

    def make_table(self, flow: str, entity: str, columns: tuple[str, ...]) -> None:
        """Make the entity's table with its keys and these columns."""
        self.run(duckdb_sql(entity, columns, f'"{flow}"'))

    def show(self, flow: str) -> None:
        """Do nothing: whoever may open the file sees all of it."""


class _Copy:
    """A working copy that is being changed."""

    def __init__(self, copy: WorkingCopy) -> None:
        self._copy = copy
        self.database: Database = DuckDatabase(copy.connection)

    def publish(self, *, rewrite: bool) -> None:
        """Rename the copy over the published file."""
        self._copy.publish(rewrite=rewrite)


class DuckFile:
    """The warehouse file at a path."""

    faults: tuple[type[Exception], ...] = (duckdb.Error, OSError)
    unavailable: type[ViaductError] = WarehouseUnavailable
    kept = NOTHING_LOADED

    def __init__(self, path: Path) -> None:
        self._path = path
        self.name = name_of(path)

    def only_loader(self) -> AbstractContextManager[None]:
        """Hold the lock beside the file. Errors: LoadUnderWay."""
        return only_loader(self._path)

    def exists(self) -> bool:
        """Return whether the file is there."""
        return self._path.exists()

    @contextmanager
    def reading(self) -> Iterator[Database]:
        """Yield the published file, which cannot be changed. Errors: WarehouseUnreadable."""
        with published(self._path) as connection:
            yield DuckDatabase(connection)

    @contextmanager
    def writing(self, memory_limit: str) -> Iterator[Writing]:
        """Yield a working copy of it, with all the lists of today. Errors: WarehouseIsNewer."""
        with working_copy(self._path, memory_limit) as copy:
            changing = _Copy(copy)
            bring_up(changing.database, self.name)
            yield changing
