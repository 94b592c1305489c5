"""Published figures on a PostgreSQL server: a role of their own writes them, another sees views alone."""

from collections.abc import Sequence

import psycopg

from common.errors import ViaductError
from config.warehouse import PostgresWarehouse, name_of
from feed.release.errors import FeedUnderWay
from feed.views.declared import ROWS, SCHEMA
from feed.views.editions import Edition
from feed.views.errors import AS_BEFORE, ReaderSeesMore, ViewsNotWritten, ViewsServerNotReady
from feed.views.fill import fill, shows
from warehouse.errors import WarehouseServerFailed, WarehouseServerNotReady, WarehouseServerNotTrusted
from warehouse.postgres import PostgresDatabase
from warehouse.postgres_line import connect

READER = "published_reader"
ONE_PUBLISHER = 0x76696670
SEARCH = "SET LOCAL search_path = pg_catalog, pg_temp"
"""Whatever stands in a schema that others may write to is never taken for something of ours."""
NOT_SET_UP = (
    psycopg.errors.InsufficientPrivilege,
    psycopg.errors.InvalidSchemaName,
    psycopg.errors.UndefinedObject,
)
IN_OUR_WORDS: dict[type[ViaductError], type[ViaductError]] = {
    WarehouseServerNotReady: ViewsServerNotReady,
    WarehouseServerFailed: ViewsNotWritten,
    WarehouseServerNotTrusted: WarehouseServerNotTrusted,
}
"""What a line says that a load would say in words of its own."""
SEES = """SELECT who.rolname, ns.nspname || '.' || thing.relname
FROM pg_catalog.pg_class thing
JOIN pg_catalog.pg_namespace ns ON ns.oid = thing.relnamespace
CROSS JOIN pg_catalog.pg_roles who
WHERE who.rolname IN (current_user, ?) AND thing.relkind IN ('r', 'v', 'm', 'f', 'p')
AND ns.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
AND NOT pg_catalog.starts_with(ns.nspname, 'pg_temp')
AND NOT (ns.nspname = ? OR who.rolname = current_user AND ns.nspname = ?)
AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend dep WHERE dep.objid = thing.oid AND dep.deptype = 'e')
AND pg_catalog.has_schema_privilege(who.oid, ns.oid, 'USAGE')
AND pg_catalog.has_any_column_privilege(who.oid, thing.oid, 'SELECT')
ORDER BY 1, 2"""
"""What either role may read beside its schemas; what belongs to an extension of the server is none of it."""


def fill_server(server: PostgresWarehouse, editions: Sequence[Edition]) -> bool:
    """Return whether the server's views are new; where they show these editions they are left alone.

    Errors:  ReleaseAltered, FeedUnderWay, ReaderSeesMore, ViewsServerNotReady, ViewsNotWritten,
             WarehouseServerNotTrusted; then readers see what they saw.
    """
    connection = _line(server)
    found: type[ViaductError] | None = None
    kind, new = "", False
    try:
        with connection.transaction():
            new = _filled(PostgresDatabase(connection, server), server, editions)
    except NOT_SET_UP as error:
        found, kind = ViewsServerNotReady, type(error).__name__
    except psycopg.Error as error:
        found, kind = ViewsNotWritten, type(error).__name__
    finally:
        connection.close()
    if found:
        raise found(f"{name_of(server)} ({kind}).", sent=AS_BEFORE)
    return new


def try_views(server: PostgresWarehouse) -> None:
    """Sign in as the role that publishes, and ask what it and the readers may see; nothing is changed.

    Errors:  ReaderSeesMore, ViewsServerNotReady, ViewsNotWritten, WarehouseServerNotTrusted.
    """
    connection, kind = _line(server), ""
    try:
        _refuse_more(PostgresDatabase(connection, server), server)
    except psycopg.Error as error:
        kind = type(error).__name__
    finally:
        connection.close()
    if kind:
        raise ViewsNotWritten(f"{name_of(server)} ({kind}).", sent=AS_BEFORE)


def _filled(database: PostgresDatabase, server: PostgresWarehouse, editions: Sequence[Edition]) -> bool:
    database.run(SEARCH)
    if database.rows("SELECT pg_catalog.pg_try_advisory_xact_lock(?)", [ONE_PUBLISHER]) != [(True,)]:
        raise FeedUnderWay(name_of(server), sent=AS_BEFORE)
    _refuse_more(database, server)
    if shows(database, editions):
        return False
    fill(database, editions)
    return True


def _refuse_more(database: PostgresDatabase, server: PostgresWarehouse) -> None:
    """Refuse a server on which a role is missing, or may read what is not published. Errors: the two."""
    if not database.rows("SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = ?", [READER]):
        raise ViewsServerNotReady(f"{name_of(server)}: there is no role {READER}.", sent=AS_BEFORE)
    if more := database.rows(SEES, [READER, SCHEMA, ROWS]):
        lines = (f"{role} may read {thing}." for role, thing in more)
        raise ReaderSeesMore("\n".join([f"{name_of(server)}:", *lines]), sent=AS_BEFORE)


def _line(server: PostgresWarehouse) -> psycopg.Connection:
    """Return a line of the role that publishes. Errors: as `connect`, in the words of the views."""
    try:
        return connect(server)
    except tuple(IN_OUR_WORDS) as error:
        found, where = IN_OUR_WORDS[type(error)], error.where
    raise found(where, sent=AS_BEFORE)
