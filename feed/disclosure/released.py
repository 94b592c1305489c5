"""What was released to whom: published cells, so that a later release cannot be subtracted from them.

No count stands here that was not published, and nothing of a person.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from common.errors import DiskRefuses, ViaductError
from common.files import PRIVATE_FILE, private_folder
from feed.disclosure.cells import months_of
from feed.disclosure.errors import ReleasedUnreadable
from feed.disclosure.profile import Profile
from feed.disclosure.structure import Structure

FORMAT = 1
WAIT_SECONDS = 60
DAYS_OF_A_MONTH = 31
TABLES = (
    """CREATE TABLE release (number INTEGER PRIMARY KEY, recipient TEXT NOT NULL, period TEXT NOT NULL,
        released_on TEXT NOT NULL, is_settled INTEGER NOT NULL)""",
    """CREATE TABLE cell (release INTEGER NOT NULL REFERENCES release, count_id TEXT NOT NULL,
        period TEXT NOT NULL, breakdown TEXT NOT NULL, category TEXT NOT NULL, value INTEGER,
        shown TEXT NOT NULL, lower REAL NOT NULL, upper REAL,
        PRIMARY KEY (count_id, period, breakdown, category, release)) WITHOUT ROWID""",
)
SHOWN = """
SELECT c.count_id, c.period, c.breakdown, c.category, c.value, c.shown, c.lower, c.upper,
    r.released_on, c.release, c.release = (
        SELECT max(o.release) FROM cell o JOIN release p ON p.number = o.release
        WHERE p.recipient = r.recipient AND o.count_id = c.count_id AND o.period = c.period
        AND o.breakdown = c.breakdown AND o.category = c.category) AS latest
FROM cell c JOIN release r ON r.number = c.release
WHERE r.recipient = :recipient AND r.released_on >= :since
ORDER BY c.release
"""
CELLS = ("count_id", "period", "breakdown", "category", "value", "shown", "lower", "upper")
FRAME = pl.Schema(
    {
        "count_id": pl.String(),
        "period": pl.String(),
        "breakdown": pl.String(),
        "category": pl.String(),
        "value": pl.Int64(),
        "shown": pl.String(),
        "lower": pl.Float64(),
        "upper": pl.Float64(),
        "released_on": pl.String(),
        "release": pl.Int64(),
        "latest": pl.Boolean(),
    }
)


@dataclass(frozen=True)
class Released:
    """The cells that one recipient was given, in one SQLite file.

    A release is entered before it is published and settled after: one that is not settled may have been.
    """

    path: Path
    recipient: str

    def before(self, structure: Structure, profile: Profile, today: date) -> pl.DataFrame:
        """Return what is known of each cell that was released in the time the profile remembers.

        Returns: of each cell what every edition showed of it (`release`), and which was the last (`latest`):
                 whoever has an edition keeps it.
        Errors: ReleasedUnreadable.
        """
        since = today - timedelta(days=profile.memory_months * DAYS_OF_A_MONTH)
        with self._opened() as store:
            rows = store.execute(SHOWN, {"recipient": self.recipient, "since": since.isoformat()}).fetchall()
        cells = pl.DataFrame(rows, schema=FRAME, orient="row").with_columns(
            upper=pl.col("upper").fill_null(float("inf")), hidden=pl.col("value").is_null()
        )
        known = cells.join(structure.shape(), on="count_id", how="inner", maintain_order="left")
        return known.join(months_of(known["period"]), on="period", how="left", maintain_order="left")

    def enter(self, period: str, known: pl.DataFrame, today: date) -> int:
        """Enter what is about to be published, and return the number to settle it by.

        Given:  what is known of each cell. Errors: ReleasedUnreadable.
        """
        bounded = known.select(*CELLS[:-1], upper=pl.col("upper").replace({float("inf"): None}))
        with self._opened() as store:
            store.execute("BEGIN IMMEDIATE")
            about = (self.recipient, period, today.isoformat())
            entered = store.execute("INSERT INTO release VALUES (NULL, ?, ?, ?, 0)", about)
            number = int(entered.lastrowid or 0)
            places = ", ".join("?" * len(CELLS))
            rows = ((number, *row) for row in bounded.iter_rows())
            store.executemany(f"INSERT INTO cell VALUES (?, {places})", rows)
            store.execute("COMMIT")
        return number

    def settle(self, number: int, *, was_released: bool) -> None:
        """Keep what was entered as released, or take it out again. Errors: ReleasedUnreadable."""
        with self._opened() as store:
            store.execute("BEGIN IMMEDIATE")
            if was_released:
                store.execute("UPDATE release SET is_settled = 1 WHERE number = ?", (number,))
            else:
                store.execute("DELETE FROM cell WHERE release = ?", (number,))
                store.execute("DELETE FROM release WHERE number = ?", (number,))
            store.execute("COMMIT")

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        failed: ViaductError | None = None
        try:
            private_folder(self.path.parent)
            os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, PRIVATE_FILE))
            with closing(sqlite3.connect(self.path, isolation_level=None, timeout=WAIT_SECONDS)) as store:
                _prepare(store)
                yield store
        except (sqlite3.Error, OSError) as error:
            failed = DiskRefuses.of(error, self.path.name) or ReleasedUnreadable(self.path.name)
        if failed is not None:
            raise failed


def _prepare(store: sqlite3.Connection) -> None:
    store.execute("PRAGMA synchronous = FULL")
    found = store.execute("PRAGMA user_version").fetchone()[0]
    if found == FORMAT:
        return
    if found > FORMAT:
        raise sqlite3.DatabaseError
    store.execute("BEGIN IMMEDIATE")
    if store.execute("PRAGMA user_version").fetchone()[0] == 0:
        for table in TABLES:
            store.execute(table)
        store.execute(f"PRAGMA user_version = {FORMAT}")
    store.execute("COMMIT")
