"""Every kind of warehouse, for the tests of what all of them promise, and an oracle that asks them itself."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pytest

from config.warehouse import PostgresWarehouse
from tests.batches import Parties, parties
from tests.postgres import Server, started
from warehouse.postgres import PostgresServer

KINDS = ("duckdb", "postgresql")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A PostgreSQL server that runs for all tests of this worker."""
    with started() as server:
        yield server


@pytest.fixture(params=KINDS)
def both(request: pytest.FixtureRequest, tmp_path: Path) -> Parties:
    """Two parties whose warehouse is new, and of each kind in turn."""
    if request.param == "duckdb":
        return parties(tmp_path)
    return parties(tmp_path, request.getfixturevalue("postgres").new_database())


def with_lists(server: PostgresWarehouse) -> PostgresWarehouse:
    """Return the server with the warehouse's own lists made, so that the next commit is that of a batch."""
    kept = PostgresServer(server)
    with kept.only_loader(), kept.writing(""):
        return server


def asked(both: Parties, sql: str) -> list[tuple[Any, ...]]:
    """Return what the warehouse says, asked with none of the product's code."""
    with closing(_opened(both)) as connection:
        return connection.execute(sql).fetchall()


def changed(both: Parties, sql: str) -> None:
    """Change the warehouse behind the product's back."""
    with closing(_opened(both, read_only=False)) as connection:
        connection.execute(sql)


def _opened(both: Parties, *, read_only: bool = True) -> Any:
    if isinstance(both.warehouse, Path):
        connection = duckdb.connect(both.warehouse, read_only=read_only)
        connection.execute("SET TimeZone = 'UTC'")
        return connection
    import psycopg

    return psycopg.connect(
        host="127.0.0.1",
        port=both.warehouse.port,
        dbname=both.warehouse.database,
        user="postgres",
        sslmode="disable",
        autocommit=True,
        options="-c search_path=viaduct -c timezone=UTC",
    )
