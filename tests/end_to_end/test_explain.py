"""`explain`: where one record went, in each flow, answered from state alone."""

import json
import re
from typing import Any

import pytest

from demo.nights import DIARY, PERSON
from demo.sample import Sample
from sync.explain import SAFETY, explain
from sync.place import look
from tests.nights import NightSite
from tests.released import tree


@pytest.fixture(scope="module")
def ask(settled: NightSite) -> Any:
    """Return a function that explains a reference of a source on the settled site."""

    def asked(reference: str, source: str | None = None) -> dict[str, Any]:
        with look(settled.site) as place:
            return explain(place, reference, source)

    return asked


def records(told: dict[str, Any], flow: str) -> dict[str, dict[str, Any]]:
    (source,) = told["sources"]
    found = [one for one in source["flows"] if one["flow"] == flow]
    return {record["entity"]: record for one in found for record in one["records"]}


def test_a_released_record_names_its_batch_and_how_each_field_was_treated(
    ask: Any, settled: NightSite, sample: Sample
) -> None:
    """A referral in commissioning: sent in batch 1, its fields with treatment and why, its pull's time."""
    held = {flaw.reference for flaw in sample.truth if flaw.fate == "hold_record" or flaw.check == "REF-03"}
    case = next(
        row[DIARY]
        for row in sample.table("community_support", "referrals")
        if not {row[DIARY], row[PERSON]} & held
    )
    told = ask(case, "community_support")
    record = records(told, "commissioning")["referral"]
    assert record["fate"] == "sent"
    assert record["batch"] == "commissioning/00000001"
    fields = {one["field"]: one for one in record["fields"]}
    assert fields["received_on"]["treatment"] == "disclose"
    assert fields["referral_id"]["treatment"] == "pseudonymise"
    assert all(one["why"] for one in fields.values())
    assert "referrer_name" not in fields
    assert told["sources"][0]["pulled_at"] == "2022-12-08T06:00:00Z"
    before = tree(settled.folder)
    ask(case, "community_support")
    assert tree(settled.folder) == before


def test_a_held_record_names_the_check_and_how_to_mend_it(ask: Any, sample: Sample) -> None:
    """Held in commissioning by that very check, with the open finding, the message and the way to mend it."""
    flaw = next(f for f in sample.truth if f.fate == "hold_record" and f.check == "REF-01")
    told = ask(flaw.reference, flaw.source)
    record = records(told, "commissioning")[flaw.entity]
    assert (record["fate"], record["reason"]) == ("held", f"check:{flaw.check}")
    (finding,) = told["sources"][0]["findings"]
    assert (finding["check"], finding["field"]) == (flaw.check, flaw.field)
    assert finding["message"]
    assert finding["mend"]


def test_a_flaw_of_any_record_is_told_with_its_field_and_how_to_mend_it(ask: Any, sample: Sample) -> None:
    """Whoever asks about a record hears what its provider's worklist says, whatever kind of record it is."""
    first = {flaw.entity: flaw for flaw in reversed(sample.truth)}
    assert len(first) >= 12
    for flaw in first.values():
        found = ask(flaw.reference, flaw.source)["sources"][0]["findings"]
        told = next(one for one in found if one["check"] == flaw.check)
        assert told["field"] in {other.field for other in sample.truth if other.reference == flaw.reference}
        assert told["message"], flaw.check
        assert told["mend"], flaw.check


def test_a_withheld_record_names_the_rule(ask: Any, sample: Sample) -> None:
    """Lot 8 is not in commissioning; who refused is not in early help's cohort."""
    person = sample.table("domestic_abuse_support", "people")[0][PERSON]
    told = records(ask(person, "domestic_abuse_support"), "commissioning")["person"]
    assert (told["fate"], told["reason"]) == ("withheld", "source_not_in_flow")
    refused = next(
        row[PERSON]
        for row in sample.table("hub", "consents")
        if row["Purpose"] == "Share with council" and row["Status"] == "Not yet asked"
    )
    told = records(ask(refused, "hub"), "early_help")["person"]
    assert (told["fate"], told["reason"]) == ("withheld", "cohort")


def test_a_reference_nobody_has_is_answered_without_a_guess(ask: Any) -> None:
    """No flow knows it, no finding names it; every source is asked when none is given."""
    told = ask("HP999999")
    assert [one["source"] for one in told["sources"]] == [
        "community_support",
        "domestic_abuse_support",
        "hub",
    ]
    assert all(one["flows"] == [] and one["findings"] == [] for one in told["sources"])


def test_of_somebody_in_danger_it_tells_fates_and_rules_and_nothing_that_the_release_form_guards(
    ask: Any, sample: Sample
) -> None:
    """No recipient, no day of any batch, no batch but the last of each record, no value; and of what a safety
    rule kept back the same words whichever rule it was, so that nobody reads from them what the danger is.
    """
    in_danger = [row for row in sample.table("hub", "people") if row["Sensitive Location"] == "Yes"]
    in_danger += [row for row in sample.table("hub", "people") if row["Safe to Contact"] == "Conditional"]
    asked = ((row, ask(row[PERSON], "hub")) for row in in_danger)
    row, told = next((row, told) for row, told in asked if kept(told))
    (source,) = told["sources"]
    assert set(source) == {"source", "pulled_at", "flows", "findings"}
    for flow in source["flows"]:
        assert set(flow) == {"flow", "records"}
        for record in flow["records"]:
            assert set(record) <= {"entity", "fate", "reason", "batch", "fields"}
            assert re.fullmatch(
                rf"{flow['flow']}/[0-9]{{8}}", record.get("batch", f"{flow['flow']}/00000000")
            )
            assert all(set(field) == {"field", "treatment", "why"} for field in record.get("fields", []))
    assert {one["why"] for one in kept(told)} == {SAFETY}
    said = json.dumps(source["flows"])
    assert not re.search(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", said)
    assert not [value for value in row.values() if value and len(value) >= 5 and value in said]


def kept(told: dict[str, Any]) -> list[dict[str, str]]:
    """Return the fields of the person that a safety rule kept back in early help."""
    person = records(told, "early_help").get("person", {})
    return [one for one in person.get("fields", []) if one["treatment"] == "redact"]
