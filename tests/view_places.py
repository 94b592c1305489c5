"""Where published figures are shown by views: a file, and a real server; each asked as a reader asks it."""

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import psycopg

from config.warehouse import PostgresViews
from feed.release.build import Keys
from feed.views.file import NAME
from feed.views.grants import view_grants
from feed.views.show import show_published
from tests.postgres import PASSWORD, PUBLISHER, Server
from tests.unit.feed.release.invented import KEYS

ANALYST = "an.analyst"
Rows = list[tuple[Any, ...]]


@dataclass
class Place:
    """A folder of releases and what shows it; `asked` is how a reader asks, with none of our code."""

    feed: Path
    views: PostgresViews | None
    asked: Callable[[str], Rows]

    def show(self, keys: Keys = KEYS) -> None:
        """Bring the views up to date."""
        show_published(self.feed, keys, self.views)

    def figures(self, view: str = "figures", where: str = "true") -> Rows:
        """Return release, edition, figure, category and value of a view, in their order."""
        columns = "release, edition, kpi, statistic, category, value"
        return self.asked(f"SELECT {columns} FROM published.{view} WHERE {where} ORDER BY 1, 2, 3, 4, 5, 6")


def in_a_file(feed: Path) -> Place:
    """Return a folder of releases whose views stand in the file beside them."""

    def asked(sql: str) -> Rows:
        with duckdb.connect(str(feed / NAME), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    return Place(feed, None, asked)


def on_a_server(feed: Path, server: Server, database: str = "shown") -> Place:
    """Return a folder of releases whose views stand on a server that was set up as it prints it."""
    views = set_up(server, database)

    def asked(sql: str) -> Rows:
        with closing(reader(server, database)) as connection:
            return connection.execute(sql.encode()).fetchall()

    return Place(feed, views, asked)


def set_up(server: Server, database: str) -> PostgresViews:
    """Return the address of a new database with the roles and rights of the views, and one who may read."""
    address = PostgresViews.model_construct(**dict(server.address(database, role=PUBLISHER)))
    with closing(server.admin()) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)".encode())
        admin.execute(f"CREATE DATABASE {database}".encode())
    with closing(server.admin(database)) as admin:
        for _ in range(2):
            admin.execute(view_grants(address).encode())
        admin.execute(f"ALTER ROLE {PUBLISHER} PASSWORD '{PASSWORD}'".encode())
        if not admin.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ANALYST]).fetchone():
            admin.execute(f'CREATE ROLE "{ANALYST}" LOGIN'.encode())
        admin.execute(f'GRANT published_reader TO "{ANALYST}"'.encode())
    return address


def reader(server: Server, database: str = "shown") -> psycopg.Connection:
    """Return the line of somebody who is a member of the readers' role."""
    return server.admin(database, ANALYST)


def names(rows: Sequence[tuple[Any, ...]]) -> list[str]:
    """Return the first column."""
    return [str(row[0]) for row in rows]
