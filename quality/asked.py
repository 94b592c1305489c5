"""What providers were asked to mend, week by week: the codes of findings and minutes, and nothing else.

A list is made once a week and then only grows shorter, so that whoever works through it sees an end of it.
"""

import os
import sqlite3
from collections.abc import Collection, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import polars as pl

from common.clock import stamp
from common.errors import Answer, DiskRefuses, Failure, ViaductError
from common.files import PRIVATE_FILE, private_folder
from config.site import Site

FILE = "asked.sqlite"
FORMAT = 1
WAIT_SECONDS = 30
PRAGMAS = ("journal_mode = DELETE", "synchronous = EXTRA", "temp_store = MEMORY", "secure_delete = ON")
TABLES = (
    """
    CREATE TABLE IF NOT EXISTS list (
        provider TEXT NOT NULL, day TEXT NOT NULL, made_at TEXT NOT NULL, PRIMARY KEY (provider, day)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE IF NOT EXISTS asked (
        provider TEXT NOT NULL, day TEXT NOT NULL, code TEXT NOT NULL, minutes REAL NOT NULL,
        asked_at TEXT NOT NULL, joined INTEGER NOT NULL,
        told_at TEXT NOT NULL DEFAULT '', overdue_told_at TEXT NOT NULL DEFAULT '',
        PRIMARY KEY (provider, day, code)
    ) STRICT, WITHOUT ROWID
    """,
)
BEGIN_LIST = "INSERT INTO list VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
# What stood on the list before has been told of already.
ASK = """
INSERT INTO asked (provider, day, code, minutes, asked_at, joined, told_at, overdue_told_at)
SELECT :provider, :day, :code, :minutes, :at, :joined, coalesce(max(told_at), ''),
       coalesce(max(overdue_told_at), '')
FROM asked WHERE provider = :provider AND code = :code
    AND day = (SELECT max(day) FROM list WHERE provider = :provider AND day < :day)
ON CONFLICT DO NOTHING
"""
OF_LIST = "SELECT code, minutes, joined, told_at, overdue_told_at FROM asked WHERE provider = ? AND day = ?"
BURDEN = """
SELECT l.provider, l.day, count(a.code), coalesce(sum(a.minutes), 0.0)
FROM list AS l LEFT JOIN asked AS a USING (provider, day)
GROUP BY l.provider, l.day ORDER BY l.provider, l.day
"""
BURDENS = pl.Schema(
    {
        "provider": pl.String(),
        "week": pl.String(),
        "day": pl.Date(),
        "findings": pl.Int64(),
        "minutes": pl.Float64(),
    }
)


class AskedUnreadable(ViaductError):
    """The file of what providers were asked cannot be opened, or is not one that this version wrote."""

    code = "E945"
    exit_code = 70
    title = "What providers were asked this week cannot be read."
    answer = Answer.PUT_RIGHT
    failure = Failure.SYSTEM
    remedy = (
        "Move state/asked.sqlite aside: the next run makes this week's lists anew and tells of them again."
    )


@dataclass(frozen=True)
class Wish:
    """One finding that a provider is to be asked to mend, and how many minutes that takes."""

    code: str
    minutes: float


@dataclass(frozen=True)
class Asked:
    """One finding on a provider's list. joined: it came later, for it holds a record back."""

    code: str
    minutes: float
    joined: bool
    told: bool
    overdue_told: bool


@dataclass(frozen=True)
class WeekList:
    """A provider's list of one week. made_at: empty where there is none yet."""

    day: date
    made_at: str
    asked: tuple[Asked, ...]

    @property
    def codes(self) -> frozenset[str]:
        """Return the codes of all that stands on it, mended or not."""
        return frozenset(one.code for one in self.asked)


