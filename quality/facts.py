"""What a check may look at: the tables of one partition of whole people, and what was known beforehand."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import polars as pl

from canonical.entities import UNBELIEVED, unreadable_bit

INSTANT = pl.Datetime("us", "UTC")
Verdict = pl.Expr | None


@dataclass(frozen=True)
class Facts:
    """What the records of one partition cannot say of themselves.

    extracted_at:    the instant of each source's pull.
    test_ranges:     first digits of the NHS numbers that this site takes for test numbers.
    postcode_lookup: whether the site has a look-up of postcodes.
    filled:          per source and entity the fields its mappings fill; None: every column of the tables.
    whole:           small tables that every partition may look into (services), where not among its own.
    """

    extracted_at: Mapping[str, datetime] = field(default_factory=dict)
    test_ranges: tuple[str, ...] = ()
    postcode_lookup: bool = False
    filled: Mapping[str, Mapping[str, Collection[str]]] | None = None
    whole: Mapping[str, pl.DataFrame] = field(default_factory=dict, repr=False)

    def fills(self, source: str, entity: str, name: str) -> bool:
        """Return whether the source gives the field at all."""
        if self.filled is None or name.startswith("_"):
            return True
        names = self.filled.get(source, {}).get(entity, ())
        return bool(names) if name == "*" else name in names


@dataclass(frozen=True)
class Records:
    """The records a check is asked of, and the tables they are linked with."""

    entity: str
    tables: Mapping[str, pl.DataFrame]
    facts: Facts

    @property
    def table(self) -> pl.DataFrame:
        """Return the records themselves."""
        return self.tables[self.entity]

    def unbelieved(self) -> pl.Expr:
        """Return whether the record's whole row is not believed; then nothing is known of it."""
        if "_unreadable" not in self.table.columns:
            return pl.lit(value=False)
        return pl.col("_unreadable").fill_null(0) >= UNBELIEVED

    def unreadable_mask(self, *names: str) -> int:
        """Return the bits of `_unreadable` that stand for the fields."""
        return sum(1 << unreadable_bit(self.entity, name) for name in names)

    def unreadable_bits(self, *names: str) -> pl.Expr:
        """Return which of the fields held words that could not be read, as a bitmask."""
        if "_unreadable" not in self.table.columns:
            return pl.lit(0, pl.UInt64)
        return pl.col("_unreadable").fill_null(0) & pl.lit(self.unreadable_mask(*names), pl.UInt64)

    def unreadable(self, *names: str) -> pl.Expr:
        """Return whether one of the fields held words that could not be read."""
        return self.unreadable_bits(*names) != 0

    def blank(self, name: str) -> pl.Expr:
        """Return whether nothing was entered; unknown where something was but could not be read."""
        return pl.when(self.unreadable(name)).then(None).otherwise(pl.col(name).is_null())

    def optional(self, name: str, dtype: pl.DataType) -> pl.Expr:
        """Return the column, or nothing known where the table does not have it."""
        return pl.col(name) if name in self.table.columns else pl.lit(None, dtype)

    def ticked(self, name: str) -> pl.Expr:
        """Return whether the box is known to be ticked."""
        return self.optional(name, pl.Boolean()).fill_null(False)

    def linked(self, entity: str, columns: Mapping[str, pl.DataType]) -> pl.DataFrame:
        """Return these columns of another entity; a table or column that is absent comes as empty or null."""
        table = self.facts.whole.get(entity, self.tables.get(entity))
        if table is None or not table.width:
            return pl.DataFrame(schema=dict(columns))
        return table.select(
            pl.col(name) if name in table.columns else pl.lit(None, dtype).alias(name)
            for name, dtype in columns.items()
        )

    def beside(self, link: str, others: pl.DataFrame, key: str) -> pl.DataFrame:
        """Return the row of `others` (one per source and key) that each record links to, in order."""
        here = self.table.select("_source", pl.col(link).alias(key))
        sources = pl.concat([here["_source"].unique(), others["_source"].unique()])
        keys = ["_source", key] if sources.n_unique() > 1 else [key]
        return here.join(others, on=keys, how="left", maintain_order="left")


Asked = Callable[[Records], Verdict]


def london_day(instant: pl.Expr) -> pl.Expr:
    """Return the calendar day of the instant in London."""
    return instant.dt.convert_time_zone("Europe/London").dt.date()
