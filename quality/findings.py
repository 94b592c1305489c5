"""The life of a finding: opened when first seen, kept while seen, closed when the record is mended."""

import os
import sqlite3
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl

from common.clock import stamp
from common.errors import Answer, DiskRefuses, Failure, ViaductError
from common.files import PRIVATE_FILE, private_folder
from quality.answers import record_name
from quality.checks import Severity
from quality.inspection import UNDECIDED

FORMAT = 1
WAIT_SECONDS = 30
PRAGMAS = ("journal_mode = DELETE", "synchronous = EXTRA", "temp_store = MEMORY", "secure_delete = ON")
TABLE = """
CREATE TABLE IF NOT EXISTS finding (
    number INTEGER PRIMARY KEY,
    source TEXT NOT NULL, entity TEXT NOT NULL, record TEXT NOT NULL, check_id TEXT NOT NULL,
    field TEXT NOT NULL, severity TEXT NOT NULL, effect TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'closed')),
    first_seen TEXT NOT NULL, first_run TEXT NOT NULL, last_seen TEXT NOT NULL, last_run TEXT NOT NULL,
    closed_at TEXT, closed_run TEXT
) STRICT
"""
ONE_OPEN = """
CREATE UNIQUE INDEX IF NOT EXISTS one_open ON finding (source, entity, record, check_id, field)
WHERE state = 'open'
"""
TONIGHT = "source TEXT, entity TEXT, record TEXT, check_id TEXT, field TEXT, severity TEXT, effect TEXT"
OPEN_NEW_OR_KEEP = """
INSERT INTO finding (source, entity, record, check_id, field, severity, effect, state,
                     first_seen, first_run, last_seen, last_run)
SELECT source, entity, record, check_id, field, severity, effect, 'open', :at, :run, :at, :run
FROM found WHERE true
ON CONFLICT (source, entity, record, check_id, field) WHERE state = 'open'
DO UPDATE SET severity = excluded.severity, effect = excluded.effect, last_seen = :at, last_run = :run
"""
CLOSE_MENDED = """
UPDATE finding SET state = 'closed', closed_at = :at, closed_run = :run
WHERE state = 'open' AND last_run <> :run AND source IN (SELECT source FROM complete)
AND NOT EXISTS (SELECT 1 FROM undecided AS u WHERE u.source = finding.source AND u.entity = finding.entity
                AND u.check_id = finding.check_id AND (u.record IS NULL OR u.record = finding.record))
"""
COUNTS = """
SELECT severity, count(*) FROM finding WHERE state = 'open' GROUP BY severity
UNION ALL SELECT 'new', count(*) FROM finding WHERE first_run = :run
UNION ALL SELECT 'closed', count(*) FROM finding WHERE closed_run = :run
"""
SWEPT = """
CREATE TABLE IF NOT EXISTS swept (
    source TEXT NOT NULL, check_id TEXT NOT NULL, findings INTEGER NOT NULL, PRIMARY KEY (source, check_id)
) STRICT
"""
COUNT_SWEPT = """
INSERT INTO swept SELECT source, check_id, count(*) FROM finding
WHERE state = 'closed' AND closed_at < :before GROUP BY source, check_id
ON CONFLICT (source, check_id) DO UPDATE SET findings = findings + excluded.findings
"""
SWEEP = "DELETE FROM finding WHERE state = 'closed' AND closed_at < :before"
OPEN = """
SELECT source, entity, record, check_id, field, severity, effect, first_seen, first_run, last_run
FROM finding WHERE state = 'open' AND (:source IS NULL OR source = :source)
ORDER BY source, CASE severity WHEN 'error' THEN 1 WHEN 'warning' THEN 2 ELSE 3 END, check_id, record, field
"""


class FindingsUnreadable(ViaductError):
    """The file that holds the findings cannot be opened, or is not one that this version wrote."""

    code = "E910"
    exit_code = 70
    title = "The store of findings cannot be read."
    answer = Answer.PUT_RIGHT
    failure = Failure.SYSTEM
    remedy = "Move the file aside and run again: everything is found anew, with today as first seen."


