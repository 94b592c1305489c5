"""What is noted in pass one to know a person again: seeded digests, held in memory and never written."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from quality.identifiers import nhs_number_is_valid
from sharing import Dpia
from sync.alike import plain
from sync.digests import Digest

WHO = dict.fromkeys(("person", "number", "born", "family", "given"), pl.UInt64)
PLACES = {"person": pl.UInt64, "place": pl.UInt64}
NOT_HELPED = "other"


@dataclass
class LinkNotes:
    """What one source says of who its people are, where the assessment links them.

    who:      DataFrame[person, number, born, family, given]; null is what is not known, or proves nothing.
    places:   DataFrame[person, place]: postcodes.
    """

    wanted: bool = False
    who: list[pl.DataFrame] = field(default_factory=list, repr=False)
    places: list[pl.DataFrame] = field(default_factory=list, repr=False)

    def take(self, tables: Mapping[str, pl.DataFrame], digest: Digest) -> None:
        """Add one batch of mapped tables; nothing where nobody is linked."""
        if self.wanted and "person" in tables:
            self.who.append(told_apart(tables["person"], digest))
        if self.wanted and "address" in tables:
            place = digest.of(postcode(pl.col("postcode")))
            self.places.append(tables["address"].select(person=digest.person(), place=place).drop_nulls())


def wanted_of(dpia: Dpia, source: str) -> bool:
    """Return whether the assessment links people of this source."""
    said = dpia.person_link.same_person
    return said is not None and source in said.sources


def told_apart(persons: pl.DataFrame, digest: Digest) -> pl.DataFrame:
    """Return WHO of these rows; of somebody anonymous, or not helped, nothing but that they are there."""
    number = plain(pl.col("nhs_number"))
    nobody = _said(persons, "anonymised") | _said(persons, "anonymous")
    if "role_type" in persons.columns:
        nobody |= (pl.col("role_type") == NOT_HELPED).fill_null(value=False)
    marks = {
        "number": pl.when(nhs_number_is_valid(number)).then(number),
        "born": day_of_birth(pl.col("birth_date")),
        "family": name(pl.col("family_name")),
        "given": name(pl.col("given_name")),
    }
    own = digest.of(pl.col("_source"), pl.col("_reference"))
    told = {each: pl.when(~nobody).then(digest.of(mark)) for each, mark in marks.items()}
    return persons.select(person=own, **told)


def _said(persons: pl.DataFrame, flag: str) -> pl.Expr:
    """Return whether the flag is set; what is not said keeps nobody out."""
    return pl.col(flag).fill_null(value=False) if flag in persons.columns else pl.lit(value=False)


def name(text: pl.Expr) -> pl.Expr:
    """Return the letters of a name, small; null if none is left."""
    letters = plain(text).str.to_lowercase().str.replace_all(r"[^\p{L}\p{M}]", "")
    return pl.when(letters != "").then(letters)


def day_of_birth(day: pl.Expr) -> pl.Expr:
    """Return the day as text; null for a first of January, which as often stands for a day not known."""
    return pl.when((day.dt.month() != 1) | (day.dt.day() != 1)).then(day.cast(pl.String))


def postcode(text: pl.Expr) -> pl.Expr:
    """Return the postcode in capitals without blanks; null for one that stands for no place."""
    bare = plain(text).str.to_uppercase().str.replace_all(r"[^A-Z0-9]", "")
    return pl.when((bare != "") & ~bare.str.starts_with("ZZ99")).then(bare)
