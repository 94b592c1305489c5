"""The NHS numbers of people, as the register of opt-outs keeps them, for records that name somebody else.

A record may name a person of another partition, whose number that partition alone holds. So numbers are noted
in pass one, where the opt-out is asked for at all.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from quality.identifiers import nhs_number_is_valid
from sharing.choices import Choice
from sharing.registers import RegisterKey
from sync.digests import Digest

NUMBERED = pl.DataFrame(schema={"person": pl.UInt64, "number": pl.Binary})


@dataclass
class NumberNotes:
    """DataFrame[person, number] of one source's people; of no usable number it is null."""

    key: RegisterKey | None = field(default=None, repr=False)
    parts: list[pl.DataFrame] = field(default_factory=list, repr=False)

    def take(self, tables: Mapping[str, pl.DataFrame], digest: Digest) -> None:
        """Add one batch of mapped tables; nothing where no flow asks for the opt-out."""
        if self.key is None or "person" not in tables:
            return
        told = told_numbers(tables["person"], digest)
        number = self.key.digests(told["number"], Choice.OPT_OUT)
        self.parts.append(told.select("person", number.alias("number")))


def told_numbers(persons: pl.DataFrame, digest: Digest) -> pl.DataFrame:
    """Return DataFrame[person, number]: the person's digest, and the NHS number as it is if it is valid."""
    number = pl.col("nhs_number")
    usable = pl.when(nhs_number_is_valid(number)).then(number).alias("number")
    return persons.select(digest.person("_reference").alias("person"), usable)


def opted_out(numbered: pl.DataFrame, register: pl.Series, stop: int, unnumbered: int) -> pl.DataFrame:
    """Return DataFrame[person, stop]: who stands in the register, and who could not be looked up in it.

    Given: DataFrame[person, number] of everybody; the register's digests; the numbers of sharing.choices.
    """
    number, there = pl.col("number"), pl.col("number").is_in(register.implode())
    said = pl.when(number.is_null()).then(unnumbered).when(there).then(stop).cast(pl.UInt8)
    return numbered.select("person", said.alias("stop")).drop_nulls()
