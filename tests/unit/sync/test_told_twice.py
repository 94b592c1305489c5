"""What the link joins within a provider is told there, each later record once, by its own records alone."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from sharing.document import SamePerson
from sync.linking.link import link_people
from sync.linking.linked import Linked
from sync.told_twice import linked_others, number_mates
from tests.unit.sync.test_linking import KEY, ONE, SAID, TWO, Record, Who, digest_of, notes_of

ADA = Record(given="Adelheid", family="Zqmarshall")
TELLING = SamePerson.model_validate(
    SAID.model_dump(by_alias=True) | {"probabilistic": "splink", "linkFrom": 0.999, "tellFrom": 0.9}
)


def linked(state: Path, said: SamePerson, records: Mapping[Who, Record]) -> Linked:
    """Return who is whose of these records."""
    sources = sorted({source for source, _ in records})
    weighed = said.link_from is not None
    notes = {source: notes_of(source, dict(records), weighed=weighed) for source in sources}
    return link_people(said, notes, sources, state, KEY)


def told(found: Linked, records: Mapping[Who, Record]) -> dict[Who, str]:
    """Return beside which other each record is told of."""
    names = pl.DataFrame(
        {
            "person": pl.Series([digest_of(who) for who in records], dtype=pl.UInt64),
            "reference": [reference for _, reference in records],
        }
    )
    others = dict(linked_others(found.within, [names]).iter_rows())
    return {who: others[digest_of(who)] for who in records if digest_of(who) in others}


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ({("hub", "A"): ADA, ("hub", "B"): ADA}, {("hub", "B"): "A"}),
        ({("hub", "A"): ADA, ("hub", "B"): ADA, ("hub", "C"): ADA}, {("hub", "B"): "A", ("hub", "C"): "A"}),
        ({("hub", "A"): ADA, ("other", "B"): ADA}, {}),
        ({("hub", "A"): replace(ADA, number=ONE), ("hub", "B"): replace(ADA, number=ONE)}, {}),
        ({("hub", "A"): replace(ADA, number=ONE), ("hub", "B"): replace(ADA, number=TWO)}, {}),
        ({("hub", "A"): ADA, ("hub", "B"): replace(ADA, given="Brunhild")}, {}),
        ({("hub", "A"): ADA, ("hub", "B"): replace(ADA, anonymised=True)}, {}),
        ({("hub", "A"): replace(ADA, absorbed=("B",)), ("hub", "B"): ADA}, {}),
        (
            {
                ("hub", "A"): replace(ADA, number=ONE),
                ("other", "B"): replace(ADA, number=ONE, postcode="ZQ9 9ZZ"),
                ("hub", "C"): replace(ADA, postcode="ZQ9 9ZZ"),
            },
            {},
        ),
    ],
    ids=[
        "by details", "three", "of two providers", "one number speaks for itself", "two numbers", "twins",
        "anonymised", "merged at the source", "joined by another provider's record alone",
    ],
)  # fmt: skip
def test_two_records_of_one_provider_that_are_linked_are_told_there_once(
    tmp_path: Path, records: Mapping[Who, Record], expected: dict[Who, str]
) -> None:
    """The later record is told of beside the first; another provider's record proves nothing to this one."""
    assert told(linked(tmp_path, SAID, records), records) == expected


@pytest.mark.parametrize(
    ("other", "is_told", "is_linked"),
    [
        (replace(ADA, given="Adelhied"), True, True),
        (replace(ADA, family="Zqmarshal", postcode="ZQ77 9XY"), True, False),
        (replace(ADA, family="Zqmarshal", postcode="ZQ77 9XY", given="Brunhild"), False, False),
        (replace(ADA, family="Quendel", postcode="ZQ77 9XY"), False, False),
    ],
    ids=["slip", "less probable", "another given name", "improbable"],
)
def test_a_pair_that_is_less_probable_is_told_and_not_linked(
    tmp_path: Path, other: Record, is_told: bool, is_linked: bool
) -> None:
    """Between the two probabilities a pair of one provider's is a finding and never a link."""
    records = {("hub", "A"): ADA, ("hub", "B"): other}
    found = linked(tmp_path, TELLING, records)
    assert (told(found, records) == {("hub", "B"): "A"}) is is_told
    assert (found.people["linked"].n_unique() == 1) is is_linked


def test_of_two_providers_no_pair_that_is_only_probable_is_told(tmp_path: Path) -> None:
    """What is told within a provider says nothing of another's records."""
    records = {("hub", "A"): ADA, ("other", "B"): replace(ADA, family="Zqmarshal", postcode="ZQ77 9XY")}
    assert not told(linked(tmp_path, TELLING, records), records)


def test_what_was_compared_linked_and_refused_is_counted(tmp_path: Path) -> None:
    """Counts alone: of records, of links by rule and by weight, of pairs and chains that were refused."""
    chain = {
        ("hub", "A"): replace(ADA, number=ONE),
        ("hub", "B"): ADA,
        ("other", "C"): replace(ADA, given="Adelhied"),
        ("other", "D"): replace(ADA, given="Brunhild"),
    }
    counts = linked(tmp_path, TELLING, chain).counts
    assert counts | {"compared": 0} == {
        "records": 4, "agreeing": 1, "contradicting": 0, "compared": 0, "weighed": 1, "refused": 3,
    }  # fmt: skip
    assert counts["compared"] > 0
    torn = {
        ("hub", "A"): replace(ADA, number=ONE),
        ("hub", "B"): replace(ADA, number=None, postcode=None),
        ("other", "C"): replace(ADA, number=ONE, born=date(1950, 2, 4)),
    }
    assert linked(tmp_path, SAID, torn).counts["records"] == 3


def test_who_shares_a_number_is_told_beside_the_first_other_that_has_it() -> None:
    """The first beside the second, all others beside the first; a number of one's own beside nobody."""
    names = pl.DataFrame({"person": [1, 2, 3, 4], "reference": ["B", "A", "C", "D"]}).cast(
        {"person": pl.UInt64}
    )
    numbers = pl.DataFrame({"person": [1, 2, 3, 4, 4], "mark": [9, 9, 9, 8, 8]}).cast(pl.UInt64)
    assert dict(number_mates(numbers, [names]).iter_rows()) == {1: "A", 2: "B", 3: "A"}
