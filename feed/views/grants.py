"""What a server's administrator runs once, so that published figures can be shown there by views."""

from config.warehouse import PostgresWarehouse
from feed.views.declared import ROWS, SCHEMA
from feed.views.server import READER
from warehouse.postgres_views import quoted, role


def view_grants(server: PostgresWarehouse) -> str:
    """Return the statements, which may be run again. They set no password.

    Whoever is to read is made a member of the readers' role.
    """
    publisher, reader, database = quoted(server.role), quoted(READER), quoted(server.database)
    lines = [
        "-- Viaduct: the views of what is published. Run by the administrator, in a database that",
        f"-- holds nothing else, on the warehouse's server or another: CREATE DATABASE {database};",
        "-- On a managed server, where that is no superuser: after the first statement, also",
        f"--   GRANT {publisher} TO CURRENT_USER;",
        role(server.role, "LOGIN"),
        role(READER, "NOLOGIN"),
        f"GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {publisher};",
        f"GRANT CONNECT ON DATABASE {database} TO {reader};",
        *(f"CREATE SCHEMA IF NOT EXISTS {schema} AUTHORIZATION {publisher};" for schema in (SCHEMA, ROWS)),
        f"REVOKE ALL ON SCHEMA {ROWS} FROM PUBLIC;",
        f"GRANT USAGE ON SCHEMA {SCHEMA} TO {reader};",
        f"GRANT SELECT ON ALL TABLES IN SCHEMA {SCHEMA} TO {reader};",
        f"ALTER DEFAULT PRIVILEGES FOR ROLE {publisher} IN SCHEMA {SCHEMA}",
        f"    GRANT SELECT ON TABLES TO {reader};",
    ]
    return "\n".join(lines) + "\n"
