"""What is noted in pass one to know a person again, held in memory and never written.

Seeded digests; and the values themselves only where the assessment lets records be weighed (see weighing).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from quality.identifiers import nhs_number_is_valid
from sharing import Dpia
from sharing.vocabulary import Probabilistic
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
    named:    DataFrame[person, born, family, given], and `homes` DataFrame[person, place], in clear.
    """

    wanted: bool = False
    weighed: bool = False
    who: list[pl.DataFrame] = field(default_factory=list, repr=False)
    places: list[pl.DataFrame] = field(default_factory=list, repr=False)
    named: list[pl.DataFrame] = field(default_factory=list, repr=False)
    homes: list[pl.DataFrame] = field(default_factory=list, repr=False)

    def take(self, tables: Mapping[str, pl.DataFrame], digest: Digest) -> None:
        """Add one batch of mapped tables; nothing where nobody is linked."""
        if self.wanted and "person" in tables:
            self.who.append(told_apart(tables["person"], digest))
        if self.wanted and "address" in tables:
            place = digest.of(postcode(pl.col("postcode")))
            self.places.append(tables["address"].select(person=digest.person(), place=place).drop_nulls())
        if self.wanted and self.weighed:
            self._take_clear(tables, digest)

    def _take_clear(self, tables: Mapping[str, pl.DataFrame], digest: Digest) -> None:
        if "person" in tables:
            own = digest.of(pl.col("_source"), pl.col("_reference"))
            known = tables["person"].filter(~of_nobody(tables["person"]))
            self.named.append(known.select(person=own, **NAMES))
        if "address" in tables:
            home = postcode(pl.col("postcode"))
            self.homes.append(tables["address"].select(person=digest.person(), place=home).drop_nulls())

    def give_clear(self) -> pl.DataFrame:
        """Return, and let go of, what is held in clear: DataFrame[person, born, family, given, place].

        Nothing of a reference that is told of in two ways.
        """
        kinds = {"person": pl.UInt64, **dict.fromkeys(NAMES, pl.String)}
        named = pl.concat([pl.DataFrame(schema=kinds), *self.named]).unique()
        named = named.filter(~pl.col("person").is_duplicated())
        homes = pl.concat([pl.DataFrame(schema={"person": pl.UInt64, "place": pl.String}), *self.homes])
        self.named, self.homes = [], []
        return named.join(homes.unique(), on="person", how="left")


def notes_for(dpia: Dpia, source: str) -> LinkNotes:
    """Return the notes to take of this source; of one that is not linked they stay empty."""
    said = dpia.person_link.same_person
    wanted = said is not None and source in said.sources
    return LinkNotes(wanted, said is not None and said.probabilistic is Probabilistic.SPLINK)


def told_apart(persons: pl.DataFrame, digest: Digest) -> pl.DataFrame:
    """Return WHO of these rows; of somebody anonymous, or not helped, nothing but that they are there."""
    number = plain(pl.col("nhs_number"))
    nobody = of_nobody(persons)
    marks = {"number": pl.when(nhs_number_is_valid(number)).then(number), **NAMES}
    own = digest.of(pl.col("_source"), pl.col("_reference"))
    told = {each: pl.when(~nobody).then(digest.of(mark)) for each, mark in marks.items()}
    return persons.select(person=own, **told)


def of_nobody(persons: pl.DataFrame) -> pl.Expr:
    """Return of which rows nothing may be known: somebody anonymous, or who is not helped."""
    nobody = _said(persons, "anonymised") | _said(persons, "anonymous")
    if "role_type" in persons.columns:
        nobody |= (pl.col("role_type") == NOT_HELPED).fill_null(value=False)
    return nobody


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


NAMES = {
    "born": day_of_birth(pl.col("birth_date")),
    "family": name(pl.col("family_name")),
    "given": name(pl.col("given_name")),
}
"""What tells people apart, as it is compared."""
