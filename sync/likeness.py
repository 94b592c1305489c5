"""Who may be in one provider's system twice: noted in pass one as digests, met when every row was read."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import polars as pl

from quality.identifiers import postcode_sector
from quality.soundex import soundex
from sync.alike import plain
from sync.digests import Digest
from sync.other_person import identity_marks
from sync.told_twice import OTHERS

PEOPLE = {"person": pl.UInt64, "like": pl.UInt64, "given": pl.UInt64}
HOMES = {"person": pl.UInt64, "sector": pl.UInt64}
NAMES = {"person": pl.UInt64, "reference": pl.String}
NUMBERS = {"person": pl.UInt64, "mark": pl.UInt64}
MOST = 8
"""A crowd of more people who are born on one day, are called alike and live in one place is a default."""


@dataclass
class LikenessNotes:
    """What one source says of its people by which they may be alike.

    people: DataFrame[person, like, given]: birth date with the family name's sound; the given name's.
    homes:  DataFrame[person, sector] of their postcodes.
    marks:  what each is known by, to be held against the person of a case elsewhere.
    """

    people: list[pl.DataFrame] = field(default_factory=list, repr=False)
    homes: list[pl.DataFrame] = field(default_factory=list, repr=False)
    marks: list[pl.DataFrame] = field(default_factory=list, repr=False)

    def take(self, tables: Mapping[str, pl.DataFrame], digest: Digest) -> None:
        """Note one batch of mapped tables; people without a birth date or a family name are like nobody."""
        if "person" in tables:
            self.people.append(_people(tables["person"], digest))
            self.marks.append(identity_marks(tables["person"], digest))
        if "address" in tables:
            home = digest.of(pl.col("_source"), postcode_sector(pl.col("postcode")))
            rows = tables["address"].select(person=digest.person(), sector=home)
            self.homes.append(rows.drop_nulls())


def _people(table: pl.DataFrame, digest: Digest) -> pl.DataFrame:
    names = table.select(plain(pl.col("family_name", "given_name")))
    sounds = table.select("_source", "_reference", "birth_date").with_columns(
        family=soundex(names["family_name"]), called=soundex(names["given_name"])
    )
    like = digest.of(pl.col("_source"), pl.col("birth_date"), pl.col("family"))
    own = digest.of(pl.col("_source"), pl.col("_reference"))
    told = sounds.select(person=own, like=like, given=digest.of(pl.col("called")))
    return told.drop_nulls(["person", "like"])


@dataclass(frozen=True)
class Alike:
    """Who is probably somebody else too.

    others:  DataFrame[person, other]: of each later record of somebody, the reference of the first.
    linked:  the same of whoever the link joins, or is weighed as probable; it comes before what is alike.
    mates:   the same of each record that shares its number, the first of them included.
    crowded: people who are like so many others that nothing can be told of them.
    """

    others: pl.DataFrame = field(default_factory=OTHERS.to_frame, repr=False)
    crowded: pl.Series = field(default_factory=lambda: pl.Series("person", [], dtype=pl.UInt64), repr=False)
    linked: pl.DataFrame = field(default_factory=OTHERS.to_frame, repr=False)
    mates: pl.DataFrame = field(default_factory=OTHERS.to_frame, repr=False)

    def tell(self, persons: pl.DataFrame, mark: pl.Expr) -> pl.DataFrame:
        """Return the people with the other record's reference, and who shares their number.

        Returns: `_alike`, the reference; `_alike_linked`, that the link says so; `_alike_unsure`, that
                 nothing can be told; `_nhs_other`, the reference of who shares the number.
        """
        met = persons.with_columns(mark.alias("_mark"))
        for name, found in {"_like": self.others, "_linked": self.linked, "_nhs_other": self.mates}.items():
            named = found.rename({"other": name})
            met = met.join(named, left_on="_mark", right_on="person", how="left", maintain_order="left")
        return met.with_columns(
            _alike=pl.coalesce("_linked", "_like"),
            _alike_linked=pl.col("_linked").is_not_null(),
            _alike_unsure=pl.col("_mark").is_in(self.crowded.implode()),
        ).drop("_mark", "_like", "_linked")


def alike(
    notes: Iterable[LikenessNotes], names: Iterable[pl.DataFrame], numbers: Iterable[pl.DataFrame]
) -> Alike:
    """Return who is probably the same: born on one day, names that sound the same, homes in one sector.

    Given:   names: DataFrame[person, reference]; numbers: DataFrame[person, mark] of NHS numbers.
    Two given names that sound otherwise are two people (twins); so are two NHS numbers. One number that
    two records share is told of as that.
    """
    noted = list(notes)
    people = _stack([part for each in noted for part in each.people], PEOPLE).unique()
    homes = _stack([part for each in noted for part in each.homes], HOMES)
    likely = people.filter(pl.col("like").is_duplicated())
    placed = likely.join(homes.unique(), on="person")
    size = pl.len().over("like", "sector")
    crowded = placed.filter(size > MOST)["person"].unique()
    few = placed.filter(size.is_between(2, MOST), ~pl.col("person").is_in(crowded.implode()))
    known = few.join(_stack(names, NAMES).unique("person", keep="first"), on="person")
    known = known.join(_stack(numbers, NUMBERS).unique("person"), on="person", how="left")
    return Alike(_pairs(known), crowded)


def _pairs(known: pl.DataFrame) -> pl.DataFrame:
    """Return for each later record of somebody the first that it is like."""
    met = known.join(known, on=["like", "sector"], suffix=" first")
    later = pl.col("reference") > pl.col("reference first")
    called = (pl.col("given") == pl.col("given first")).fill_null(value=True)
    numbered = pl.col("mark").is_not_null() & pl.col("mark first").is_not_null()
    same = met.filter(later, called, ~numbered)
    return same.group_by("person").agg(other=pl.col("reference first").min())


def _stack(parts: Iterable[pl.DataFrame], schema: Mapping[str, type[pl.DataType]]) -> pl.DataFrame:
    return pl.concat([pl.DataFrame(schema=dict(schema)), *[part.select(list(schema)) for part in parts]])
