"""What becomes of records between nights: changed, vanished, anonymised, merged, held, moved, missing."""

import shutil
from dataclasses import dataclass
from typing import Any

import pytest

from demo import nights as later
from demo.nights import DIARY, PERSON, find
from demo.sample import Sample
from tests.clients import case_of, quiet_client, references, sent
from tests.nights import NightSite
from tests.released import FLOWS, Council, state, warehouse_rows, why


@pytest.fixture(scope="session")
def settled(hub_settled: NightSite) -> NightSite:
    """Return the hub's own site: nothing here is about several sources."""
    return hub_settled


def test_a_changed_record_is_sent_alone_and_changed_back_is_as_it_was(
    night: NightSite, sample: Sample
) -> None:
    """A new surname is one person upserted in early help; commissioning knows no names. And back again."""
    person = quiet_client(sample)
    before = warehouse_rows(night)
    night.drop(later.change(sample, "hub", "people", person, {"Surname": "Zqsurmarried"}))
    summary = night.night()
    assert sent(summary) == {"early_help": {"person": {"released": 1}}, "commissioning": {}}
    assert (state(summary, "early_help"), state(summary, "commissioning")) == ("remembered", "nothing_sent")
    after = warehouse_rows(night)
    assert {name for name in after if after[name] != before[name]} == {"early_help.person"}
    assert len(after["early_help.person"] ^ before["early_help.person"]) == 2
    row = Council(night).row("early_help", "person", "hub", person)
    assert row is not None
    assert row["family_name"] == "Zqsurmarried"
    night.drop(sample)
    assert sent(night.night())["early_help"] == {"person": {"released": 1}}
    assert warehouse_rows(night) == before


def test_what_vanished_is_withdrawn_with_a_tombstone_and_returns_when_it_returns(
    night: NightSite, sample: Sample
) -> None:
    """A deleted contact leaves both flows and nothing else does; found again, it is sent again."""
    before = warehouse_rows(night)
    contact = references(sample, "contacts", quiet_client(sample))[0]
    night.drop(later.vanish(sample, "hub", "contacts", contact))
    summary = night.night()
    assert sent(summary)["commissioning"] == {"contact": {"withdrawn": 1}}
    told = next(f for f in summary.to_json()["flows"] if f["flow"] == "commissioning")
    assert told["entities"]["contact"]["withdrawn_reasons"] == {"vanished": 1}
    council = Council(night)
    for flow in FLOWS:
        assert council.row(flow, "contact", "hub", contact) is None
        assert council.tombstone(flow, "contact", "hub", contact)
    night.drop(sample)
    assert sent(night.night())["commissioning"] == {"contact": {"released": 1}}
    after = warehouse_rows(night)
    assert {n: r for n, r in after.items() if not n.endswith("withdrawn_records")} == {
        n: r for n, r in before.items() if not n.endswith("withdrawn_records")
    }


@dataclass(frozen=True)
class Departures:
    """A night on which one client was deleted and another anonymised."""

    before: Council
    after: Council
    said: dict[str, Any]
    deleted: str
    anonymised: str


