"""Two nights from a real portal in its own process to a real warehouse."""

import json
from typing import Any

from demo.sample import EXPORTS, SOURCES
from tests.end_to_end.conftest import PortalNights
from tests.one_source import COUNTS
from tests.released import FLOWS, landed, warehouse_rows


def flows_of(said: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {flow["flow"]: flow for flow in said["flows"]}


def test_the_first_night_carries_everything_from_the_portal_to_the_warehouse(
    portal_nights: PortalNights,
) -> None:
    """Both flows reach `remembered` with a receipt that says loaded; exit 1 because some records are held."""
    first = portal_nights.first
    assert first["exit_code"] == 1
    assert first["errors"] == []
    assert first["outcome"] == "done_with_findings"
    for flow in FLOWS:
        told = flows_of(first)[flow]
        assert told["state"] == "remembered"
        assert told["receipt"]["outcome"] == "loaded"
        assert told["sequence"] == 1
        sent = {e: n["released"] for e, n in told["entities"].items() if n["released"]}
        assert {e: n["upserted"] for e, n in told["receipt"]["entities"].items() if n["upserted"]} == sent
        loaded = portal_nights.night.query
        assert {e: loaded(f"select count(*) from {flow}.{e}")[0][0] for e in sent} == sent


def test_the_portal_wrote_down_each_extract_once_a_night_with_the_providers_own_basis(
    portal_nights: PortalNights,
) -> None:
    """Ten extracts for each of three providers and two nights, taken on the basis that the site declares."""
    for source in SOURCES:
        taken = portal_nights.audit[source]
        assert len(taken) == 2 * len(EXPORTS)
        assert "Legitimate interests" in {str(value) for line in taken for value in line.values()}


def test_a_second_night_sends_nothing(portal_nights: PortalNights) -> None:
    """No new landing file, the same canonical rows, and a leaf that says so for each flow."""
    night, second = portal_nights.night, portal_nights.second
    assert second["exit_code"] == 1
    for flow in FLOWS:
        told = flows_of(second)[flow]
        assert (told["state"], told["batch_id"], told["bytes"]) == ("nothing_sent", None, 0)
        assert sum(n["released"] + n["withdrawn"] for n in told["entities"].values()) == 0
        sent = flows_of(portal_nights.first)[flow]["entities"]
        for entity, numbers in told["entities"].items():
            assert numbers["unchanged"] == sent[entity]["released"], (flow, entity)
    assert landed(night) == portal_nights.before
    assert warehouse_rows(night) == portal_nights.rows_before
    leaves = [json.loads(line) for line in (night.site.var / "log" / "leaves.jsonl").read_text().splitlines()]
    quiet = {leaf["flow"] for leaf in leaves if leaf["kind"] == "nothing_sent"}
    assert quiet == {*FLOWS, *COUNTS}
    assert second["findings"]["new"] == second["findings"]["closed"] == 0
