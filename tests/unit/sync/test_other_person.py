"""Whether a case is of another person than the case it came from."""

import itertools
from datetime import date
from typing import Any

import polars as pl
import pytest

from canonical import polars_schema
from sync.digests import Digest
from sync.other_person import identity_marks, other_person

DIGEST = Digest(7)
FIRST, SECOND, WRONG, NEVER = "9434765919", "9434765870", "9434765918", "9999999999"
BORN, OTHER = date(1980, 3, 5), date(1981, 4, 6)
Person = dict[str, Any]


def person(source: str, **said: Any) -> pl.DataFrame:
    """Return one person of a source."""
    own = {"_source": source, "_reference": "P1", "birth_date_quality": "exact", **said}
    return pl.DataFrame([own], schema=polars_schema("person"))


def case(source: str, reference: str, who: str = "P1") -> pl.DataFrame:
    """Return one case of the person, as pass one notes it."""
    row = pl.DataFrame({"_source": [source], "r": [reference], "p": [who]})
    return row.select(
        referral=DIGEST.of(pl.col("_source"), pl.col("r")), person=DIGEST.of(pl.col("_source"), pl.col("p"))
    )


def told(people: list[pl.DataFrame], cases: list[pl.DataFrame]) -> list[bool | None]:
    """Return what is told of the case that far has from the hub."""
    referral = pl.DataFrame(
        {"_source": ["far"], "_reference": ["R1"], "parent_referral_id": ["hub:H1"], "kept": [1]}
    )
    own = DIGEST.of(pl.col("_source"), pl.col("_reference"))
    pairs = referral.select(case=own, origin=DIGEST.elsewhere("parent_referral_id"))
    found = other_person([identity_marks(one, DIGEST) for one in people], [pairs], cases)
    answer = found.tell(referral, DIGEST)
    assert answer.drop("_parent_other_person").equals(referral)
    return answer["_parent_other_person"].to_list()


CASES = [case("far", "R1"), case("hub", "H1")]
ONE = {"nhs_number": FIRST, "birth_date": BORN, "family_name": "Zqsmith", "given_name": "Zqanna"}
NAMED = {"family_name": "Zqmarlow", "given_name": "Zqbeth"}
BARE = ONE | {"nhs_number": None}


@pytest.mark.parametrize(
    ("there", "here", "expected"),
    [
        (ONE, ONE, False),
        (ONE, ONE | {"nhs_number": SECOND}, True),
        (ONE, BARE | {"nhs_number": FIRST, "birth_date": OTHER, "family_name": "Zqjones"}, False),
        (ONE, ONE | {"nhs_number": WRONG}, False),
        (ONE, ONE | {"nhs_number": NEVER}, False),
        (BARE, ONE | {"birth_date": OTHER, "family_name": "Zqmarlow", "given_name": "Zqbeth"}, True),
        (BARE, BARE | {"birth_date": OTHER}, False),
        (BARE, BARE | {"birth_date": OTHER, "family_name": "Zqmarlow"}, False),
        (BARE, BARE | {"family_name": "Zqmarlow", "given_name": "Zqbeth"}, False),
        (BARE, BARE | {"birth_date": OTHER, "birth_date_quality": "year", **NAMED}, None),
        (BARE, BARE | {"birth_date": OTHER, "family_name": "Zqmarlow", "given_name": None}, None),
        (BARE, {}, None),
    ],
)  # fmt: skip
def test_two_people_are_told_only_where_it_can_be_shown(
    there: Person, here: Person, expected: bool | None
) -> None:
    """Numbers decide; without two of them, birth date and both names together. Else nobody knows."""
    assert told([person("hub", **there), person("far", **here)], CASES) == [expected]


def test_nothing_is_told_of_a_hub_that_was_not_pulled() -> None:
    """Of a person or a case that is not there nothing can be compared."""
    here, there = person("far", **ONE), person("hub", **ONE | {"nhs_number": SECOND})
    assert told([here], CASES) == told([here, there], CASES[:1]) == told([here], CASES[:1]) == [None]


def test_what_stands_on_several_rows_is_not_compared() -> None:
    """Nobody knows which of two rows is true, of a person as of a case."""
    here, there = person("far", **ONE), person("hub", **ONE | {"nhs_number": SECOND})
    twice = person("hub", **ONE)
    assert told([here, there, twice], CASES) == [None]
    assert told([here, there, there], [*CASES, CASES[1]]) == [True]
    assert told([here, there], [*CASES, case("hub", "H1", "P2")]) == [None]


def test_the_order_in_which_rows_came_does_not_matter() -> None:
    """It is the same however people and cases were put into batches."""
    people = [person("hub", **ONE), person("far", **ONE | {"nhs_number": SECOND})]
    for one, other in itertools.product(itertools.permutations(people), itertools.permutations(CASES)):
        assert told(list(one), list(other)) == [True]


def test_no_value_stands_in_what_is_noted() -> None:
    """Digests under the key alone, and other ones under another key."""
    marks = identity_marks(person("hub", **ONE), DIGEST)
    assert set(marks.dtypes) == {pl.UInt64()}
    assert not identity_marks(person("hub", **ONE), Digest(8)).equals(marks)
