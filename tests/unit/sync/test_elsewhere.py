"""Of whom a provider learns that another helps them: one record in danger keeps a whole link from all."""

from pathlib import Path

import polars as pl
import pytest

from sharing.document import SamePerson
from sync.linking.elsewhere import learned, together
from sync.linking.link import link_people
from sync.linking.linked import Elsewhere, Linked
from sync.linking.table import keep_links
from tests.unit.sync.test_linking import KEY, SAID, Record, Who, digest_of, notes_of

HUB, MATE, ALONE, OTHER = ("hub", "A"), ("other", "B"), ("hub", "C"), ("hub", "D")
RECORDS: dict[Who, Record] = {
    HUB: Record(), MATE: Record(), ALONE: Record(given="Brunhild"),
    OTHER: Record(given="Cunigund"), ("hub", "E"): Record(given="Cunigund"),
}  # fmt: skip
TELLING = SamePerson.model_validate(SAID.model_dump(by_alias=True) | {"whoLearns": "each_provider_its_own"})
NOBODY = together([])


def linked(state: Path, *sources: str) -> Linked:
    """Return the links of these sources' records; of the others what is remembered."""
    notes = {source: notes_of(source, RECORDS) for source in sources}
    found = link_people(SAID, notes, sources, state, KEY)
    keep_links(state, found.table, KEY, pl.Series("person", [], dtype=pl.UInt64))
    return found


def known(told: Elsewhere) -> dict[Who, bool | None]:
    """Return of whom what is told."""
    people = dict(told.people.iter_rows())
    return {who: people[digest_of(who)] for who in RECORDS if digest_of(who) in people}


def test_only_who_is_linked_to_another_source_is_told_of(tmp_path: Path) -> None:
    """Both ends of a link of two sources; a link within one source is no other service."""
    told = learned(TELLING, linked(tmp_path, "hub", "other"), NOBODY, nobody=False)
    assert known(told) == {HUB: True, MATE: True}
    assert told.sources == ("hub", "other")


@pytest.mark.parametrize("who", [HUB, MATE])
def test_one_who_is_barred_keeps_the_link_from_both(tmp_path: Path, who: Who) -> None:
    """Danger or a choice at either provider keeps it from either."""
    barred = pl.Series("person", [digest_of(who)], dtype=pl.UInt64)
    assert known(learned(TELLING, linked(tmp_path, "hub", "other"), barred, nobody=False)) == {}


def test_where_it_is_not_known_who_is_barred_nothing_is_told_or_taken_back(tmp_path: Path) -> None:
    """Every answer is unknown; so is that of somebody whose mate's source was not read tonight."""
    assert known(learned(TELLING, linked(tmp_path, "hub", "other"), NOBODY, nobody=True)) == {
        HUB: None, MATE: None,
    }  # fmt: skip
    assert known(learned(TELLING, linked(tmp_path, "hub"), NOBODY, nobody=False)) == {HUB: None}


def test_where_nobody_learns_no_source_is_told(tmp_path: Path) -> None:
    """The word `nobody`, and an assessment that links nobody, leave everybody's row alike."""
    for said in (None, SAID):
        told = learned(said, linked(tmp_path, "hub", "other"), NOBODY, nobody=False)
        assert (told.sources, known(told)) == ((), {})


def test_a_row_says_whether_its_provider_learns(tmp_path: Path) -> None:
    """Of a source that is not linked nothing is asked, whoever stands in it."""
    told = learned(TELLING, linked(tmp_path, "hub", "other"), NOBODY, nobody=False)
    people = pl.DataFrame(
        {"_source": ["hub", "hub", "refuge"], "mark": [digest_of(HUB), digest_of(ALONE), digest_of(HUB)]},
        schema={"_source": pl.String, "mark": pl.UInt64},
    )
    said = told.tell(people, pl.col("mark")).select("_learns", "_elsewhere")
    assert said.rows() == [(True, True), (True, False), (False, True)]
