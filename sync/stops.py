"""Whom people's choices and legal stops keep out of a flow, put beside every record before it is decided."""

from dataclasses import dataclass, field

import polars as pl

from canonical import spec
from sharing.choices import HOLDS, STOP, Choice, stop_words
from sharing.registers import RegisterKey
from sync.digests import Digest
from sync.numbers import told_numbers

PEOPLE = pl.DataFrame(schema={"person": pl.UInt64, "stop": pl.UInt8})
WITHHELD = "withheld"
NUMBERS = pl.DataFrame(schema={"digest": pl.Binary, "stop": pl.UInt8})


@dataclass(frozen=True)
class Stops:
    """What stops whom in one flow; a record that names a stopped person beside its own is stopped with them.

    people:     DataFrame[person, stop]: digests of people, each once (see sharing.choices for the numbers).
    numbers:    DataFrame[digest, stop]: NHS numbers that are opted out, as their register keeps them.
    unnumbered: what stops whoever has no usable NHS number, where the opt-out is asked for; else 0.
    everybody:  what keeps all people of the flow because a register cannot be relied on, withheld or held;
                else 0. Whom a choice stops less strictly is kept by this.
    """

    digest: Digest = field(repr=False)
    key: RegisterKey | None = field(default=None, repr=False)
    people: pl.DataFrame = field(default_factory=PEOPLE.clone, repr=False)
    numbers: pl.DataFrame = field(default_factory=NUMBERS.clone, repr=False)
    unnumbered: int = 0
    everybody: int = 0

    def beside(self, tables: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
        """Return the inspected tables of whole people with `_stop` beside each record that may be stopped."""
        known = self._known(tables.get("person"))
        if known.is_empty() and not self.everybody:
            return tables
        return {entity: self._marked(entity, table, known) for entity, table in tables.items()}

    @property
    def stopped(self) -> pl.Series:
        """Return the digests of the people of whom nothing may stay, found by their own reference."""
        return self.people.filter(pl.col("stop") < HOLDS)["person"]

    @property
    def takes_all_back(self) -> bool:
        """Return whether all people of the flow are withheld, and so withdrawn, for a register's sake."""
        return 0 < self.everybody < HOLDS

    @property
    def may_stay(self) -> pl.Expr:
        """Return whether a remembered row may stay with the recipient, as far as the registers can tell."""
        return pl.col("person").is_null() if self.takes_all_back else pl.lit(value=True)

    def explained(self, withdrawn: pl.DataFrame) -> pl.DataFrame:
        """Return withdrawals with the choice, or the register, as the reason of those it brought about."""
        reasons = self.people.filter(pl.col("stop") < HOLDS).select(
            "person", stop_words(pl.col("stop")).alias("choice")
        )
        met = withdrawn.join(reasons, on="person", how="left", maintain_order="left")
        reason = pl.col("reason")
        if self.takes_all_back:
            by_register = (reason == WITHHELD) & pl.col("person").is_not_null()
            reason = pl.when(by_register).then(self.doubt).otherwise(reason)
        return met.with_columns(pl.coalesce("choice", reason).alias("reason")).select(withdrawn.columns)

    @property
    def doubt(self) -> pl.Expr:
        """Return why everybody is kept, in the word of the register that cannot be relied on."""
        return stop_words(pl.lit(self.everybody, pl.UInt8))

    def _known(self, persons: pl.DataFrame | None) -> pl.DataFrame:
        """Return whom something stops, by what the registers and the people's own NHS numbers say."""
        if persons is None or not (self.unnumbered or self.numbers.height):
            return self.people
        told = told_numbers(persons, self.digest)
        found = [self.people]
        if self.unnumbered:
            bare = told.filter(pl.col("number").is_null())
            found.append(bare.select("person", pl.lit(self.unnumbered, pl.UInt8).alias("stop")))
        if self.numbers.height and self.key is not None:
            digests = self.key.digests(told["number"], Choice.OPT_OUT).alias("digest")
            found.append(told.with_columns(digests).join(self.numbers, on="digest").select("person", "stop"))
        return pl.concat(found).drop_nulls().group_by("person").agg(pl.col("stop").min())

    def _marked(self, entity: str, table: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
        names = _people_named(entity, table)
        if not names or table.is_empty():
            return table
        asked = table.select(self.digest.person(name).alias(name) for name in names)
        met = [
            asked.select(pl.col(name).alias("person")).join(
                known, on="person", how="left", maintain_order="left"
            )["stop"]
            for name in names
        ]
        doubt = [pl.lit(self.everybody, pl.UInt8)] if self.everybody else []
        least = pl.select(pl.min_horizontal(*met, *doubt).fill_null(0).cast(pl.UInt8)).to_series()
        return table.with_columns(least.alias(STOP))


def _people_named(entity: str, table: pl.DataFrame) -> list[str]:
    """Return the columns that name a person: whose record it is, and whomever else it names."""
    own = spec(entity)
    if entity != "person" and own.person_field is None:
        return []
    owner = "_reference" if entity == "person" else "_person"
    others = [name for name, one in own.fields.items() if one.references == "person"]
    return [owner, *(name for name in others if name in table.columns)]
