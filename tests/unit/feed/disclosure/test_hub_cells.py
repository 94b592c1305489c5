"""A number of the hub stands in two tables: its own, and that of all services; whoever has one has both."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from feed.disclosure.gate import exposures
from feed.disclosure.protect import protect
from feed.disclosure.shapes import structure_of
from feed.disclosure.structure import CellOf, CountShape, Structure
from feed.facts import facts_of
from feed.model import Area
from feed.periods import parse
from tests.feed_rows import Row, write_rows
from tests.unit.feed.disclosure.made_tables import APRIL, HES, counts, published

DAY = date(2022, 5, 2)
THE_HUB: Sequence[Row] = [
    {"referral_id": place, "lot_code": "L3-SSH", "received_on": DAY, "status": "closed", "triage_days": 0}
    for place in range(3)
]
OTHER: Row = {"referral_id": "x", "lot_code": "L4-CS", "received_on": DAY, "source_system": "other"}
PASSED_ON: Row = {"referral_id": "y", "lot_code": "L3-SSH", "received_on": DAY, "parent_referral_id": "0"}


def also(path: Path, rows: Sequence[Row]) -> dict[str, tuple[CellOf, ...]]:
    """Return by count the cells of other tables that its total is."""
    with facts_of(write_rows(path, {"referral": rows}), Area()) as facts:
        return {count.id: count.is_also for count in structure_of(facts, parse("2022-23-Q1")).counts}


def test_what_the_hub_received_is_the_hub_s_row_in_every_table_of_services(tmp_path: Path) -> None:
    """Referrals, those triaged, the people: by provider and by lot, as the rows say."""
    found = also(tmp_path / "w.duckdb", [*THE_HUB, OTHER])
    assert set(found["referrals_received"]) == {
        CellOf(count, breakdown, category)
        for count in ("cases_received", "services_received")
        for breakdown, category in (("lot", "L3-SSH"), ("provider", "hub"))
    }
    assert CellOf("services_triaged_same_day", "provider", "hub") in found["referrals_triaged_same_day"]
    assert CellOf("people_of_all", "provider", "hub") in found["people_referred"]
    assert found["referring_organisations"] == found["services_received"] == ()


def test_where_the_rows_say_otherwise_the_two_are_two(tmp_path: Path) -> None:
    """The hub holds a copy of a referral: a referral to services, and no case of its own."""
    found = also(tmp_path / "w.duckdb", [*THE_HUB, PASSED_ON])
    assert {cell.count for cell in found["referrals_received"]} == {"cases_received"}


@pytest.mark.parametrize("known", [True, False])
def test_a_provider_s_hidden_row_is_not_had_from_the_hub_s_own_table(*, known: bool) -> None:
    """Services 55 in all, of which the hub's own table tells 50: its row among all services is no secret."""
    cell = CellOf("services", "provider", "hub")
    structure = Structure((CountShape("mine", is_also=(cell,) if known else ()), CountShape("services")))
    exact = counts({"hub": 50, "other": 5}, count="services", breakdown="provider").vstack(
        counts({}, count="mine", total=50)
    )
    told = published(
        ("services", APRIL, "borough", "all", 55, "exact"),
        ("services", APRIL, "provider", "hub", None, "secondary"),
        ("services", APRIL, "provider", "other", None, "suppressed"),
        ("mine", APRIL, "borough", "all", 50, "exact"),
    )
    assert bool(exposures(told, exact, structure, HES)[0]) == known
    assert not exposures(protect(exact, structure, HES).reasons, exact, structure, HES)[0]
