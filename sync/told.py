"""Of whom a batch tells: while its rows are sealed, each is committed to under a secret of its person."""

from dataclasses import dataclass, field

import polars as pl
import pyarrow as pa

from audit.people import PeopleTree, leaf_lines, people_tree
from audit.secrets import PersonSecrets, row_secrets, tags
from sharing import Released
from sync.digests import Digest

OF_NOBODY = bytes(32)


@dataclass
class Told:
    """The people of one batch. Whole people come together, so their leaves are finished part by part.

    secrets: None for a dry run, which tells nobody of anybody.
    """

    secrets: PersonSecrets | None = field(repr=False)
    digest: Digest = field(repr=False)
    batch: str
    _operation: str = ""
    _lines: list[pl.Series] = field(default_factory=list, repr=False)
    _rows: list[pl.DataFrame] = field(default_factory=list, repr=False)
    _known: pl.DataFrame = field(default_factory=pl.DataFrame, repr=False)

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
        table = keyed.join(self.secrets.of(keyed["person"]), on="person", how="left", maintain_order="left")
        secret = table["secret"]
        self._operation = operation
        self._known = pl.DataFrame(
            {
                "who": table["who"],
                "tag": tags(secret, self.batch, operation),
                "row_secret": row_secrets(secret, self.batch),
            }
        )

    def take(self, released: Released, who: pl.Series) -> None:
        """Commit to the rows. Given: per row, in the order of the rows, the digest of its person or null."""
        if self.secrets is None or who.null_count() == len(who):
            return
        asked = who.rename("who").to_frame().join(self._known, on="who", how="left", maintain_order="left")
        content = released.commitments(asked["row_secret"].fill_null(OF_NOBODY), self._operation)
        self._rows.append(asked.select("who", "tag").with_columns(content.alias("content")).drop_nulls())

    def end(self) -> None:
        """Finish the leaves of the people of this part."""
        if self._rows:
            rows = pl.concat(self._rows).select(pl.col("tag").alias("subject"), "content")
            self._lines.append(leaf_lines(rows, self._operation))
        self._rows, self._known = [], pl.DataFrame()

    def tree(self) -> PeopleTree:
        """Return the tree over everybody the batch tells of."""
        return people_tree(self._lines)


def packed(people: pl.Series) -> pl.Series:
    """Return 64-bit digests (none null, one chunk) as 8 bytes each, as the table of secrets keeps them."""
    numbers = people.to_arrow()
    content = pa.FixedSizeBinaryArray.from_buffers(
        pa.binary(8), len(numbers), [None, numbers.buffers()[1]], offset=numbers.offset
    )
    return pl.Series("person", pl.from_arrow(content), dtype=pl.Binary)
