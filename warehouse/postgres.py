"""A PostgreSQL server as a warehouse: one transaction per batch, its answer read back where it was lost."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import polars as pl
import psycopg
import pyarrow as pa
import pyarrow.compute as pc

from canonical.sql import POSTGRES, postgres_sql
from common import log
from common.errors import ViaductError
from config.warehouse import PostgresWarehouse, name_of
from sealing.receipt import Refusal
from warehouse.database import INCOMING, Database, Proof, Row, Writing
from warehouse.errors import LoadUnderWay, WarehouseServerFailed, WarehouseServerNotReady
from warehouse.open_batch import Refused
from warehouse.postgres_line import BOOKS, KEPT, connect, locked_again, locked_line
from warehouse.postgres_views import views_of
from warehouse.steps import bring_up
from warehouse.unpacking import TEXTS

LOG = log.get("warehouse")
SETTLE_SECONDS = 60.0
ROWS_AT_ONCE = 50_000
LONGEST_FLOW = 56
"""A name has 63 letters at most, and a flow's readers are called FLOW_reader."""
ONCE = f"CREATE UNIQUE INDEX IF NOT EXISTS viaduct_batches_once ON {BOOKS}.viaduct_batches (flow, sequence)"
TYPES = {
    pa.uuid(): "UUID",
    pa.date32(): "DATE",
    pa.timestamp("us", "UTC"): "TIMESTAMPTZ",
    pa.bool_(): "BOOLEAN",
    pa.int32(): "INTEGER",
    pa.int64(): "BIGINT",
    pa.float64(): "DOUBLE PRECISION",
    pa.decimal128(12, 2): "NUMERIC(12,2)",
    pa.decimal128(9, 6): "NUMERIC(9,6)",
    **dict.fromkeys(TEXTS, "TEXT"),
}


class PostgresDatabase:
    """A connection to the server; one that was lost while it committed is taken up again."""

    types = POSTGRES
    bytes_type = "BYTEA"

    def __init__(self, connection: psycopg.Connection, server: PostgresWarehouse) -> None:
        self.connection = connection
        self._server = server

    def run(self, statement: str) -> None:
        """Do what the statement says."""
        self.connection.execute(statement.encode())

    def rows(self, statement: str, given: Sequence[Any] = ()) -> list[Row]:
        """Return the rows that the statement asks for."""
        return self._executed(statement, given).fetchall()

    def change(self, statement: str, given: Sequence[Any] = ()) -> int:
        """Return how many rows the statement has added, changed or removed. Errors: Refused."""
        try:
            return self._executed(statement, given).rowcount
        except psycopg.errors.UniqueViolation as error:
            if error.diag.schema_name == BOOKS:
                raise
        raise Refused(Refusal.KEY_REPEATED)

    @contextmanager
    def lent(self, rows: pa.Table) -> Iterator[None]:
        """Copy the rows into a temporary table for the block. Errors: Refused, for text that is none."""
        if any(_holds_nul(column) for column in rows.columns):
            raise Refused(Refusal.COLUMN_TYPES)
        columns = ", ".join(f'"{column.name}" {TYPES[column.type]}' for column in rows.schema)
        self.run(f"CREATE TEMP TABLE {INCOMING} ({columns})")
        with self.connection.cursor().copy(f"COPY {INCOMING} FROM STDIN (FORMAT csv)".encode()) as copy:
            for part in _as_text(rows).iter_slices(ROWS_AT_ONCE):
                copy.write(part.write_csv(include_header=False, datetime_format="%Y-%m-%dT%H:%M:%S%.6fZ"))
        yield
        self.run(f"DROP TABLE {INCOMING}")

    def begin(self) -> None:
        """Begin a transaction."""
        self.run("BEGIN")

    def commit(self, proof: Proof) -> None:
        """End the transaction, durably; where the answer is lost, ask on a new connection.

        Errors:  WarehouseServerFailed if it was not committed, or nobody answers.
        """
        done = False
        try:
            done = self.connection.execute("COMMIT").statusmessage == "COMMIT"
        except psycopg.Error:
            if not self.connection.broken:
                raise
        if done:
            return
        LOG.warning("commit_in_doubt")
        self.connection.close()
        self.connection = self._line_to_ask()
        if not self.rows(proof.statement, proof.given):
            raise WarehouseServerFailed(f"{name_of(self._server)} (commit lost).", sent=KEPT)
        LOG.info("commit_found")

    def _line_to_ask(self) -> psycopg.Connection:
        """Return a new line, once nobody works for the lost one. Errors: WarehouseServerFailed."""
        with suppress(LoadUnderWay):
            return locked_again(self._server, SETTLE_SECONDS)
        raise WarehouseServerFailed(f"{name_of(self._server)} (commit in doubt).", sent=KEPT)

    def rollback(self) -> None:
        """Undo the transaction."""
        self.run("ROLLBACK")

    def make_schema(self, flow: str) -> None:
        """Make the flow's schema, and that of its views, where they are missing.

        Errors:  WarehouseServerNotReady, if the role may not.
        """
        if len(flow) > LONGEST_FLOW:
            raise WarehouseServerNotReady(f"{flow}: a longer name than PostgreSQL has room for.", sent=KEPT)
        for schema in (flow, f"{flow}_read"):
            self.make_own(schema)

    def make_own(self, schema: str) -> None:
        """Make one schema where it is missing. Errors: WarehouseServerNotReady."""
        if self.rows("SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = ?", [schema]):
            return
        try:
            self.run(f'CREATE SCHEMA "{schema}"')
        except psycopg.errors.InsufficientPrivilege:
            pass
        else:
            return
        where = f"{name_of(self._server)}: there is no schema {schema}, and the role may not make one."
        raise WarehouseServerNotReady(where, sent=KEPT)

    def make_table(self, flow: str, entity: str, columns: tuple[str, ...]) -> None:
        """Make the entity's table with its keys and these columns."""
        self.run(postgres_sql(entity, columns, f'"{flow}"'))

    def show(self, flow: str) -> None:
        """Let the views of the flow show every table and column that it has; those that do are left alone."""
        for statement in views_of(self, flow):
            self.run(statement)

    def _executed(self, statement: str, given: Sequence[Any]) -> psycopg.Cursor[Row]:
        return self.connection.execute(statement.replace("?", "%s").encode(), list(given) or None)


