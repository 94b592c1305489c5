"""The file that holds the findings: how it is made, opened, and brought to today's format."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from common.errors import Answer, DiskRefuses, Failure, ViaductError
from common.files import PRIVATE_FILE, private_folder
from quality.life import first_month, public_code

FORMAT = 2
WAIT_SECONDS = 30
PRAGMAS = ("journal_mode = DELETE", "synchronous = EXTRA", "temp_store = MEMORY", "secure_delete = ON")
FINDING = """
CREATE TABLE finding (
    number INTEGER PRIMARY KEY, code TEXT NOT NULL,
    source TEXT NOT NULL, entity TEXT NOT NULL, record TEXT NOT NULL, check_id TEXT NOT NULL,
    field TEXT NOT NULL, severity TEXT NOT NULL, effect TEXT NOT NULL, other TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL CHECK (state IN
        ('open', 'acknowledged', 'mended', 'accepted', 'disputed', 'closed', 'withdrawn')),
    baseline INTEGER NOT NULL DEFAULT 0,
    first_seen TEXT NOT NULL, first_run TEXT NOT NULL, last_seen TEXT NOT NULL, last_run TEXT NOT NULL,
    opened TEXT NOT NULL, opened_run TEXT NOT NULL, times_opened INTEGER NOT NULL DEFAULT 1,
    due TEXT NOT NULL DEFAULT '',
    acted_by TEXT NOT NULL DEFAULT '', acted_at TEXT NOT NULL DEFAULT '', reason TEXT NOT NULL DEFAULT '',
    until TEXT NOT NULL DEFAULT '',
    passed_run TEXT NOT NULL DEFAULT '', ended_at TEXT, ended_run TEXT
) STRICT
"""
ONE_OF_EACH = "CREATE UNIQUE INDEX one_of_each ON finding (source, entity, record, check_id, field)"
BY_CODE = "CREATE INDEX by_code ON finding (code)"
EVENT = """
CREATE TABLE event (
    number INTEGER PRIMARY KEY, finding INTEGER NOT NULL,
    at TEXT NOT NULL, run_id TEXT NOT NULL, from_state TEXT NOT NULL, to_state TEXT NOT NULL,
    acted_by TEXT NOT NULL, reason TEXT NOT NULL
) STRICT
"""
BY_FINDING = "CREATE INDEX by_finding ON event (finding)"
LOOKED = "CREATE TABLE looked (source TEXT PRIMARY KEY, run_id TEXT NOT NULL, at TEXT NOT NULL) STRICT"
SWEPT = """
CREATE TABLE IF NOT EXISTS swept (
    source TEXT NOT NULL, check_id TEXT NOT NULL, findings INTEGER NOT NULL, PRIMARY KEY (source, check_id)
) STRICT
"""
TABLES = (FINDING, ONE_OF_EACH, BY_CODE, EVENT, BY_FINDING, LOOKED, SWEPT)
FROM_ONE = (
    "DROP INDEX one_open",
    "ALTER TABLE finding RENAME TO spell",
    *TABLES,
    # Format 1 had one row for each time a finding was open; the last of them says how it stands.
    """
    INSERT INTO finding (code, source, entity, record, check_id, field, severity, effect, state, baseline,
        first_seen, first_run, last_seen, last_run, opened, opened_run, times_opened, reason,
        ended_at, ended_run)
    SELECT public_code(source, entity, record, check_id, field),
        source, entity, record, check_id, field, severity, effect, state,
        first_value(first_run) OVER spells = first_value(first_run) OVER sources,
        first_value(first_seen) OVER spells, first_value(first_run) OVER spells,
        last_seen, last_run, first_seen, first_run, row_number() OVER spells,
        CASE state WHEN 'closed' THEN 'before_delivery_was_verified' ELSE '' END, closed_at, closed_run
    FROM spell WHERE true
    WINDOW spells AS (PARTITION BY source, entity, record, check_id, field ORDER BY number),
           sources AS (PARTITION BY source ORDER BY number)
    ORDER BY number
    ON CONFLICT (source, entity, record, check_id, field) DO UPDATE SET
        severity = excluded.severity, effect = excluded.effect, state = excluded.state,
        last_seen = excluded.last_seen, last_run = excluded.last_run, opened = excluded.opened,
        opened_run = excluded.opened_run, times_opened = excluded.times_opened, reason = excluded.reason,
        ended_at = excluded.ended_at, ended_run = excluded.ended_run
    """,
    """
    INSERT INTO event (finding, at, run_id, from_state, to_state, acted_by, reason)
    SELECT f.number, e.at, e.run_id, e.from_state, e.to_state, '', e.reason FROM (
        SELECT *, first_seen AS at, first_run AS run_id, 'closed' AS from_state, 'open' AS to_state,
               'found_again' AS reason, 2 * number AS turn FROM spell
        UNION ALL
        SELECT *, closed_at, closed_run, 'open', 'closed', 'before_delivery_was_verified', 2 * number + 1
        FROM spell WHERE state = 'closed'
    ) AS e JOIN finding AS f USING (source, entity, record, check_id, field)
    WHERE e.to_state = 'closed' OR e.first_run <> f.first_run OR e.first_seen <> f.first_seen
    ORDER BY e.turn
    """,
    "INSERT INTO looked SELECT source, min(first_run), min(first_seen) FROM spell GROUP BY source",
    "DROP TABLE spell",
)


class FindingsUnreadable(ViaductError):
    """The file that holds the findings cannot be opened, or is not one that this version wrote."""

    code = "E910"
    exit_code = 70
    title = "The store of findings cannot be read."
    answer = Answer.PUT_RIGHT
    failure = Failure.SYSTEM
    remedy = "Move the file aside and run again: everything is found anew, with today as first seen."


@contextmanager
def opened(path: Path | None) -> Iterator[sqlite3.Connection]:
    """Yield a connection, to memory where no path is given; what SQLite says of a failure is not repeated.

    Errors: FindingsUnreadable, DiskRefuses.
    """
    failed: ViaductError | None = None
    try:
        if path is not None:
            private_folder(path.parent)
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, PRIVATE_FILE))
        connection = sqlite3.connect(path or ":memory:", isolation_level=None, timeout=WAIT_SECONDS)
        with closing(connection) as store:
            _prepare(store)
            yield store
    except (sqlite3.Error, OSError) as error:
        name = path.name if path else ""
        failed = DiskRefuses.of(error, f"state/{name}") or FindingsUnreadable(name)
    if failed is not None:
        raise failed


def _prepare(store: sqlite3.Connection) -> None:
    """Set how the file is kept, and bring it to today's format in one transaction; a later one is refused."""
    store.create_function("public_code", 5, public_code, deterministic=True)
    store.create_function("first_month", 1, first_month, deterministic=True)
    for pragma in PRAGMAS:
        store.execute(f"PRAGMA {pragma}")
    if _format_of(store) == FORMAT:
        return
    store.execute("BEGIN IMMEDIATE")
    # Another process may have brought it there while this one waited.
    for step in {0: TABLES, 1: FROM_ONE, FORMAT: ()}[_format_of(store)]:
        store.execute(step)
    store.execute(f"PRAGMA user_version = {FORMAT}")
    store.execute("COMMIT")


def _format_of(store: sqlite3.Connection) -> int:
    version = int(store.execute("PRAGMA user_version").fetchone()[0])
    if version not in range(FORMAT + 1):
        raise sqlite3.DatabaseError
    return version
