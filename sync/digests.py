"""Seeded digests, by which pass one's index joins and groups; they are never written as they are."""

from dataclasses import dataclass, field

import polars as pl
import polars_hash  # noqa: F401  (registers the expressions under .nchash)
import pyarrow as pa

from sync.person_digest import seed_under

COUNTED_AS = (
    "People are counted as each provider's system knows them, whoever is linked: somebody known to two"
    " providers counts twice. Somebody known under two references there counts twice as well."
)


def stable_hash(text: pl.Expr, seed: int) -> pl.Expr:
    """Return XXH3-64 under the seed: the same on every machine and version; null stays null."""
    hashed = text.nchash.xxh3_64(seed=seed)  # type: ignore[attr-defined]
    return pl.when(text.is_not_null()).then(hashed)


@dataclass(frozen=True)
class Digest:
    """A seeded 64-bit digest over text columns."""

    seed: int = field(repr=False)

    @classmethod
    def under(cls, key: bytes) -> "Digest":
        """Return the digest whose seed only the holder of the key can know."""
        return cls(seed_under(key))

    def of(self, *columns: pl.Expr) -> pl.Expr:
        """Return the digest of the joined columns; null where any of them is null."""
        joined = pl.concat_str(
            [column.cast(pl.String) for column in columns], separator="\x1f", ignore_nulls=False
        )
        return stable_hash(joined, self.seed)

    def elsewhere(self, reference: str) -> pl.Expr:
        """Return the digest of a reference into another source, written SOURCE:REFERENCE."""
        return stable_hash(pl.col(reference).str.replace(":", "\x1f", literal=True), self.seed)

    def person(self, reference: str = "_person") -> pl.Expr:
        """Return the digest of (source, person reference)."""
        return self.of(pl.col("_source"), pl.col(reference))


def packed(people: pl.Series) -> pl.Series:
    """Return 64-bit digests (none null, one chunk) as 8 bytes each, as the table of secrets keeps them."""
    numbers = people.to_arrow()
    content = pa.FixedSizeBinaryArray.from_buffers(
        pa.binary(8), len(numbers), [None, numbers.buffers()[1]], offset=numbers.offset
    )
    return pl.Series("person", pl.from_arrow(content), dtype=pl.Binary)
