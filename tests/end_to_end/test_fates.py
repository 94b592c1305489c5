"""What becomes of records between nights: changed, vanished, anonymised, merged, held, moved, missing."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from demo import nights as later
from demo.nights import DIARY, PERSON, find
from demo.sample import Sample
from tests.nights import NightSite
from tests.released import FLOWS, Council, counts, state, warehouse_rows, why

Again = Callable[[], NightSite]


def quiet_client(sample: Sample, place: int = 0) -> str:
    """Return a hub client who agreed, is not planted on, and has one ordinary case, contacts and needs."""
    planted = {flaw.reference for flaw in sample.truth}
    agreed = {
        row[PERSON]
        for row in sample.table("hub", "consents")
        if row["Purpose"] == "Share with council" and row["Status"] == "Given"
    } - {
        row[PERSON]
        for row in sample.table("hub", "consents")
        if row["Purpose"] == "Share with council" and row["Status"] != "Given"
    }
    cases: dict[str, list[str]] = {}
    for row in sample.table("hub", "referrals"):
        cases.setdefault(row[PERSON], []).append(row[DIARY])
    unsafe = {row[PERSON] for row in sample.table("hub", "relationships")}
    unsafe |= {row["Related Org Person ID"] for row in sample.table("hub", "relationships")}
    unsafe |= {row[PERSON] for row in sample.table("hub", "risks")}
    homes = [row["Address Line 1"] for tables in sample.sources.values() for row in tables["people"]]
    told = [
        row[PERSON]
        for row in sample.table("hub", "contacts")
        if row["Classification Code"] in {"SOC.DA", "SOC.DAP"} or row["External Referral To"]
    ]
    found = [
        row[PERSON]
        for row in sample.table("hub", "people")
        if row[PERSON] in agreed - planted - unsafe - set(told)
        and len(cases.get(row[PERSON], [])) == 1
        and cases[row[PERSON]][0] not in planted
        and row["Anonymised"] == "No"
        and row["Safe to Contact"] == "Yes"
        and row["Sensitive Location"] == "No"
        and row["Address Type"] == "Main"
        and row["Address Line 1"]
        and homes.count(row["Address Line 1"]) == 1
        and not row["Merged IDs"]
        and row["NHS Number"]
    ]
    return found[place]


def case_of(sample: Sample, person: str) -> str:
    """Return the first referral of a hub person."""
    return next(row[DIARY] for row in sample.table("hub", "referrals") if row[PERSON] == person)


def references(sample: Sample, export: str, person: str) -> list[str]:
    """Return the references of a hub person's rows in an export."""
    return [next(iter(row.values())) for row in sample.table("hub", export) if row[PERSON] == person]


def sent(summary: Any) -> dict[str, dict[str, dict[str, int]]]:
    """Return what each flow sent and withdrew."""
    return {flow: counts(summary, flow) for flow in FLOWS}


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


def test_a_source_that_fails_keeps_its_records_and_stops_nobody_else(
    night: NightSite, sample: Sample
) -> None:
    """The portal's log-in page instead of an export: that source is refused, the others go on."""
    before = warehouse_rows(night)
    person = quiet_client(sample)
    night.drop(later.change(sample, "hub", "people", person, {"Surname": "Zqsurmarried"}))
    spoilt = night.folder / "drop" / "community_support" / "referrals.csv"
    spoilt.write_text("<!DOCTYPE html><html><title>Sign in</title></html>\n", encoding="utf-8")
    summary = night.night()
    assert summary.exit_code == 22
    outcomes = {one["source"]: one["outcome"] for one in summary.to_json()["sources"]}
    assert outcomes == {"hub": "done", "community_support": "refused", "domestic_abuse_support": "done"}
    assert sent(summary) == {"early_help": {"person": {"released": 1}}, "commissioning": {}}
    after = warehouse_rows(night)
    assert {name for name in after if after[name] != before[name]} == {"early_help.person"}


@pytest.fixture(scope="module")
def flagged_by_neighbour(
    settled: NightSite, sample: Sample, tmp_path_factory: pytest.TempPathFactory
) -> tuple[NightSite, Sample, str]:
    """Return a site on which somebody of lot 8 has come to live at a hub client's address."""
    folder = tmp_path_factory.mktemp("neighbour") / "site"
    shutil.copytree(settled.folder, folder)
    night, person = NightSite(folder), quiet_client(sample)
    home = find(sample, "hub", "people", person)
    known = sample.table("domestic_abuse_support", "people")[0]["Org Person ID"]
    where = {name: home[name] for name in ("Address Line 1", "Postcode")} | {"UPRN": ""}
    moved = later.change(sample, "domestic_abuse_support", "people", known, where)
    night.drop(moved)
    night.night()
    return night, moved, person


def place_of(night: NightSite, person: str) -> set[Any]:
    """Return what commissioning knows of where a hub person lives."""
    row = Council(night).row("commissioning", "address", "hub", person)
    assert row is not None
    return {row[name] for name in ("lsoa21", "ward", "neighbourhood")}


def test_an_address_is_shared_until_somebody_endangered_lives_there(
    night: NightSite, flagged_by_neighbour: tuple[NightSite, Sample, str]
) -> None:
    """An ordinary client's ward leaves; with a lot 8 person at the address only the row does."""
    changed, _, person = flagged_by_neighbour
    assert None not in place_of(night, person)
    assert place_of(changed, person) == {None}
    row = Council(changed).row("early_help", "address", "hub", person)
    assert row is not None
    assert {row[name] for name in ("line1", "postcode", "ward")} == {None}


def test_the_flag_that_a_missing_source_spread_still_holds(
    flagged_by_neighbour: tuple[NightSite, Sample, str], tmp_path: Path
) -> None:
    """Lot 8 cannot be read tonight: what it told of its people is remembered, and the address stays blank."""
    site, _, person = flagged_by_neighbour
    shutil.copytree(site.folder, tmp_path / "site")
    night = NightSite(tmp_path / "site")
    shutil.rmtree(night.folder / "drop" / "domestic_abuse_support")
    summary = night.night()
    assert summary.exit_code in {20, 22}
    assert place_of(night, person) == {None}
    assert sent(summary) == {"early_help": {}, "commissioning": {}}


def test_without_any_memory_of_a_missing_source_everybody_is_flagged(
    flagged_by_neighbour: tuple[NightSite, Sample, str], tmp_path: Path
) -> None:
    """What lot 8 never told cannot be excluded: not one address, and not one ward, of anybody is left."""
    site, _, _ = flagged_by_neighbour
    shutil.copytree(site.folder, tmp_path / "site")
    night = NightSite(tmp_path / "site")
    shutil.rmtree(night.folder / "drop" / "domestic_abuse_support")
    (night.site.var / "state" / "safety" / "domestic_abuse_support.parquet").unlink()
    night.night()
    council = Council(night)
    assert council.count("commissioning", "address", "ward is not null or lsoa21 is not null") == 0
    assert council.count("early_help", "address", "line1 is not null or postcode is not null") == 0
    assert council.count("commissioning", "address") > 50


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
