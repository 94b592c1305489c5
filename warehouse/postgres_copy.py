"""One flow's tables on a PostgreSQL server, copied into memory for whoever counts over them."""

from io import BytesIO

import duckdb
import polars as pl
import psycopg

from canonical import COUNTED, ENTITIES, warehouse_columns
from canonical.sql import duckdb_sql
from config.warehouse import PostgresWarehouse, name_of
from warehouse import tables
from warehouse.database import INCOMING
from warehouse.errors import WarehouseServerFailed
from warehouse.postgres import PostgresDatabase
from warehouse.postgres_line import KEPT, connect

AT_ONE_MOMENT = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
WITHDRAWN = "withdrawn_records"
NOTHING_WRITTEN = KEPT.partition(";")[0] + "; nothing was changed."


def copied(server: PostgresWarehouse, flow: str) -> duckdb.DuckDBPyConnection:
    """Return the flow's tables as they stood at one moment, in a database that never touches a disk.

    The counts that came as counts stand beside them, each flow's under its own name.

    Errors:  those of a line, WarehouseServerFailed.
    """
    copy = duckdb.connect(":memory:", config={"temp_directory": "", "autoload_known_extensions": False})
    copy.execute("SET TimeZone = 'UTC'")
    copy.execute(f"CREATE SCHEMA {tables.quoted(flow)}")
    kind = ""
    connection = connect(server)
    try:
        connection.execute(AT_ONE_MOMENT)
        there = tables.columns_in(PostgresDatabase(connection, server), flow)
        for entity in (entity for entity in ENTITIES if entity in there):
            _copy(connection, copy, flow, entity, there[entity])
        if WITHDRAWN in there:
            _copy_withdrawn(connection, copy, flow)
        for other in _flows_of_counts(connection):
            copy.execute(f"CREATE SCHEMA IF NOT EXISTS {tables.quoted(other)}")
            columns = tables.columns_of(PostgresDatabase(connection, server), other, COUNTED)
            _copy(connection, copy, other, COUNTED, columns)
    except (psycopg.Error, duckdb.Error, pl.exceptions.PolarsError) as error:
        kind = type(error).__name__
    finally:
        connection.close()
    if kind:
        copy.close()
        raise WarehouseServerFailed(f"{name_of(server)} ({kind}).", sent=NOTHING_WRITTEN)
    return copy


def _copy_withdrawn(connection: psycopg.Connection, copy: duckdb.DuckDBPyConnection, flow: str) -> None:
    """Copy what is withdrawn now, for whoever tells why a number moved: the kind of record and the batch."""
    stones = tables.tombstones(flow)
    copy.execute(f"CREATE TABLE {stones} (entity VARCHAR, batch_sequence BIGINT)")
    told = connection.execute(f"SELECT entity, batch_sequence FROM {stones}".encode()).fetchall()
    if told:
        copy.executemany(f"INSERT INTO {stones} VALUES (?, ?)", told)


def _flows_of_counts(connection: psycopg.Connection) -> list[str]:
    """Return the flows of which the server has protected counts; the readers' view of one is none."""
    said = (
        "SELECT table_schema FROM information_schema.tables "
        "WHERE table_name = %s AND table_type = 'BASE TABLE' ORDER BY table_schema"
    )
    return [str(schema) for (schema,) in connection.execute(said, [COUNTED])]


def _copy(
    connection: psycopg.Connection,
    copy: duckdb.DuckDBPyConnection,
    flow: str,
    entity: str,
    columns: list[str],
) -> None:
    fields = tuple(column for column in columns if column not in warehouse_columns)
    copy.execute(duckdb_sql(entity, fields, tables.quoted(flow)))
    named = ", ".join(map(tables.quoted, columns))
    question = f"COPY (SELECT {named} FROM {tables.table(flow, entity)}) TO STDOUT (FORMAT csv)"
    with connection.cursor().copy(question.encode()) as answer:
        text = b"".join(answer)
    if not text:
        return
    rows = pl.read_csv(BytesIO(text), has_header=False, new_columns=columns, infer_schema=False)
    copy.register(INCOMING, rows.to_arrow())
    copy.execute(f"INSERT INTO {tables.table(flow, entity)} ({named}) SELECT {named} FROM {INCOMING}")
    copy.unregister(INCOMING)
