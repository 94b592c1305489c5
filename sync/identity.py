"""Erasure by anonymisation, recognised where no flag says it: an identity is emptied or replaced together.

What is asked of each person is which parts of an identity their own records hold: a name, a day of birth, an
NHS number, a home. A name that is gone together with the rest of what was there is no gap but an erasure: the
person is taken as anonymised until the parts are back. Each night the rule is asked of what was last held.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from canonical import UNBELIEVED, unreadable_bit
from quality.expressions.person import PLACEHOLDER_NAMES
from quality.identifiers import nhs_number_is_valid
from sync.digests import Digest

NAME, BIRTH, NUMBER, HOME = 1, 2, 4, 8
GROUPS = (NAME, BIRTH, NUMBER, HOME)
OTHERS = (BIRTH, NUMBER, HOME)
ERASED_WORDS = (
    "anonymised", "anonymized", "anonymised anonymised", "anonymous person", "erased", "redacted", "deleted",
    "removed", "gdpr", "data removed", "withheld", "pseudonymised",
)  # fmt: skip
"""What stands for a name where somebody has erased it: no clerk leaves it by chance."""
SHARED_BY = 3
"""So many people whose other parts are gone and who bear one name have it from whoever emptied them."""
GIVEN_BY = 5
"""A part that so many had and nobody has any more was taken from the account, not from a person."""
HELD = {"person": pl.UInt64, "held": pl.UInt8}
TONIGHT = {**HELD, "name": pl.UInt64, "erased": pl.Boolean}


@dataclass
class IdentityNotes:
    """What one source's rows hold of people's identities: DataFrame[person, held, name, erased] in parts.

    held: which parts, as bits; what could not be read counts as held. name: digest of a name that is a word.
    erased: whether a word stands for the name that only an erasure leaves.
    """

    parts: list[pl.DataFrame] = field(default_factory=list, repr=False)

    def take(self, tables: Mapping[str, pl.DataFrame], digest: Digest) -> None:
        """Add one batch of mapped tables."""
        if "person" in tables:
            self.parts.append(_of_people(_believed(tables["person"]), digest))
        if "address" in tables:
            self.parts.append(_of_homes(_believed(tables["address"]), digest))

    def tonight(self) -> pl.DataFrame:
        """Return what is held of each person who has a record: DataFrame[person, held, name, erased]."""
        every = pl.concat([pl.DataFrame(schema=TONIGHT), *self.parts]).drop_nulls("person")
        told = every.group_by("person").agg(
            pl.col("held").bitwise_or(), pl.col("name").max(), pl.col("erased").max()
        )
        return told.drop_nulls("erased").select(list(TONIGHT))


def _believed(table: pl.DataFrame) -> pl.DataFrame:
    return table.filter(pl.col("_unreadable").fill_null(0) < UNBELIEVED)


def _of_people(persons: pl.DataFrame, digest: Digest) -> pl.DataFrame:
    words = [_word(name) for name in ("given_name", "family_name")]
    whole = pl.concat_str(words, separator=" ", ignore_nulls=True).str.strip_chars()
    name = pl.when(whole != "").then(whole)
    erased = name.is_in(ERASED_WORDS) | pl.all_horizontal(
        *(word.is_in(ERASED_WORDS) | word.is_null() for word in words)
    ) & pl.any_horizontal(*(word.is_not_null() for word in words))
    real = pl.any_horizontal(
        *(word.is_not_null() & ~word.is_in([*PLACEHOLDER_NAMES, *ERASED_WORDS]) for word in words)
    )
    born = pl.col("birth_date")
    first_of_january = (born.dt.month() == 1) & (born.dt.day() == 1)
    held = (
        _bit(real & ~erased.fill_null(value=False), NAME)
        | _bit((born.is_not_null() & ~first_of_january) | _unread("person", "birth_date"), BIRTH)
        | _bit(nhs_number_is_valid(pl.col("nhs_number")) | _unread("person", "nhs_number"), NUMBER)
        | _bit(pl.col("uprn").is_not_null() | _unread("person", "uprn"), HOME)
    )
    return persons.select(
        digest.person("_reference").alias("person"),
        held.cast(pl.UInt8).alias("held"),
        pl.when(~name.is_in(PLACEHOLDER_NAMES)).then(digest.of(pl.col("_source"), name)).alias("name"),
        erased.fill_null(value=False).alias("erased"),
    )


def _of_homes(addresses: pl.DataFrame, digest: Digest) -> pl.DataFrame:
    line = _word("line1")
    there = line.is_not_null() & ~line.is_in([*PLACEHOLDER_NAMES, *ERASED_WORDS])
    home = there | pl.col("uprn").is_not_null() | _unread("address", "uprn")
    return addresses.select(
        digest.person().alias("person"),
        _bit(home, HOME).cast(pl.UInt8).alias("held"),
        pl.lit(None, pl.UInt64).alias("name"),
        pl.lit(None, pl.Boolean).alias("erased"),
    )


def _word(name: str) -> pl.Expr:
    """Return the field in small letters; null where nothing stands there."""
    bare = pl.col(name).str.strip_chars(" .*-_?<>[]()#").str.to_lowercase()
    return pl.when(bare != "").then(bare)


def _unread(entity: str, name: str) -> pl.Expr:
    return (pl.col("_unreadable").fill_null(0) & pl.lit(1 << unreadable_bit(entity, name), pl.UInt64)) != 0


def _bit(condition: pl.Expr, bit: int) -> pl.Expr:
    return condition.fill_null(value=False).cast(pl.UInt8) * pl.lit(bit, pl.UInt8)


def anonymised(tonight: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """Return tonight's people with `had` (what each last held) and `gone`: whether they are anonymised.

    Given: what the records hold tonight, and DataFrame[person, held, renamed] as it was last held by each,
           and whether another name stands there now.
    """
    known = before.select("person", "renamed", had="held")
    met = tonight.join(known, on="person", how="left", maintain_order="left")
    met = met.with_columns(pl.col("had").fill_null(0), pl.col("renamed").fill_null(value=False))
    had, held = pl.col("had") & pl.lit(_still_given(met), pl.UInt8), pl.col("held")
    others = pl.lit(sum(OTHERS), pl.UInt8)
    lost, stay = (had & others & ~held).bitwise_count_ones(), held & others
    named = pl.lit(NAME, pl.UInt8)
    nameless = ((had & named) != 0) & ((held & named) == 0)
    emptied = nameless & ((lost >= 2) | ((lost >= 1) & (stay == 0)))
    bare = (lost >= 1) & (stay == 0) & pl.col("name").is_not_null()
    shared = bare & (bare.sum().over("name") >= SHARED_BY)
    replaced = pl.col("renamed") & (lost >= 2) & (stay == 0)
    gone = emptied | replaced | shared | (pl.col("erased") & (stay == 0))
    return met.with_columns(gone=gone).drop("renamed")


def _still_given(met: pl.DataFrame) -> int:
    """Return the parts that anybody still has, or that few had: another was taken from the whole account."""
    given = 0
    for bit in GROUPS:
        here, there = ((met[column] & bit) != 0 for column in ("held", "had"))
        given |= bit if here.any() or there.sum() < GIVEN_BY else 0
    return given
