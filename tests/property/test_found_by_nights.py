"""What the nights of the tiny site have found wrong, each told once more as a story of its own.

The model beside the site does the asserting: after every night it holds batches, warehouse and log.
"""

import secrets
from datetime import date

import pytest

from tests.tiny.model import Wanted
from tests.tiny.nights import TinyNights
from tests.tiny.start import begun, settled, work_folder

FRIENDS = "community_support"
LATE = date(2024, 4, 10)


@pytest.fixture
def nights() -> TinyNights:
    """Return the site after its first night, which was at once and whole."""
    return settled().copy(work_folder() / f"story-{secrets.token_hex(4)}")


def test_sending_a_part_once_more_sends_the_rest_no_second_time(nights: TinyNights) -> None:
    """--full --since sends the part; the night after, nobody else is sent again."""
    nights.night(Wanted(since=LATE, full=True, accept=True))
    idle = nights.night()
    assert {flow.state for flow in idle.flows} == {"nothing_sent"}


def test_an_entity_that_the_assessment_no_longer_names_is_withdrawn(nights: TinyNights) -> None:
    """Contacts leave the early-help flow: each is withdrawn the same night, and comes back with them."""
    nights.assess(frozenset({"no_contacts"}))
    nights.night()
    rows, tombs = nights.council.warehouse("early_help")
    assert {key[0] for key in tombs} == {"contact"}
    assert not [key for key in rows if key[0] == "contact"]
    nights.assess(frozenset())
    nights.night(Wanted(accept=True))
    assert [key for key in nights.council.warehouse("early_help")[0] if key[0] == "contact"]


def test_a_source_that_leaves_the_assessment_is_withdrawn_though_not_read(
    nights: TinyNights,
) -> None:
    """The other charity takes no part in commissioning any more, and its exports are not there tonight."""
    nights.assess(frozenset({"hub_only"}))
    nights.night(Wanted(missing=frozenset({FRIENDS})))
    assert {key[1] for key in nights.council.warehouse("commissioning")[0]} == {"hub"}
    assert {key[1] for key in nights.council.warehouse("early_help")[0]} == {"hub", FRIENDS}


@pytest.mark.parametrize("step", ["sealed", "remembered"])
def test_who_is_in_danger_is_remembered_before_anything_is_shown(nights: TinyNights, step: str) -> None:
    """Somebody in danger moves in with a client of the hub; the night is killed half way; the next night the
    other charity's exports are not there. The client's address stays hidden from the first night on.
    """
    world = nights.model.world
    client, friend = world.names("hub", "people")[0], world.names(FRIENDS, "people")[0]
    home = {name: world.tables["hub"]["people"][client][name] for name in ("Street", "Postcode")}
    world.change(FRIENDS, "people", friend, home | {"Sensitive": "Yes"})
    assert nights.killed_night(Wanted(accept=True), step) == step
    nights.night(Wanted(accept=True, missing=frozenset({FRIENDS})))
    rows, _ = nights.council.warehouse("early_help")
    assert not {"line1", "postcode"} & rows["address", "hub", client].keys()


def test_a_column_is_emptied_though_none_of_its_rows_can_be_looked_at(nights: TinyNights) -> None:
    """No export is there tonight, and NHS numbers leave the assessment: they leave the warehouse, once."""
    nights.assess(frozenset({"no_numbers"}))
    away = Wanted(missing=frozenset({"hub", FRIENDS}))
    nights.night(away)
    rows, _ = nights.council.warehouse("early_help")
    assert rows
    assert not [key for key, row in rows.items() if "nhs_number" in row]
    assert {flow.state for flow in nights.night(away).flows} == {"nothing_sent"}


def test_a_dry_run_before_the_first_night_begins_no_log() -> None:
    """It shows what would be sent; not one file of the log is there afterwards."""
    nights = begun().copy(work_folder() / f"story-{secrets.token_hex(4)}")
    nights.night(Wanted(dry_run=True, accept=True))
    assert not (nights.site.folder / "var/log").exists()
