"""Records that agree in less are weighed where the assessment says so: alike enough, and never twins."""

import importlib.util
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pytest

from sharing.document import SamePerson
from sync.linking.errors import WeighingFailed
from sync.linking.link import link_people
from sync.linking.table import keep_links
from sync.linking.weighing import CLEAR, MOST_ALIKE, require_splink, weigh
from tests.unit.sync.test_linking import DIGEST, KEY, ONE, SAID, TWO, Notes, Record, Who, digest_of, notes_of

WEIGHED = SamePerson.model_validate(
    SAID.model_dump(by_alias=True) | {"probabilistic": "splink", "linkFrom": 0.999}
)
ADA = Record(given="Adelheid", family="Zqmarshall")


def night(
    state: Path, records: dict[Who, Record], whole: tuple[str, ...] = ("hub", "other")
) -> dict[Who, str]:
    """Return the link of everybody there, records weighed, and remember it."""
    notes: dict[str, Notes] = {}
    for source in sorted({source for source, _ in records}):
        notes[source] = notes_of(source, records, weighed=True)
    linked = link_people(WEIGHED, notes, whole, state, KEY)
    keep_links(state, linked.table, KEY, pl.Series("person", [], dtype=pl.UInt64))
    named = dict(linked.people.iter_rows())
    return {who: named[digest_of(who)] for who in records}


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (replace(ADA, given="Adelhied"), True),
        (replace(ADA, family="Zqmarshal", postcode="ZQ1 1AB"), True),
        (replace(ADA, born=date(1950, 3, 2), number=ONE), False),
        (replace(ADA, born=date(1950, 2, 4)), True),
        (replace(ADA, postcode="ZQ77 9XY"), False),
        (replace(ADA, given="Brunhild"), False),
        (replace(ADA, given=None), False),
        (replace(ADA, born=date(1981, 7, 9)), False),
        (replace(ADA, family="Quendel", postcode="ZQ77 9XY"), False),
        (Record(given="Brunhild", family="Quendel", postcode="ZQ77 9XY", born=date(1981, 7, 9)), False),
    ],
)
def test_records_are_linked_that_are_alike_enough(tmp_path: Path, other: Record, same: bool) -> None:
    """A slip of the pen is forgiven; another given name or day of birth is another person (twins are two)."""
    links = night(tmp_path, {("hub", "A"): ADA, ("other", "B"): other})
    assert (links["hub", "A"] == links["other", "B"]) is same


def test_two_numbers_keep_apart_who_is_alike_in_all_else(tmp_path: Path) -> None:
    """What is weighed never outweighs what proves."""
    first, second = replace(ADA, number=ONE), replace(ADA, given="Adelhied", number=TWO)
    links = night(tmp_path, {("hub", "A"): first, ("other", "B"): second})
    assert links["hub", "A"] != links["other", "B"]


def test_a_weighed_link_outlasts_a_night_without_its_source(tmp_path: Path) -> None:
    """Two of the hub who differ by a slip stay one while a third of their link is not read."""
    records = {
        ("hub", "A"): ADA,
        ("hub", "B"): replace(ADA, born=date(1950, 2, 4)),
        ("other", "C"): replace(ADA, given="Adelhied"),
    }
    whole = night(tmp_path, records)
    assert len(set(whole.values())) == 1
    there = {who: record for who, record in records.items() if who[0] == "hub"}
    assert night(tmp_path, there, whole=("hub",)) == {who: whole[who] for who in there}


def clear(count: int, **same: str) -> pl.DataFrame:
    """Return records in clear that differ in all but what is given."""
    rows = [
        {"person": n, "born": f"19{n % 90 + 10}-02-{n % 28 + 1:02}", "place": f"P{n}"}
        | {"family": f"f{n}q", "given": f"g{n}z"}
        | same
        for n in range(count)
    ]
    return pl.DataFrame(rows, schema=CLEAR)


def test_pairs_do_not_depend_on_the_order_of_the_records() -> None:
    """The same pairs with the same probability, whichever record comes first."""
    rows = pl.concat([clear(40), clear(40).with_columns(person=pl.col("person") + 100)])
    found = weigh(rows, 0.5).pairs
    assert found.height == 40
    assert weigh(rows.reverse(), 0.5).pairs.equals(found)


def test_a_value_that_many_share_is_not_compared_by() -> None:
    """What stands where nothing is known would pair everybody with everybody: it is left out."""
    many = clear(MOST_ALIKE + 1, born="1900-02-02", family="unknown")
    assert weigh(many, 0.5).compared == 0
    assert weigh(clear(10, born="1900-02-02", family="unknown"), 0.5).compared == 45


def test_nothing_is_written_to_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Clear values stay in memory: the folder that one works in holds nothing afterwards, nor does TMPDIR."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    weigh(pl.concat([clear(300), clear(300).with_columns(person=pl.col("person") + 1000)]), 0.5)
    assert list(tmp_path.rglob("*")) == []


def test_what_splink_says_of_a_fault_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    """It may hold a value: only our own words are told, and no cause hangs on them."""
    from sync.linking import splink_model

    def fails(*_: object) -> None:
        raise duckdb.Error("Zqmarsh is not a number")

    monkeypatch.setattr(splink_model, "Linker", fails)
    with pytest.raises(WeighingFailed) as told:
        weigh(clear(4, born="1950-02-03", family="zqmarsh"), 0.5)
    assert "Zqmarsh" not in str(told.value)
    assert told.value.__context__ is None
    assert told.value.__cause__ is None


def test_an_assessment_that_weighs_needs_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Splink it is said in four lines what to install."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(Exception, match=r"requirements-link\.txt") as told:
        require_splink()
    assert told.value.code == "E119"
    assert len(str(told.value).splitlines()) == 4


def test_digests_of_the_tests_are_those_of_the_notes() -> None:
    """The tests speak of people by the digest that the notes have."""
    assert digest_of(("hub", "A")) == notes_of("hub", {("hub", "A"): ADA}).identity.who[0]["person"][0]
    assert DIGEST.seed