class AskedStore:
    """The lists of a site in one SQLite file. Errors of all: AskedUnreadable, DiskRefuses."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @classmethod
    def of(cls, site: Site) -> "AskedStore":
        """Return the site's store."""
        return cls(site.var / "state" / FILE)

    def week(self, provider: str, day: date) -> WeekList:
        """Return the provider's list that was made for the week of this day."""
        if not self._path.exists():
            return WeekList(day, "", ())
        with _opened(self._path) as store:
            of = (provider, day.isoformat())
            made = store.execute("SELECT made_at FROM list WHERE provider = ? AND day = ?", of).fetchone()
            rows = store.execute(OF_LIST, of).fetchall()
        asked = (
            Asked(code, minutes, bool(late), bool(told), bool(due)) for code, minutes, late, told, due in rows
        )
        return WeekList(day, made[0] if made else "", tuple(asked))

    def ask(self, provider: str, day: date, wishes: Iterable[Wish], at: datetime, *, joined: bool) -> None:
        """Put findings on the provider's list, which is begun if there is none; once more changes nothing."""
        with _opened(self._path) as store:
            store.execute("BEGIN IMMEDIATE")
            store.execute(BEGIN_LIST, (provider, day.isoformat(), stamp(at)))
            same = {"provider": provider, "day": day.isoformat(), "at": stamp(at), "joined": int(joined)}
            store.executemany(ASK, [{**same, **vars(wish)} for wish in wishes])
            store.execute("COMMIT")

    def told(
        self, provider: str, day: date, new: Collection[str], overdue: Collection[str], at: datetime
    ) -> None:
        """Note of which findings of the list the provider was told by mail: as new, as overdue."""
        with _opened(self._path) as store:
            store.execute("BEGIN IMMEDIATE")
            for column, codes in (("told_at", new), ("overdue_told_at", overdue)):
                store.executemany(
                    f"UPDATE asked SET {column} = ? WHERE provider = ? AND day = ? AND code = ?",  # noqa: S608
                    [(stamp(at), provider, day.isoformat(), code) for code in codes],
                )
            store.execute("COMMIT")

    def burden(self) -> pl.DataFrame:
        """Return how much each provider was asked in each ISO week: DataFrame as BURDENS."""
        rows: list[tuple[str, str, int, float]] = []
        if self._path.exists():
            with _opened(self._path) as store:
                rows = store.execute(BURDEN).fetchall()
        told = [
            (name, week_of(date.fromisoformat(day)), date.fromisoformat(day), n, m)
            for name, day, n, m in rows
        ]
        return pl.DataFrame(told, schema=BURDENS, orient="row")

    def sweep(self, before: date) -> None:
        """Remove the lists of weeks before the day, the one in force left aside."""
        if not self._path.exists():
            return
        with _opened(self._path) as store:
            store.execute("BEGIN IMMEDIATE")
            for table in ("asked", "list"):
                store.execute(f"DELETE FROM {table} WHERE day < ?", (before.isoformat(),))  # noqa: S608
            store.execute("COMMIT")


def week_of(day: date) -> str:
    """Return the ISO week of the day, as 2026-W48."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Yield a connection; what SQLite says of a failure is not repeated."""
    failed: ViaductError | None = None
    try:
        private_folder(path.parent)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, PRIVATE_FILE))
        with closing(sqlite3.connect(path, isolation_level=None, timeout=WAIT_SECONDS)) as store:
            _prepare(store)
            yield store
    except (sqlite3.Error, OSError) as error:
        failed = DiskRefuses.of(error, f"state/{path.name}") or AskedUnreadable(f"state/{path.name}")
    if failed is not None:
        raise failed


def _prepare(store: sqlite3.Connection) -> None:
    """Set how the file is kept, and make its tables in a new one; another format is refused."""
    for pragma in PRAGMAS:
        store.execute(f"PRAGMA {pragma}")
    version = store.execute("PRAGMA user_version").fetchone()[0]
    if version not in (0, FORMAT):
        raise sqlite3.DatabaseError
    if version == 0:
        store.execute("BEGIN IMMEDIATE")
        for table in TABLES:
            store.execute(table)
        store.execute(f"PRAGMA user_version = {FORMAT}")
        store.execute("COMMIT")
