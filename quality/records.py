"""The records a check is asked of, and what it may look at beside them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import polars as pl

from canonical import spec
from canonical.entities import ANSWERED, UNBELIEVED, unreadable_bit
from common.clock import LONDON
from quality.facts import INSTANT, Facts
from quality.links import Keys, Linked, keys_of, link

Edge = tuple[str, str, str]


@dataclass(frozen=True)
class Records:
    """The records of one entity, the tables they are linked with, and what was known beforehand.

    keys, links, worked_out: what was found so far, for all entities of a partition; nothing is found twice.
    """

    entity: str
    tables: Mapping[str, pl.DataFrame]
    facts: Facts
    keys: dict[str, Keys] = field(default_factory=dict, repr=False)
    links: dict[Edge, Linked] = field(default_factory=dict, repr=False)
    worked_out: dict[str, pl.DataFrame] = field(default_factory=dict, repr=False)

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

    def answered_bits(self, *names: str) -> pl.Expr:
        """Return which of the fields were answered without being told ("refused"), as a bitmask."""
        if "_unreadable" not in self.table.columns:
            return pl.lit(0, pl.UInt64)
        marks = pl.col("_unreadable").fill_null(0) // pl.lit(1 << ANSWERED, pl.UInt64)
        return marks & pl.lit(self.unreadable_mask(*names), pl.UInt64)

    def answered(self, name: str) -> pl.Expr:
        """Return whether the field was answered without being told: refused, or asked and not known."""
        return self.answered_bits(name) != 0

    def unreadable(self, *names: str) -> pl.Expr:
        """Return whether one of the fields held words that could not be read; an answer is none of them."""
        held = self.unreadable_bits(*names)
        return (held ^ (held & self.answered_bits(*names))) != 0

    def blank(self, name: str) -> pl.Expr:
        """Return whether nothing was entered; unknown where something was but could not be read.

        "Refused", and "asked, not known", are answers and no blank.
        """
        return pl.when(~self.unreadable(name)).then(pl.col(name).is_null() & ~self.answered(name))

    def entered(self, name: str) -> pl.Expr:
        """Return whether anything was entered, readable or not."""
        return pl.col(name).is_not_null() | self.unreadable(name)

    def optional(self, name: str, dtype: pl.DataType) -> pl.Expr:
        """Return the column, or nothing known where the table does not have it."""
        return pl.col(name) if name in self.table.columns else pl.lit(None, dtype)

    def ticked(self, name: str) -> pl.Expr:
        """Return whether the box is known to be ticked."""
        return self.optional(name, pl.Boolean()).fill_null(value=False)

    def other(self, entity: str) -> pl.DataFrame:
        """Return the table of another entity: whole where it was handed whole, else this partition's."""
        table = self.facts.whole.get(entity, self.tables.get(entity))
        if table is None or not table.width:
            return pl.DataFrame(schema={"_source": pl.String(), spec(entity).key[0]: pl.String()})
        return table

    def columns(self, entity: str, columns: Mapping[str, pl.DataType]) -> pl.DataFrame:
        """Return these columns of another entity; one that is absent comes as null."""
        table = self.other(entity)
        absent = {name: pl.lit(None, dtype) for name, dtype in columns.items() if name not in table.columns}
        return table.with_columns(**absent).select(list(columns))

    def given_by(self, source: str, entity: str, name: str) -> bool:
        """Return whether the source gives the field; `*` asks whether it gives the entity at all."""
        if entity in self.facts.partial.get(source, ()):
            return False
        if self.facts.filled is not None:
            return self.facts.fills(source, entity, name)
        table = self.facts.whole.get(entity, self.tables.get(entity))
        return table is not None and name in ("*", *table.columns)

    def where_given(self, entity: str) -> pl.Expr:
        """Return whether the record's source gives the entity at all."""
        here = self.table["_source"].unique().to_list()
        giving = [source for source in here if self.given_by(source, entity, "*")]
        return pl.col("_source").is_in(giving) if len(giving) < len(here) else pl.lit(value=True)

    def to(self, column: str, entity: str) -> Linked:
        """Return the rows of the other entity that these records name in the column."""
        return self.along(self.entity, column, entity)

    def along(self, entity: str, column: str, target: str) -> Linked:
        """Return the rows of the target that the entity's records name in the column; found once."""
        edge = (entity, column, target)
        if edge not in self.links:
            table = self.table if entity == self.entity else self.other(entity)
            if column not in table.columns:
                table = table.with_columns(pl.lit(None, pl.String).alias(column))
            if target not in self.keys:
                self.keys[target] = keys_of(self.other(target), spec(target).key[0], alone=self._alone)
            self.links[edge] = link(table, column, self.keys[target], alone=self._alone)
        return self.links[edge]

    @cached_property
    def _alone(self) -> bool:
        """Return whether all tables are of one source."""
        every = [*self.tables.values(), *self.facts.whole.values()]
        sources = [table["_source"] for table in every if not table.is_empty()]
        return all(of.n_unique() == 1 and of[0] == sources[0][0] for of in sources)

    def once(self, name: str, work: Callable[[], pl.DataFrame]) -> pl.DataFrame:
        """Return what several checks need, worked out by the first that asks for it."""
        if name not in self.worked_out:
            self.worked_out[name] = work()
        return self.worked_out[name]

    def extracted_at(self) -> pl.Expr:
        """Return the instant at which each record's source was pulled."""
        return self._by_source(dict(self.facts.extracted_at), INSTANT, self.table)

    def extracted_on(self, entity: str | None = None) -> pl.Expr:
        """Return the day in London on which each record's source was pulled; of another entity, if named."""
        days = {source: at.astimezone(LONDON).date() for source, at in self.facts.extracted_at.items()}
        return self._by_source(days, pl.Date(), self.other(entity) if entity else self.table)

    def _by_source(self, told: Mapping[str, object], dtype: pl.DataType, table: pl.DataFrame) -> pl.Expr:
        here = table["_source"].unique().to_list()
        if len(here) == 1 and here[0] in told:
            return pl.lit(told[here[0]], dtype)
        sources, values = pl.Series(list(told), dtype=pl.String), pl.Series(list(told.values()), dtype=dtype)
        return pl.col("_source").replace_strict(sources, values, default=None, return_dtype=dtype)
