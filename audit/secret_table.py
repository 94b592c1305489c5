"""The table of the secrets of people, one of each: for whoever asks about one of them, or about how many.

The table holds, per person, a keyed digest of who it is, 32 random bytes, and the day of the last batch that
told of them; no reference, no name.
Destroying a row makes every leaf about that person unlinkable for ever; the tree stays as it was signed.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path

from audit.errors import SecretsUnreadable
from common import clock
from common.errors import DiskRefuses, ViaductError
from common.files import private_folder

TABLE = "CREATE TABLE IF NOT EXISTS secret (person BLOB PRIMARY KEY, secret BLOB NOT NULL) WITHOUT ROWID"


class SecretTable:
    """The table of one site. Errors of every method: SecretsUnreadable, DiskRefuses."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def find(self, person: bytes) -> bytes | None:
        """Return the person's secret, or None where there is none (any more)."""
        if not self._path.exists():
            return None
        with self.opened() as table:
            row = table.execute("SELECT secret FROM secret WHERE person = ?", (person,)).fetchone()
            table.execute("ROLLBACK")
        return bytes(row[0]) if row else None

    def destroy(self, person: bytes) -> bool:
        """Forget the person's secret for good; return whether there was one."""
        with self.opened() as table:
            gone = table.execute("DELETE FROM secret WHERE person = ?", (person,)).rowcount
            table.execute("COMMIT")
        with self.opened(begin=False) as table:
            table.execute("VACUUM")
        return gone > 0

    def unused(self, since: date) -> int:
        """Return of how many people who have a secret no batch has told since the day."""
        if not self._path.exists():
            return 0
        with self.opened() as table:
            number = table.execute("SELECT count(*) FROM secret WHERE used_on < ?", (since.isoformat(),))
            found = int(number.fetchone()[0])
            table.execute("ROLLBACK")
        return found

    def destroy_unused(self, since: date) -> int:
        """Forget for good the secrets of whom no batch has told since the day; return how many those were."""
        if not self._path.exists():
            return 0
        with self.opened() as table:
            gone = table.execute("DELETE FROM secret WHERE used_on < ?", (since.isoformat(),)).rowcount
            table.execute("COMMIT")
        if gone:
            with self.opened(begin=False) as table:
                table.execute("VACUUM")
        return gone

    @contextmanager
    def opened(self, *, begin: bool = True) -> Iterator[sqlite3.Connection]:
        """Give the table, with `begin` to this process alone until it commits or rolls back."""
        private_folder(self._path.parent)
        broken: ViaductError | None = None
        try:
            with closing(sqlite3.connect(self._path, isolation_level=None)) as table:
                table.execute("PRAGMA synchronous = EXTRA")
                table.execute("PRAGMA secure_delete = ON")
                table.execute(TABLE)
                _with_days(table)
                if begin:
                    table.execute("BEGIN IMMEDIATE")
                yield table
        except (sqlite3.Error, OSError) as error:
            name = f"state/{self._path.name}"
            broken = DiskRefuses.of(error, name) or SecretsUnreadable(name)
        if broken is not None:
            raise broken


def _with_days(table: sqlite3.Connection) -> None:
    """Give a table of before there were days its column; whom it knows counts as told of today."""
    columns = {row[1] for row in table.execute("PRAGMA table_info(secret)")}
    if "used_on" not in columns:
        table.execute("ALTER TABLE secret ADD COLUMN used_on TEXT")
        table.execute("UPDATE secret SET used_on = ?", (clock.today().isoformat(),))
