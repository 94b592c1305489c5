"""The line to a PostgreSQL server: who answers is proved, and what the server logs is asked, before use."""

import time
from typing import TypeVar

import psycopg
from psycopg.abc import PQGen

from common.errors import ViaductError
from config.warehouse import PostgresWarehouse, name_of
from warehouse.errors import (
    LoadUnderWay,
    WarehouseServerFailed,
    WarehouseServerNotReady,
    WarehouseServerNotTrusted,
)

KEPT = "What was loaded before stays; nothing of the batch under way was loaded, or the next load finds it."
BOOKS = "viaduct"
"""The schema of the lists of batches; those of the flows stand beside it."""
ONE_LOADER = 0x76696164
LOCK_SECONDS = 3.0
LOOK_SECONDS = 0.1
T = TypeVar("T")
SETTINGS = {
    "search_path": f"{BOOKS},pg_temp",
    "timezone": "UTC",
    "client_min_messages": "warning",
    "work_mem": "256MB",
    "synchronous_commit": "on",
    "log_parameter_max_length_on_error": "0",
    "idle_in_transaction_session_timeout": "900s",
    "lock_timeout": "300s",
    "tcp_keepalives_idle": "60",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
}
ANSWERS: tuple[tuple[str, type[ViaductError]], ...] = (
    ("unexpected eof", WarehouseServerFailed),
    ("authentication failed", WarehouseServerNotReady),
    ("certificate", WarehouseServerNotTrusted),
    ("not support ssl", WarehouseServerNotTrusted),
    ("ssl error", WarehouseServerNotTrusted),
    ("does not exist", WarehouseServerNotReady),
    ("pg_hba.conf", WarehouseServerNotReady),
    ("no password", WarehouseServerNotReady),
    ("permission denied", WarehouseServerNotReady),
)
"""Words of the client library, and which error they stand for; the first that is met counts.

A line that is lost in the handshake is an SSL error too, and says nothing about who would have answered.
"""


class BoundedLine(psycopg.Connection):
    """A connection on which no answer is waited for longer than `answer_seconds`; then it is lost.

    The kernel of a server that hangs answers keep-alives for it: only a time of our own ends such a wait.
    """

    answer_seconds: float | None = None

    def wait(self, gen: PQGen[T], interval: float = LOOK_SECONDS, timeout: float | None = None) -> T:
        """Return what the exchange brings. Errors: psycopg.OperationalError, and then the line is cut."""
        until = time.monotonic() + (self.answer_seconds or 0.0)
        try:
            return super().wait(gen, interval, timeout or self.answer_seconds)
        except psycopg.OperationalError:
            if self.answer_seconds is not None and time.monotonic() >= until:
                self.pgconn.finish()
            raise


def connect(server: PostgresWarehouse) -> psycopg.Connection:
    """Return a connection that commits by itself.

    Errors:  WarehouseServerNotTrusted, WarehouseServerNotReady, WarehouseServerFailed; none says more of the
             server's own words than their kind.
    """
    password = server.role_secret.read() if server.role_secret else None
    said, kind = "", ""
    try:
        line = BoundedLine.connect(
            host=server.host,
            port=server.port,
            dbname=server.database,
            user=server.role,
            password=password,
            sslmode=server.sslmode,
            sslrootcert=server.ca_file or "",
            ssl_min_protocol_version="TLSv1.2",
            gssencmode="disable",
            target_session_attrs="read-write",
            client_encoding="UTF8",
            application_name="viaduct",
            connect_timeout=server.connect_seconds,
            keepalives_idle=60,
            keepalives_interval=10,
            keepalives_count=3,
            tcp_user_timeout=60_000,
            options=_options(server),
            autocommit=True,
            prepare_threshold=None,
        )
        line.answer_seconds = server.answer_seconds
    except psycopg.Error as error:
        said, kind = str(error).lower(), type(error).__name__
    else:
        return line
    raise _refusal(said)(f"{name_of(server)} ({kind}).", sent=KEPT)


def _options(server: PostgresWarehouse) -> str:
    """Return how the server is to behave on this line: it ends by itself what nobody waits for any more."""
    settings = SETTINGS | {"statement_timeout": f"{server.answer_seconds}s"}
    return " ".join(f"-c {name}={value}" for name, value in settings.items())


def _refusal(said: str) -> type[ViaductError]:
    """Return which error the client library's words stand for; the words themselves go no further."""
    return next((error for words, error in ANSWERS if words in said), WarehouseServerFailed)


def refuse_a_log_of_values(connection: psycopg.Connection, server: PostgresWarehouse) -> None:
    """Refuse a server that would write a row's values into its log beside an error.

    Errors:  WarehouseServerNotReady.
    """
    found = connection.execute("SHOW log_error_verbosity").fetchone()
    if found != ("terse",):
        why = "log_error_verbosity is not terse for this role: an error's detail would hold a row's values"
        raise WarehouseServerNotReady(f"{name_of(server)}: {why}.", sent=KEPT)


def take_the_lock(connection: psycopg.Connection, server: PostgresWarehouse, seconds: float) -> None:
    """Hold the lock of this database's one loader as long as the connection lives.

    Errors:  LoadUnderWay, if another still holds it after so many seconds.
    """
    until = time.monotonic() + seconds
    while connection.execute("SELECT pg_try_advisory_lock(%s)", [ONE_LOADER]).fetchone() != (True,):
        if time.monotonic() > until:
            raise LoadUnderWay(name_of(server), sent=KEPT)
        time.sleep(0.1)


def locked_line(server: PostgresWarehouse, seconds: float = LOCK_SECONDS) -> psycopg.Connection:
    """Return a connection that may load: trusted, ready, and alone. Errors: as the three above."""
    connection = connect(server)
    kind = ""
    try:
        refuse_a_log_of_values(connection, server)
        take_the_lock(connection, server, seconds)
    except psycopg.Error as error:
        kind = type(error).__name__
    except ViaductError:
        connection.close()
        raise
    if kind:
        connection.close()
        raise WarehouseServerFailed(f"{name_of(server)} ({kind}).", sent=KEPT)
    return connection


def try_line(server: PostgresWarehouse) -> None:
    """Sign in and ask whether all is ready for a load; nothing is changed. Errors: those of a locked line."""
    locked_line(server).close()


def locked_again(server: PostgresWarehouse, seconds: float) -> psycopg.Connection:
    """Return a locked line where one was lost; the lock tells that what went by the lost one has ended.

    Errors:  those of the last attempt, when the time is over.
    """
    until = time.monotonic() + seconds
    while True:
        try:
            return locked_line(server, max(0.0, until - time.monotonic()))
        except WarehouseServerFailed:
            if time.monotonic() > until:
                raise
        time.sleep(0.2)
