"""Whether a case and the case that it came from are of different people, where both can be compared.

Noted in pass one as keyed digests, met when every source was read; nothing of it is written down.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import polars as pl

from quality.identifiers import nhs_number_is_placeholder, nhs_number_is_valid
from quality.soundex import soundex
from sync.alike import plain
from sync.digests import Digest

MARKS = dict.fromkeys(("person", "number", "born", "family", "given"), pl.UInt64)
PAIRS = {"case": pl.UInt64, "origin": pl.UInt64}
REFERRALS = {"referral": pl.UInt64, "person": pl.UInt64}
DIFFERS = {"case": pl.UInt64, "_parent_other_person": pl.Boolean}
EXACT = "exact"


def identity_marks(persons: pl.DataFrame, digest: Digest) -> pl.DataFrame:
    """Return what each person is known by, as digests: DataFrame as MARKS; the same in every source.

    Only a number that could have been issued, and an exact day of birth, are told.
    """
    names = persons.select(plain(pl.col("family_name", "given_name")))
    number = plain(pl.col("nhs_number"))
    real = nhs_number_is_valid(number) & ~nhs_number_is_placeholder(number, ())
    exact = pl.lit(value=True)
    if "birth_date_quality" in persons.columns:
        exact = (pl.col("birth_date_quality") == EXACT).fill_null(value=False)
    sounds = persons.with_columns(family=soundex(names["family_name"]), given=soundex(names["given_name"]))
    return sounds.select(
        person=digest.of(pl.col("_source"), pl.col("_reference")),
        number=digest.of(pl.when(real).then(number)),
        born=digest.of(pl.when(exact).then(pl.col("birth_date"))),
        family=digest.of(pl.col("family")),
        given=digest.of(pl.col("given")),
    ).drop_nulls("person")


@dataclass(frozen=True)
class OtherPerson:
    """Of cases that came from elsewhere, whether they are of another person than the case they came from.

    cases: DataFrame[case, _parent_other_person]: digest of the case; null where the two cannot be compared.
    """

    cases: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=DIFFERS), repr=False)

    def tell(self, referrals: pl.DataFrame, digest: Digest) -> pl.DataFrame:
        """Return the referrals with `_parent_other_person`; null where it is not known."""
        marked = referrals.with_columns(_case=digest.of(pl.col("_source"), pl.col("_reference")))
        met = marked.join(self.cases, left_on="_case", right_on="case", how="left", maintain_order="left")
        return met.drop("_case")


def other_person(
    marks: Iterable[pl.DataFrame], came_from: Iterable[pl.DataFrame], referrals: Iterable[pl.DataFrame]
) -> OtherPerson:
    """Return which cases are of another person than the case they came from.

    Given:   MARKS; DataFrame[case, origin]; DataFrame[referral, person], of all sources.
    Two valid NHS numbers decide. Without them, two exact days of birth that differ are of two people only if
    both names sound otherwise too: a day can be mistyped, and a family name changes. Of a case or a person
    that stands on several rows with different content nothing is told.
    """
    pairs = _stack(came_from, PAIRS).filter(~pl.col("case").is_duplicated())
    if pairs.is_empty():
        return OtherPerson()
    who = _alone(_stack(referrals, REFERRALS), "referral").drop_nulls()
    known = who.join(_alone(_stack(marks, MARKS), "person"), on="person").drop("person")
    met = pairs.join(known, left_on="case", right_on="referral")
    met = met.join(known, left_on="origin", right_on="referral", suffix=" there")
    return OtherPerson(met.select("case", _parent_other_person=_differs()))


def _differs() -> pl.Expr:
    numbers, births, family, given = (
        pl.col(name) != pl.col(f"{name} there") for name in ("number", "born", "family", "given")
    )
    return pl.coalesce(numbers, births & family & given)


def _alone(table: pl.DataFrame, name: str) -> pl.DataFrame:
    """Return the rows of whatever stands on one alone, or on several that say the same."""
    distinct = table.unique()
    return distinct.filter(~pl.col(name).is_duplicated())


def _stack(parts: Iterable[pl.DataFrame], schema: Mapping[str, type[pl.DataType]]) -> pl.DataFrame:
    empty = pl.DataFrame(schema=dict(schema))
    return pl.concat([empty, *[part.select(list(schema)) for part in parts]]).unique()
