"""One secret per person, from which the tags of their leaves and the secrets of their rows are made.

`SecretTable` says what is kept; here it is asked about many people at once.
"""

import os
import sqlite3

import polars as pl

from audit.secret_table import SecretTable
from common import clock
from sealing.digests import hmac_each

SECRET_BYTES = 32
MANY, FEW = 1_000, 4
USED = "UPDATE secret SET used_on = ? WHERE person = ?"
MADE = "INSERT INTO secret (person, secret, used_on) VALUES (?, ?, ?)"
MET = "SELECT person, secret, used_on FROM asked LEFT JOIN secret USING (person) ORDER BY person"


class PersonSecrets(SecretTable):
    """The table, for many people at once. Errors of every method: SecretsUnreadable, DiskRefuses."""

    def of(self, people: pl.Series) -> pl.DataFrame:
        """Return DataFrame[person Binary, secret Binary], a secret made and kept for each who has none.

        Given: keyed digests of people, each once. What is returned is durable.
        """
        today = clock.today().isoformat()
        with self.opened() as table:
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
            with self.opened() as table:
                found = _met(table, people)
                table.execute("ROLLBACK")
        return _frame([(person, secret) for person, secret, _ in found if secret is not None])

    def everybody(self) -> pl.DataFrame:
        """Return DataFrame[person Binary, secret Binary] of all who have a secret."""
        found: list[tuple[bytes, bytes]] = []
        if self._path.exists():
            with self.opened() as table:
                found = table.execute("SELECT person, secret FROM secret").fetchall()
                table.execute("ROLLBACK")
        return pl.DataFrame(found, schema={"person": pl.Binary, "secret": pl.Binary}, orient="row")


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


def tags(secrets: pl.Series, batch: str, operation: str) -> pl.Series:
    """Return the tag under which each person's leaf stands in this batch (32 bytes each).

    Given: the batch as FLOW/NNNNNNNN-RUNID, and the operation that the leaf tells of.
    """
    return hmac_each(secrets, f"viaduct tag v1\x1f{batch}\x1f{operation}".encode())


def row_secrets(secrets: pl.Series, batch: str) -> pl.Series:
    """Return the secret under which each person's rows in this batch are committed to (32 bytes each)."""
    return hmac_each(secrets, f"viaduct rows v2\x1f{batch}".encode())