@pytest.fixture(scope="module")
def departures(settled: NightSite, sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> Departures:
    """Return that night."""
    folder = tmp_path_factory.mktemp("departures") / "site"
    shutil.copytree(settled.folder, folder)
    night = NightSite(folder)
    deleted, anonymised = quiet_client(sample, 1), quiet_client(sample, 0)
    night.drop(later.anonymise(later.vanish(sample, "hub", "people", deleted), "hub", anonymised))
    said = {flow["flow"]: flow["entities"] for flow in night.night().to_json()["flows"]}
    return Departures(Council(settled), Council(night), said, deleted, anonymised)


def test_who_vanishes_goes_with_everything_that_is_theirs(departures: Departures, sample: Sample) -> None:
    """The person, the address, the case and its rows are withdrawn from both flows."""
    person, council = departures.deleted, departures.after
    for flow in FLOWS:
        for entity, export in (("person", "people"), ("referral", "referrals"), ("contact", "contacts")):
            for reference in references(sample, export, person):
                assert departures.before.row(flow, entity, "hub", reference)
                assert council.row(flow, entity, "hub", reference) is None
                assert council.tombstone(flow, entity, "hub", reference)
        assert council.row(flow, "address", "hub", person) is None
        assert departures.said[flow]["person"]["withdrawn_reasons"]["vanished"] == 1


def test_an_anonymised_person_leaves_the_identified_flow_at_once(
    departures: Departures, sample: Sample
) -> None:
    """Early help withdraws the person and all their rows; commissioning keeps the events."""
    person, council = departures.anonymised, departures.after
    case = case_of(sample, person)
    assert departures.before.row("early_help", "person", "hub", person)
    was = departures.before.row("commissioning", "referral", "hub", case)
    for entity, export in (("person", "people"), ("referral", "referrals"), ("contact", "contacts")):
        for reference in references(sample, export, person):
            assert council.row("early_help", entity, "hub", reference) is None
            assert council.row("commissioning", entity, "hub", reference), (entity, reference)
    reasons = {e: n["withdrawn_reasons"] for e, n in departures.said["early_help"].items()}
    assert reasons["person"] == reasons["referral"] == {"anonymised": 1, "vanished": 1}
    row = council.row("commissioning", "person", "hub", person)
    assert row is not None
    assert row["birth_year_month"] is None
    address = council.row("commissioning", "address", "hub", person)
    assert address is not None
    assert {address[name] for name in ("lsoa21", "ward", "neighbourhood")} == {None}
    referral = council.row("commissioning", "referral", "hub", case)
    assert referral is not None
    assert was is not None
    assert referral["age_band"] is None
    assert (referral["received_on"], referral["person_id"]) == (was["received_on"], was["person_id"])


def test_a_merged_record_is_tombstoned_and_what_changes_person_is_sent_again(
    night: NightSite, sample: Sample
) -> None:
    """The loser is withdrawn as merged, the loser's case points at the survivor; a case that was moved to
    another person keeps its key. No tombstone for either case, and a quiet night after.
    """
    survivor, loser, one, other = (quiet_client(sample, place) for place in range(4))
    now = later.merge(sample, "hub", survivor, loser)
    for export in ("referrals", "contacts", "needs", "outcomes"):
        for reference in references(sample, export, one):
            now = later.change(now, "hub", export, reference, {PERSON: other})
    night.drop(now)
    summary = night.night()
    council = Council(night)
    for flow in FLOWS:
        assert council.row(flow, "person", "hub", loser) is None
        assert council.tombstone(flow, "person", "hub", loser)
        for case, owner in ((case_of(sample, loser), survivor), (case_of(sample, one), other)):
            row = council.row(flow, "referral", "hub", case)
            assert row is not None
            assert row["person_id"] == council.key(flow, "person", "hub", owner)
            assert not council.tombstone(flow, "referral", "hub", case)
        entities = next(f for f in summary.to_json()["flows"] if f["flow"] == flow)["entities"]
        assert entities["person"]["withdrawn_reasons"] == {"merged": 1}
        assert {e for e, n in entities.items() if n["withdrawn"]} <= {"person", "address", "characteristics"}
    assert sum(len(n) for n in sent(night.night()).values()) == 0


def with_held_case(sample: Sample, person: str) -> Sample:
    """Return the sample with a new case of the person that has no date, and a contact in it."""
    model = find(sample, "hub", "referrals", case_of(sample, person))
    case = {**model, DIARY: "HR700001", "Referral Date": "", "Triage Date": "", "Portal Reference": ""}
    case |= dict.fromkeys(("Accepted Date", "Start Date", "Referral Closure Date"), "")
    contact = {**sample.table("hub", "contacts")[0], "Contact ID": "HC700001", DIARY: "HR700001"}
    plain = dict.fromkeys(list(contact)[10:], "") | {"Contact Type": "Contact", PERSON: person}
    return later.add(later.add(sample, "hub", "referrals", case), "hub", "contacts", contact | plain)


def test_what_becomes_held_stays_as_sent_and_what_was_never_sent_waits_with_its_rows(
    night: NightSite, sample: Sample
) -> None:
    """A sent case whose date becomes nonsense is held: the warehouse keeps it and what hangs on it. A new
    case without a date is held with its contact (parent_held). Mended, both are as they should be.
    """
    case, person = case_of(sample, quiet_client(sample)), quiet_client(sample, 1)
    before = warehouse_rows(night)
    wrong = {"Referral Date": "31/02/2022", "Triage Date": "", "Accepted Date": "", "Start Date": ""}
    both = with_held_case(later.change(sample, "hub", "referrals", case, wrong), person)
    night.drop(both)
    summary = night.night()
    council = Council(night)
    for flow in FLOWS:
        assert council.row(flow, "referral", "hub", case)
        assert council.stayed(flow, "referral", "hub", case) == ("held", "check:REF-01")
        assert council.row(flow, "referral", "hub", "HR700001") is None
        assert council.stayed(flow, "contact", "hub", "HC700001") == ("held", "parent_held")
        entities = next(f for f in summary.to_json()["flows"] if f["flow"] == flow)["entities"]
        assert entities["referral"]["withdrawn"] == entities["need"]["withdrawn"] == 0
    after = warehouse_rows(night)
    for name in ("early_help.referral", "commissioning.referral", "early_help.contact"):
        assert after[name] == before[name]
    day = find(sample, "hub", "referrals", case_of(sample, person))["Referral Date"]
    mended = later.change(
        with_held_case(sample, person), "hub", "referrals", "HR700001", {"Referral Date": day}
    )
    night.drop(mended)
    night.night()
    council, mended_rows = Council(night), warehouse_rows(night)
    for flow in FLOWS:
        assert council.row(flow, "referral", "hub", "HR700001"), flow
        assert council.row(flow, "contact", "hub", "HC700001"), flow
        assert len(mended_rows[f"{flow}.referral"] - before[f"{flow}.referral"]) <= 2
        lost = before[f"{flow}.referral"] - mended_rows[f"{flow}.referral"]
        assert len(lost) <= 1, "only the person's first case may say that they came again"


def test_a_withdrawn_consent_withdraws_the_person(night: NightSite, sample: Sample) -> None:
    """The person said no: early help withdraws person and rows; commissioning is as it was."""
    person = quiet_client(sample)
    consent = next(
        row["Consent ID"]
        for row in sample.table("hub", "consents")
        if row[PERSON] == person and row["Purpose"] == "Share with council"
    )
    night.drop(later.change(sample, "hub", "consents", consent, {"Status": "Refused"}))
    summary = night.night()
    assert Council(night).row("early_help", "person", "hub", person) is None
    told = next(f for f in summary.to_json()["flows"] if f["flow"] == "early_help")["entities"]["person"]
    assert told["withdrawn_reasons"] == {"cohort": 1}
    assert sent(summary)["commissioning"] == {}
    assert why(night, "hub", person)["early_help", "person"]["reason"] == "cohort"