class _Loading:
    """The server while a load is at work."""

    def __init__(self, database: PostgresDatabase) -> None:
        self._postgres = database
        self.database: Database = database

    def publish(self, *, rewrite: bool) -> None:
        """Free the space of old rows; each batch was published by its own commit."""
        if not rewrite:
            return
        try:
            owned = "SELECT schemaname, tablename FROM pg_catalog.pg_tables WHERE tableowner = current_user"
            for schema, table in self._postgres.rows(owned):
                self._postgres.run(f'VACUUM "{schema}"."{table}"')
        except psycopg.Error as error:
            LOG.warning("warehouse_not_vacuumed", error=type(error).__name__)


class PostgresServer:
    """The warehouse on a server."""

    faults: tuple[type[Exception], ...] = (psycopg.Error, OSError)
    unavailable: type[ViaductError] = WarehouseServerFailed
    kept = KEPT

    def __init__(self, server: PostgresWarehouse) -> None:
        self._server = server
        self._held: PostgresDatabase | None = None
        self.name = name_of(server)

    @contextmanager
    def only_loader(self) -> Iterator[None]:
        """Hold the server's lock for loaders. Errors: LoadUnderWay, and those of a line."""
        self._held = PostgresDatabase(locked_line(self._server), self._server)
        try:
            yield
        finally:
            self._held.connection.close()
            self._held = None

    def exists(self) -> bool:
        """Return whether anything was ever loaded into it. Errors: those of a line."""
        with self.reading() as database:
            return database.rows("SELECT to_regclass(?) IS NOT NULL", [f"{BOOKS}.viaduct_batches"]) == [
                (True,)
            ]

    @contextmanager
    def reading(self) -> Iterator[Database]:
        """Yield what was committed. Errors: those of a line, WarehouseServerFailed."""
        if self._held is not None:
            yield self._held
            return
        kind = ""
        connection = connect(self._server)
        try:
            yield PostgresDatabase(connection, self._server)
        except psycopg.Error as error:
            kind = type(error).__name__
        finally:
            connection.close()
        if kind:
            raise WarehouseServerFailed(f"{self.name} ({kind}).", sent=KEPT)

    @contextmanager
    def writing(self, memory_limit: str) -> Iterator[Writing]:  # noqa: ARG002 - the server keeps to its own
        """Yield it to be changed, batch by batch, under the lock that is held."""
        if self._held is None:
            raise RuntimeError("The lock of the only loader is taken first.")
        self._held.make_own(BOOKS)
        bring_up(self._held, self.name)
        self._held.run(ONCE)
        yield _Loading(self._held)


def _holds_nul(column: pa.ChunkedArray) -> bool:
    return column.type in TEXTS and bool(pc.any(pc.match_substring(column, "\0")).as_py())


def _as_text(rows: pa.Table) -> pl.DataFrame:
    """Return the rows as they can be written down: keys in hexadecimal digits."""
    keys = [column.name for column in rows.schema if column.type == pa.uuid()]
    for name in keys:
        stored = [chunk.storage for chunk in rows.column(name).chunks]
        place = rows.column_names.index(name)
        rows = rows.set_column(place, name, pa.chunked_array(stored, pa.binary(16)).cast(pa.binary()))
    frame = pl.DataFrame(pl.from_arrow(rows))
    return frame.with_columns(pl.col(keys).bin.encode("hex"))
