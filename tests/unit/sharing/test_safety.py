"""The safety flag at its source: what proves it, what a blank means, and that doubt always sets it."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from canonical import unreadable_bit
from sharing import load_dpia, own_flag
from tests.unit.sharing.records import EXAMPLE, example, whole_person


def flagged(source: str, **changes: Any) -> set[str]:
    """Return the entities by which a person of the source would be flagged."""
    tables = whole_person(source, **changes)
    asked = own_flag(example(), source)
    return {entity for entity, expr in asked.items() if tables[entity].select(expr).to_series().any()}


def test_a_person_about_whom_nothing_speaks_is_not_flagged() -> None:
    """Every proof can be answered, and every answer is no."""
    assert flagged("hub") == set()
    assert flagged("community_support") == set()


@pytest.mark.parametrize(
    ("changes", "by"),
    [
        ({"address__address_type": "refuge"}, "address"),
        ({"address__sensitive_location": True}, "address"),
        ({"person__safe_to_contact": "no"}, "person"),
        ({"person__safe_to_contact": "conditional"}, "person"),
        ({"risk__risk_code": "domestic_abuse"}, "risk"),
        ({"risk__risk_code": None}, "risk"),
        ({"referral__reveals_abuse": True}, "referral"),
        ({"need__reveals_abuse": True}, "need"),
        ({"advice__reveals_abuse": None}, "advice"),
        ({"signposting__reveals_abuse": True}, "signposting"),
        ({"onward_referral__reveals_abuse": True}, "onward_referral"),
        ({"service_episode__reveals_abuse": True}, "service_episode"),
        ({"contact__reveals_abuse": None}, "contact"),
    ],
)
def test_one_proof_is_enough_and_so_is_one_doubt(changes: dict[str, Any], by: str) -> None:
    """A refuge, a marked place, an unsafe contact, a risk, a record that tells of it or may: each sets it."""
    assert flagged("hub", **changes) == {by}


@pytest.mark.parametrize("field", ["sensitive_location", "address_type"])
def test_a_blank_counts_as_set_unless_that_source_has_said_what_it_means(field: str) -> None:
    """At the hub an empty box is an unticked box; Community Support has said so of one field only."""
    blank = {f"address__{field}": None}
    assert flagged("hub", **blank) == set()
    expected = {"address"} if field == "sensitive_location" else set()
    assert flagged("community_support", **blank) == expected


@pytest.mark.parametrize("field", ["sensitive_location", "address_type"])
def test_words_that_could_not_be_read_are_no_blank(field: str) -> None:
    """What a blank means is no answer to what 'yes!!' means: unreadable sets the flag."""
    bit = 1 << unreadable_bit("address", field)
    assert flagged("hub", **{f"address__{field}": None, "address___unreadable": bit}) == {"address"}
    assert flagged("hub", address___unreadable=None) == {"address"}


def test_everybody_known_to_domestic_abuse_support_is_flagged() -> None:
    """To be known there is itself the danger."""
    assert flagged("domestic_abuse_support") == {"person"}


def test_a_source_of_which_nothing_is_said_flags_everybody() -> None:
    """Silence is not safety."""
    asked = own_flag(example(), "a-new-source")
    assert list(asked) == ["person"]
    assert whole_person()["person"].select(asked["person"]).to_series().to_list() == [True]


def test_the_answer_is_never_null() -> None:
    """Whatever is blank, each row is flagged or it is not."""
    tables = whole_person()
    emptied = {
        entity: table.with_columns(
            pl.lit(None, kind).alias(name) for name, kind in table.schema.items() if name[0] != "_"
        )
        for entity, table in tables.items()
    }
    for source in ("hub", "community_support", "domestic_abuse_support"):
        for entity, expr in own_flag(example(), source).items():
            for given in (tables, emptied):
                assert given[entity].select(expr).to_series().null_count() == 0


def test_a_provider_that_takes_back_its_word_flags_its_people_again(tmp_path: Path) -> None:
    """The meaning of a blank is data of the DPIA; without it the strict reading is back."""
    text = EXAMPLE.read_text(encoding="utf-8")
    line = next(
        line for line in text.splitlines() if line.strip().startswith("address.sensitive_location: {means")
    )
    path = tmp_path / "dpia.yaml"
    path.write_text(text.replace(line + "\n", "", 1), encoding="utf-8")
    asked = own_flag(load_dpia(path), "hub")
    blank = whole_person(address__sensitive_location=None)
    assert blank["address"].select(asked["address"]).to_series().to_list() == [True]
