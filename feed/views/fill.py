"""Make a database show exactly the editions that lie in the folder of releases, in one transaction."""

import hashlib
from collections.abc import Sequence

import polars as pl
import pyarrow as pa

from feed.release.sheet import ARROW, POLARS, Column
from feed.views.declared import IN_FORCE, OF, ROWS, SAME, SCHEMA, WORDS, listed, quoted, tables, views
from feed.views.editions import Edition
from warehouse.database import INCOMING, Database, Row

TOLD_BY = f"""INSERT INTO {ROWS}.chosen SELECT of_release, of_edition, {{same}} FROM (
    SELECT g.*, row_number() OVER (PARTITION BY {{of_g}} ORDER BY CAST(e.as_of AS TIMESTAMP) DESC,
        e.period_end - e.period_start, e.release) AS place
    FROM (SELECT DISTINCT of_release, of_edition, {{same}} FROM {ROWS}.figures) g
    JOIN {ROWS}.editions e ON e.release = g.of_release AND e.edition = g.of_edition
    WHERE e.state = '{IN_FORCE}') ranked WHERE place = 1"""


def shows(database: Database, editions: Sequence[Edition]) -> bool:
    """Return whether the database shows these editions already, and nothing else."""
    return _shape_of(database) == _shape() and _editions_of(database) == [each.row for each in editions]


def fill(database: Database, editions: Sequence[Edition]) -> None:
    """Make the views show the editions; what is there of them stays, what else is there goes.

    Given:   a transaction that was begun, and both schemas.
    Errors:  ReleaseAltered, and those of the database; then nothing of it may be committed.
    """
    if _shape_of(database) != _shape():
        _make(database)
    digest = {each.name: each.sha256 for each in editions}
    there = {row[:2]: str(row[_PLACE["sha256"]]) for row in _editions_of(database)}
    for name in (name for name, sha in there.items() if digest.get(name) != sha):
        _remove(database, name)
    for edition in (each for each in editions if there.get(each.name) != each.sha256):
        for table, rows in edition.rows().items():
            _add(database, table, rows)
    _replace_editions(database, editions)
    same, of_g = (", ".join(f"{of}{quoted(name)}" for name in SAME) for of in ("", "g."))
    database.run(f"DELETE FROM {ROWS}.chosen")
    database.run(TOLD_BY.format(same=same, of_g=of_g))


_EDITIONS = tables()["editions"]
_PLACE = {column.name: place for place, column in enumerate(_EDITIONS)}


def _shape() -> dict[str, str]:
    """Return the digest of each statement that makes a table or a view, by the name of what it makes."""
    return {name: hashlib.sha256(made.encode()).hexdigest() for name, made in (_tables() | _views()).items()}


def _tables() -> dict[str, str]:
    return {
        f"{ROWS}.{name}": f"CREATE TABLE {ROWS}.{name} ({', '.join(map(_column, columns))})"
        for name, columns in tables().items()
    }


def _column(column: Column) -> str:
    return f"{quoted(column.name)} {WORDS[column.kind]}{' NOT NULL' if column.required else ''}"


def _views() -> dict[str, str]:
    """Return what makes the views; one that is made again keeps its rights, and what was built on it."""
    names = {view.name: f"{SCHEMA}.{quoted(view.name)}" for view in views()}
    return {
        names[each.name]: f"CREATE OR REPLACE VIEW {names[each.name]} AS {each.selects}" for each in views()
    }


def _make(database: Database) -> None:
    """Make what is missing or made otherwise; where a table is, all of it anew."""
    there, wanted = _shape_of(database), _shape()
    if any(there.get(name) != wanted[name] for name in _tables()):
        _drop(database, "VIEW", [f"{SCHEMA}.{quoted(name)}" for name in _names(database, SCHEMA)])
        _drop(database, "TABLE", [f"{ROWS}.{quoted(name)}" for name in _names(database, ROWS)])
        database.run(f"CREATE TABLE {ROWS}.shape (name TEXT NOT NULL, sha256 TEXT NOT NULL)")
        there = {}
    _drop(database, "VIEW", sorted(there.keys() - wanted.keys()))
    for name, statement in (_tables() | _views()).items():
        if there.get(name) != wanted[name]:
            database.run(statement)
    for view in views():
        meaning = view.meaning.replace("'", "''")
        database.run(f"COMMENT ON VIEW {SCHEMA}.{quoted(view.name)} IS '{meaning}'")
    database.run(f"DELETE FROM {ROWS}.shape")
    for named in wanted.items():
        database.change(f"INSERT INTO {ROWS}.shape VALUES (?, ?)", named)


def _drop(database: Database, kind: str, names: list[str]) -> None:
    """Drop them in one statement, since one may rest on another; what rests on them elsewhere prevents it."""
    if names:
        database.run(f"DROP {kind} {', '.join(names)}")


def _names(database: Database, schema: str) -> list[str]:
    asked = (
        "SELECT table_name FROM information_schema.tables WHERE table_catalog = current_database() "
        "AND table_schema = ? ORDER BY table_name"
    )
    return [str(name) for (name,) in database.rows(asked, [schema])]


def _shape_of(database: Database) -> dict[str, str]:
    """Return the digest of each table and view that is there, as it was made."""
    there = {f"{ROWS}.{name}" for name in _names(database, ROWS)}
    if f"{ROWS}.shape" not in there:
        return {}
    there |= {f"{SCHEMA}.{quoted(name)}" for name in _names(database, SCHEMA)}
    made = database.rows(f"SELECT name, sha256 FROM {ROWS}.shape")
    return {str(name): str(sha) for name, sha in made if name in there}


def _editions_of(database: Database) -> list[Row]:
    rows = database.rows(f"SELECT {listed(_EDITIONS)} FROM {ROWS}.editions")
    return sorted(rows, key=lambda row: row[:2])


def _remove(database: Database, name: Row) -> None:
    for table, columns in tables().items():
        if columns[: len(OF)] == OF:
            database.change(f"DELETE FROM {ROWS}.{table} WHERE of_release = ? AND of_edition = ?", list(name))


def _replace_editions(database: Database, editions: Sequence[Edition]) -> None:
    database.run(f"DELETE FROM {ROWS}.editions")
    schema = {column.name: POLARS[column.kind] for column in _EDITIONS}
    _add(database, "editions", pl.DataFrame([each.row for each in editions], schema=schema, orient="row"))


def _add(database: Database, table: str, rows: pl.DataFrame) -> None:
    columns = tables()[table]
    typed = pa.schema([(column.name, ARROW[column.kind]) for column in columns])
    with database.lent(rows.to_arrow().cast(typed)):
        names = listed(columns)
        database.run(f"INSERT INTO {ROWS}.{table} ({names}) SELECT {names} FROM {INCOMING}")
