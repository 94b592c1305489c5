"""What readers of a PostgreSQL warehouse see, and the statements by which its administrator lets them.

Readers have a role per flow and see views alone: a reader of one flow sees nothing of another.
"""

from collections.abc import Iterator, Sequence

from config.warehouse import PostgresWarehouse
from warehouse import tables
from warehouse.database import Database
from warehouse.postgres_line import BOOKS

QUIET = {
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_statement": "none",
    "log_min_duration_statement": "-1",
    "log_parameter_max_length": "0",
}
"""What the loader's role needs and may not set itself: an error's detail holds the values of a row."""


def views_of(database: Database, flow: str) -> Iterator[str]:
    """Yield the statements that make the flow's views show all that its tables have; none if they do."""
    there, shown = tables.columns_in(database, flow), tables.columns_in(database, f"{flow}_read")
    for name, columns in there.items():
        if shown.get(name) != columns:
            yield f'CREATE OR REPLACE VIEW "{flow}_read"."{name}" AS SELECT * FROM {tables.table(flow, name)}'
    if tables.BATCHES not in shown:
        yield (
            f'CREATE VIEW "{flow}_read".{tables.BATCHES} WITH (security_barrier) AS '
            f"SELECT {tables.BATCH_COLUMNS} FROM {BOOKS}.viaduct_batches WHERE flow = '{flow}'"
        )


def grants(server: PostgresWarehouse, flows: Sequence[str]) -> str:
    """Return what the server's administrator runs once in the database, and again when a flow is added.

    It sets no password. Whoever is to read a flow is made a member of FLOW_reader.
    """
    loader, database = quoted(server.role), quoted(server.database)
    lines = [
        "-- Viaduct: roles, schemas and rights. Run in the database itself, by its administrator.",
        "-- On a managed server, where that is no superuser: after the first statement, also",
        f"--   GRANT {loader} TO CURRENT_USER;",
        role(server.role, "LOGIN"),
        *(f"ALTER ROLE {loader} SET {name} = '{value}';" for name, value in QUIET.items()),
        "-- Whoever may sign in to a database is told by the server how many rows each table of it has.",
        f"REVOKE CONNECT ON DATABASE {database} FROM PUBLIC;",
        f"GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {loader};",
        f"CREATE SCHEMA IF NOT EXISTS {BOOKS} AUTHORIZATION {loader};",
    ]
    for flow in flows:
        reader, views = quoted(f"{flow}_reader"), quoted(f"{flow}_read")
        lines += [
            "",
            role(f"{flow}_reader", "NOLOGIN"),
            f"GRANT CONNECT ON DATABASE {database} TO {reader};",
            f"CREATE SCHEMA IF NOT EXISTS {quoted(flow)} AUTHORIZATION {loader};",
            f"CREATE SCHEMA IF NOT EXISTS {views} AUTHORIZATION {loader};",
            f"GRANT USAGE ON SCHEMA {views} TO {reader};",
            f"GRANT SELECT ON ALL TABLES IN SCHEMA {views} TO {reader};",
            f"ALTER DEFAULT PRIVILEGES FOR ROLE {loader} IN SCHEMA {views}",
            f"    GRANT SELECT ON TABLES TO {reader};",
        ]
    return "\n".join(lines) + "\n"


def role(name: str, kind: str) -> str:
    """Return the statement that makes a role where it is missing."""
    return (
        f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = '{name}') "
        f"THEN CREATE ROLE {quoted(name)} {kind}; END IF; END $$;"
    )


def quoted(name: str) -> str:
    """Return a checked name as SQL writes it."""
    return f'"{name}"'
