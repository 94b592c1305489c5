"""Published figures in a DuckDB file of their own: whoever may open it sees nothing that is not published.

The warehouse file, with the rows about people, is another one and stays private.
"""

from collections.abc import Sequence
from pathlib import Path

import duckdb

from common.files import clear_parts, whole_file
from feed.views.declared import ROWS, SCHEMA
from feed.views.editions import Edition
from feed.views.errors import AS_BEFORE, ViewsNotWritten
from feed.views.fill import fill, shows
from warehouse.duckdb_file import DuckDatabase

NAME = "figures.duckdb"
"""Not the schema's name: DuckDB could not tell the two apart."""
SETTINGS = "threads = 1", "enable_external_access = false", "TimeZone = 'UTC'"


def fill_file(feed: Path, editions: Sequence[Edition]) -> bool:
    """Return whether the file beside the releases is new; where it shows these editions it is left alone.

    Errors:  ReleaseAltered, ViewsNotWritten; then readers find the file as it was.
    """
    path, kind = feed / NAME, ""
    if _shows(path, editions):
        return False
    clear_parts(feed)
    try:
        with whole_file(path, private=False) as temporary:
            temporary.unlink()
            _write(temporary, editions)
    except (duckdb.Error, OSError) as error:
        kind = type(error).__name__
    if kind:
        raise ViewsNotWritten(f"{path.as_posix()} ({kind}).", sent=AS_BEFORE)
    return True


def _shows(path: Path, editions: Sequence[Edition]) -> bool:
    """Return whether the file shows the editions; one that cannot be read is written anew."""
    if not path.is_file():
        return False
    try:
        with duckdb.connect(str(path), read_only=True) as connection:
            return shows(DuckDatabase(connection), editions)
    except duckdb.Error:
        return False


def _write(path: Path, editions: Sequence[Edition]) -> None:
    with duckdb.connect(str(path)) as connection:
        for setting in SETTINGS:
            connection.execute(f"SET {setting}")
        database = DuckDatabase(connection)
        database.begin()
        for schema in (SCHEMA, ROWS):
            database.make_schema(schema)
        fill(database, editions)
        database.run("COMMIT")
        database.run("CHECKPOINT")
