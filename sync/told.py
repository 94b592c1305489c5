"""Of whom a batch tells: while its rows are sealed, each is committed to under a secret of its person."""

import os
from dataclasses import dataclass, field

import polars as pl

from audit.people import PeopleTree, lines_of, people_tree
from audit.secrets import SECRET_BYTES, PersonSecrets, row_secrets, tags
from sharing import Released
from sync.digests import Digest, packed

OF_NOBODY = bytes(32)


@dataclass
class Told:
    """The people of one batch. Whole people come together, so their leaves are finished part by part.

    secrets:   None for a dry run, which tells nobody of anybody.
    forgotten: digests of people who are forgotten: their leaf is made from a secret that nobody keeps.
    """

    secrets: PersonSecrets | None = field(repr=False)
    digest: Digest = field(repr=False)
    batch: str
    forgotten: pl.Series = field(default_factory=lambda: pl.Series("person", [], pl.UInt64), repr=False)
    _operation: str = ""
    _lines: list[pl.Series] = field(default_factory=list, repr=False)
    _rows: list[pl.DataFrame] = field(default_factory=list, repr=False)
    _known: pl.DataFrame = field(default_factory=pl.DataFrame, repr=False)
    _tags: pl.Series = field(default_factory=pl.Series, repr=False)
    _row_secrets: pl.Series = field(default_factory=pl.Series, repr=False)

    def who(self, entity: str) -> pl.Expr:
        """Return the digest of the person that a decided record is about; null where it is about nobody."""
        return self.digest.person("_reference" if entity == "person" else "_person").alias("_who")

    def begin(self, people: list[pl.Series], operation: str) -> None:
        """Make ready for rows about these people, who may repeat or be null; their secrets are durable."""
        if self.secrets is None:
            return
        every = pl.concat([pl.Series("who", [], pl.UInt64), *[part.rename("who") for part in people]])
        named = every.drop_nulls().unique().sort().rechunk()
        keyed = pl.DataFrame({"who": named, "person": packed(named)})
        kept = self.secrets.of(keyed.filter(~named.is_in(self.forgotten.implode()))["person"])
        table = keyed.join(kept, on="person", how="left", maintain_order="left")
        secret = _or_of_the_moment(table["secret"])
        self._operation = operation
        self._known = pl.DataFrame({"who": table["who"]}).with_row_index("person")
        self._tags = tags(secret, self.batch, operation)
        self._row_secrets = row_secrets(secret, self.batch)

    def take(self, released: Released, who: pl.Series) -> None:
        """Commit to the rows. Given: per row, in the order of the rows, the digest of its person or null."""
        if self.secrets is None or who.null_count() == len(who):
            return
        asked = who.rename("who").to_frame().join(self._known, on="who", how="left", maintain_order="left")
        person = asked["person"]
        secrets = self._row_secrets.gather(person).fill_null(OF_NOBODY)
        rows = pl.DataFrame({"person": person, "content": released.commitments(secrets, self._operation)})
        self._rows.append(rows.drop_nulls() if person.null_count() else rows)

    def end(self) -> None:
        """Finish the leaves of the people of this part."""
        if self._rows:
            self._lines.append(lines_of(pl.concat(self._rows), self._tags, self._operation))
        self._rows, self._known = [], pl.DataFrame()

    def tree(self) -> PeopleTree:
        """Return the tree over everybody the batch tells of."""
        return people_tree(self._lines)


def _or_of_the_moment(secrets: pl.Series) -> pl.Series:
    """Return the secrets, with one made for this moment alone where there is none."""
    lacking = secrets.is_null()
    if not lacking.any():
        return secrets
    made = pl.Series([os.urandom(SECRET_BYTES) for _ in range(secrets.null_count())], dtype=pl.Binary)
    place = pl.select(pl.when(lacking).then(lacking.cum_sum() - 1).cast(pl.UInt32)).to_series()
    return pl.select(pl.coalesce(pl.lit(secrets), pl.lit(made.gather(place)))).to_series()