@dataclass(frozen=True)
class Finding:
    """One open finding: which record of which source, which field, since when; never a value."""

    source: str
    entity: str
    record: str
    check: str
    field: str
    severity: str
    effect: str
    first_seen: str
    first_run: str
    last_run: str


class FindingStore:
    """The findings of a site in one SQLite file; each night is one transaction, whole or absent."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def record(
        self,
        findings: pl.DataFrame,
        run_id: str,
        complete: Collection[str],
        at: datetime,
        undecided: pl.DataFrame | None = None,
        *,
        keep: bool = True,
    ) -> dict[str, int]:
        """Return how many findings are open by severity, and how many this run opened and closed.

        Given:   findings and undecided as `inspect` gives them; complete: the sources pulled whole, whose
                 findings close when no longer found (unless the check could not be answered tonight).
                 keep=False counts what would happen and changes nothing. A run may be recorded again.
        Errors:  FindingsUnreadable.
        """
        target = self._path if keep or self._path.exists() else None
        with _opened(target) as store:
            store.execute("BEGIN IMMEDIATE")
            _take(store, findings, complete, UNDECIDED.to_frame() if undecided is None else undecided)
            when = {"at": stamp(at), "run": run_id}
            store.execute(OPEN_NEW_OR_KEEP, when)
            store.execute(CLOSE_MENDED, when)
            counts = dict.fromkeys([*(level.value for level in Severity), "new", "closed"], 0)
            counts.update(store.execute(COUNTS, when).fetchall())
            store.execute("COMMIT" if keep else "ROLLBACK")
        return counts

    def sweep(self, before: datetime) -> int:
        """Remove findings closed before the instant and return how many; their number per check is kept.

        Errors:  FindingsUnreadable.
        """
        if not self._path.exists():
            return 0
        with _opened(self._path) as store:
            store.execute("BEGIN IMMEDIATE")
            store.execute(SWEPT)
            store.execute(COUNT_SWEPT, {"before": stamp(before)})
            gone = store.execute(SWEEP, {"before": stamp(before)}).rowcount
            store.execute("COMMIT" if gone else "ROLLBACK")
        return gone

    def open(self, source: str | None = None) -> list[Finding]:
        """Return the open findings of one source or of all, gravest first. Errors: FindingsUnreadable."""
        if not self._path.exists():
            return []
        with _opened(self._path) as store:
            return [Finding(*row) for row in store.execute(OPEN, {"source": source})]


@contextmanager
def _opened(path: Path | None) -> Iterator[sqlite3.Connection]:
    """Yield a connection, to memory where no path is given; what SQLite says of a failure is not repeated."""
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
    """Set how the file is kept, and make its table in a new one; another format is refused."""
    for pragma in PRAGMAS:
        store.execute(f"PRAGMA {pragma}")
    version = store.execute("PRAGMA user_version").fetchone()[0]
    if version not in (0, FORMAT):
        raise sqlite3.DatabaseError
    if version == 0:
        store.execute("BEGIN IMMEDIATE")
        store.execute(TABLE)
        store.execute(ONE_OPEN)
        store.execute(f"PRAGMA user_version = {FORMAT}")
        store.execute("COMMIT")


def _take(
    store: sqlite3.Connection,
    findings: pl.DataFrame,
    complete: Collection[str],
    undecided: pl.DataFrame,
) -> None:
    """Put tonight's rows into temporary tables, kept in memory."""
    record = record_name("reference", "row").alias("record")
    found = findings.select("source", "entity", record, "check", "field", "severity", "effect").unique()
    store.execute(f"CREATE TEMP TABLE found ({TONIGHT})")
    store.execute("CREATE TEMP TABLE undecided (source TEXT, entity TEXT, record TEXT, check_id TEXT)")
    store.execute("CREATE TEMP TABLE complete (source TEXT)")
    store.executemany("INSERT INTO found VALUES (?, ?, ?, ?, ?, ?, ?)", found.iter_rows())
    unanswered = undecided.select(UNDECIDED.names()).iter_rows()
    store.executemany("INSERT INTO undecided VALUES (?, ?, ?, ?)", unanswered)
    store.executemany("INSERT INTO complete VALUES (?)", [(name,) for name in complete])
    store.execute("CREATE INDEX temp.asked ON undecided (source, entity, check_id, record)")
