"""What the nights of the tiny site have found wrong, each told once more as a story of its own.

The model beside the site does the asserting: after every night it holds batches, warehouse and log.
"""

from datetime import date

import pytest

from tests.tiny.model import Wanted
from tests.tiny.nights import TinyNights
from tests.tiny.start import settled, work_folder

LATE = date(2024, 4, 10)


@pytest.fixture
def nights(request: pytest.FixtureRequest) -> TinyNights:
    """Return the site after its first night, which was at once and whole."""
    return settled().copy(work_folder() / request.node.name[:60])


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
    nights.night(Wanted(missing=frozenset({"community_support"})))
    assert {key[1] for key in nights.council.warehouse("commissioning")[0]} == {"hub"}
    assert {key[1] for key in nights.council.warehouse("early_help")[0]} == {"hub", "community_support"}
