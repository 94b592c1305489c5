"""One secret per person, from which the tags of their leaves and the secrets of their rows are made.

The table holds, per person, a keyed digest of who it is, 32 random bytes, and the day of the last batch that
told of them; no reference, no name.
Destroying a row makes every leaf about that person unlinkable for ever; the tree stays as it was signed.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path

import polars as pl

from audit.errors import SecretsUnreadable
from common import clock
from common.errors import DiskRefuses, ViaductError
from common.files import private_folder
from sealing.digests import hmac_each

SECRET_BYTES = 32
MANY, FEW = 1_000, 4
USED = "UPDATE secret SET used_on = ? WHERE person = ?"
MADE = "INSERT INTO secret (person, secret, used_on) VALUES (?, ?, ?)"
MET = "SELECT person, secret, used_on FROM asked LEFT JOIN secret USING (person) ORDER BY person"
TABLE = "CREATE TABLE IF NOT EXISTS secret (person BLOB PRIMARY KEY, secret BLOB NOT NULL) WITHOUT ROWID"


class PersonSecrets:
    """The table of one site. Errors of every method: SecretsUnreadable, DiskRefuses."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def of(self, people: pl.Series) -> pl.DataFrame:
        """Return DataFrame[person Binary, secret Binary], a secret made and kept for each who has none.

        Given: keyed digests of people, each once. What is returned is durable.
        """
        today = clock.today().isoformat()
        with self._opened() as table:
            found = _met(table, people)
            told = [person for person, secret, used_on in found if secret is not None and used_on != today]
            lacking = [person for person, secret, _ in found if secret is None]
            fresh = os.urandom(SECRET_BYTES * len(lacking))
            made = {
                person: fresh[at * SECRET_BYTES : (at + 1) * SECRET_BYTES]
                for at, person in enumerate(lacking)
            }
            table.executemany(USED, ((today, person) for person in told))
            table.executemany(MADE, ((person, secret, today) for person, secret in made.items()))
            table.execute("COMMIT")
        return _frame([(person, made.get(person, secret)) for person, secret, _ in found])

    def known(self, people: pl.Series) -> pl.DataFrame:
        """Return DataFrame[person Binary, secret Binary] of those people who have a secret; none is made.

        Given: keyed digests of people, each once.
        """
        found: list[tuple[bytes, bytes | None, str | None]] = []
        if self._path.exists():
            with self._opened() as table:
                found = _met(table, people)
                table.execute("ROLLBACK")
        return _frame([(person, secret) for person, secret, _ in found if secret is not None])

    def everybody(self) -> pl.DataFrame:
        """Return DataFrame[person Binary, secret Binary] of all who have a secret."""
        found: list[tuple[bytes, bytes]] = []
        if self._path.exists():
            with self._opened() as table:
                found = table.execute("SELECT person, secret FROM secret").fetchall()
                table.execute("ROLLBACK")
        return pl.DataFrame(found, schema={"person": pl.Binary, "secret": pl.Binary}, orient="row")

    def find(self, person: bytes) -> bytes | None:
        """Return the person's secret, or None where there is none (any more)."""
        if not self._path.exists():
            return None
        with self._opened() as table:
            row = table.execute("SELECT secret FROM secret WHERE person = ?", (person,)).fetchone()
            table.execute("ROLLBACK")
        return bytes(row[0]) if row else None

    def destroy(self, person: bytes) -> bool:
        """Forget the person's secret for good; return whether there was one."""
        with self._opened() as table:
            gone = table.execute("DELETE FROM secret WHERE person = ?", (person,)).rowcount
            table.execute("COMMIT")
        with self._opened(begin=False) as table:
            table.execute("VACUUM")
        return gone > 0

    def unused(self, since: date) -> int:
        """Return of how many people who have a secret no batch has told since the day."""
        if not self._path.exists():
            return 0
        with self._opened() as table:
            number = table.execute("SELECT count(*) FROM secret WHERE used_on < ?", (since.isoformat(),))
            found = int(number.fetchone()[0])
            table.execute("ROLLBACK")
        return found

    def destroy_unused(self, since: date) -> int:
        """Forget for good the secrets of whom no batch has told since the day; return how many those were."""
        if not self._path.exists():
            return 0
        with self._opened() as table:
            gone = table.execute("DELETE FROM secret WHERE used_on < ?", (since.isoformat(),)).rowcount
            table.execute("COMMIT")
        if gone:
            with self._opened(begin=False) as table:
                table.execute("VACUUM")
        return gone

    @contextmanager
    def _opened(self, *, begin: bool = True) -> Iterator[sqlite3.Connection]:
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


def _met(table: sqlite3.Connection, people: pl.Series) -> list[tuple[bytes, bytes | None, str | None]]:
    """Return person, secret and the day of the last batch of everybody asked for, in order; None for none.

    Whoever asks for many reads the whole table, if it is not many times as long.
    """
    asked = people.sort().to_list()
    if len(asked) > MANY and table.execute("SELECT count(*) FROM secret").fetchone()[0] < FEW * len(asked):
        everybody = table.execute("SELECT person, secret, used_on FROM secret")
        known = {person: told for person, *told in everybody}
        return [(person, *known.get(person, (None, None))) for person in asked]
    table.execute("CREATE TEMP TABLE asked (person BLOB PRIMARY KEY) WITHOUT ROWID")
    # In the order of the table: each row is put at its end.
    table.executemany("INSERT INTO asked VALUES (?)", zip(asked))
    return table.execute(MET).fetchall()


def _frame(found: list[tuple[bytes, bytes | None]]) -> pl.DataFrame:
    columns = {"person": [person for person, _ in found], "secret": [secret for _, secret in found]}
    return pl.DataFrame(columns, schema={"person": pl.Binary, "secret": pl.Binary})


def _with_days(table: sqlite3.Connection) -> None:
    """Give a table of before there were days its column; whom it knows counts as told of today."""
    columns = {row[1] for row in table.execute("PRAGMA table_info(secret)")}
    if "used_on" not in columns:
        table.execute("ALTER TABLE secret ADD COLUMN used_on TEXT")
        table.execute("UPDATE secret SET used_on = ?", (clock.today().isoformat(),))


def tags(secrets: pl.Series, batch: str, operation: str) -> pl.Series:
    """Return the tag under which each person's leaf stands in this batch (32 bytes each).

    Given: the batch as FLOW/NNNNNNNN-RUNID, and the operation that the leaf tells of.
    """
    return hmac_each(secrets, f"viaduct tag v1\x1f{batch}\x1f{operation}".encode())


def row_secrets(secrets: pl.Series, batch: str) -> pl.Series:
    """Return the secret under which each person's rows in this batch are committed to (32 bytes each)."""
    return hmac_each(secrets, f"viaduct rows v2\x1f{batch}".encode())
