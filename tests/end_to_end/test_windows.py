"""Part of a run: some days, some sources, one flow, everything again, or nothing but a look."""

from datetime import date, datetime

from demo import nights as later
from demo.nights import PERSON
from demo.sample import Sample
from tests.nights import NightSite
from tests.released import FLOWS, Council, counts, landed, state, tree, warehouse_rows


def received(sample: Sample, person: str) -> list[date]:
    """Return the days on which a hub person was referred, as far as they can be read."""
    days = []
    for row in sample.table("hub", "referrals"):
        if row[PERSON] == person:
            try:
                days.append(datetime.strptime(row["Referral Date"], "%d/%m/%Y").date())  # noqa: DTZ007
            except ValueError:
                continue
    return days


def shared_people(night: NightSite, sample: Sample) -> list[str]:
    """Return hub people in early help, in the order of their first referral."""
    council = Council(night)
    people = [
        row[PERSON]
        for row in sample.table("hub", "people")
        if received(sample, row[PERSON]) and council.row("early_help", "person", "hub", row[PERSON])
    ]
    return sorted(people, key=lambda person: received(sample, person))


def test_a_window_looks_at_those_referred_in_it_and_withdraws_nobody(
    night: NightSite, sample: Sample
) -> None:
    """Under --since an early client's new name waits, a late one's goes, and a deleted contact stays."""
    people = shared_people(night, sample)
    early, late = people[0], people[-1]
    since = received(sample, late)[0]
    assert received(sample, early)[-1] < since
    lost = next(row["Contact ID"] for row in sample.table("hub", "contacts") if row[PERSON] == late)
    changed = later.change(sample, "hub", "people", early, {"Surname": "Zqsurearly"})
    changed = later.change(changed, "hub", "people", late, {"Surname": "Zqsurlate"})
    changed = later.vanish(changed, "hub", "contacts", lost)
    before = warehouse_rows(night)
    night.drop(changed)
    summary = night.night(since=since)
    council = Council(night)
    names = {
        person: (council.row("early_help", "person", "hub", person) or {})["family_name"]
        for person in (early, late)
    }
    assert names[late] == "Zqsurlate"
    assert names[early] != "Zqsurearly"
    assert counts(summary, "early_help") == {"person": {"released": 1}}
    assert warehouse_rows(night)["commissioning.contact"] == before["commissioning.contact"]
    assert summary.to_json()["findings"]["closed"] == 0
    whole = night.night()
    assert counts(whole, "early_help")["person"] == {"released": 1}
    assert counts(whole, "commissioning")["contact"] == {"withdrawn": 1}


def test_a_dry_run_shows_what_would_be_sent_and_changes_no_file(night: NightSite, sample: Sample) -> None:
    """Everything is done but deliver, log and remember: only logs may differ."""
    person = shared_people(night, sample)[0]
    night.drop(later.change(sample, "hub", "people", person, {"Surname": "Zqsurdry"}))
    before = tree(night.folder)
    summary = night.night(dry_run=True)
    assert state(summary, "early_help") == "dry_run"
    assert counts(summary, "early_help") == {"person": {"released": 1}}
    after = tree(night.folder)
    changed = {path for path in {*before, *after} if before.get(path) != after.get(path)}
    assert all(path.startswith("var/logs/") for path in changed), changed
    assert counts(night.night(), "early_help") == {"person": {"released": 1}}


def test_one_flow_leaves_the_memory_of_the_others_alone(night: NightSite, sample: Sample) -> None:
    """--flow early_help: commissioning's memory, chain and tables are as they were, and catch up later."""
    person = shared_people(night, sample)[0]
    night.drop(
        later.change(sample, "hub", "people", person, {"Surname": "Zqsurone", "Date of Birth": "02/01/1950"})
    )
    state_folder = night.site.var / "state"
    names = ("memory/commissioning.parquet", "chain/commissioning.json", "treatments/commissioning.json")
    before = {name: (state_folder / name).read_bytes() for name in names}
    rows = warehouse_rows(night)
    summary = night.night(flows=("early_help",))
    assert [flow["flow"] for flow in summary.to_json()["flows"]] == ["early_help"]
    assert counts(summary, "early_help")["person"] == {"released": 1}
    assert {name: (state_folder / name).read_bytes() for name in names} == before
    after = warehouse_rows(night)
    assert not [n for n in after if n.startswith("commissioning") and after[n] != rows[n]]
    assert counts(night.night(), "commissioning")["person"] == {"released": 1}


def test_one_source_is_pulled_alone_and_nobody_elses_records_are_touched(
    night: NightSite, sample: Sample
) -> None:
    """--source hub: only it is read; what the others sent before stays, whatever their exports say now."""
    person = shared_people(night, sample)[0]
    gone = sample.table("community_support", "contacts")[0]["Contact ID"]
    changed = later.vanish(sample, "community_support", "contacts", gone)
    night.drop(later.change(changed, "hub", "people", person, {"Surname": "Zqsursource"}))
    summary = night.night(sources=("hub",))
    assert [one["source"] for one in summary.to_json()["sources"]] == ["hub"]
    assert counts(summary, "early_help") == {"person": {"released": 1}}
    assert counts(summary, "commissioning") == {}
    assert Council(night).row("commissioning", "contact", "community_support", gone)


def test_full_sends_everything_again_and_changes_no_row(night: NightSite) -> None:
    """--full: every shared record is upserted once more under the next number; the rows are equal."""
    before, files = warehouse_rows(night), landed(night)
    summary = night.night(full=True)
    after = landed(night)
    for flow in FLOWS:
        told = next(one for one in summary.to_json()["flows"] if one["flow"] == flow)
        assert told["sequence"] == 2
        sent = {entity: n["released"] for entity, n in told["entities"].items() if n["released"]}
        assert sent == {
            name.split(".")[1]: len(rows)
            for name, rows in before.items()
            if name.startswith(f"{flow}.") and rows and not name.endswith("withdrawn_records")
        }
        assert sum(n["unchanged"] + n["withdrawn"] for n in told["entities"].values()) == 0
    assert warehouse_rows(night) == before
    assert {name: after[name] for name in files} == files
    assert len(after) > len(files)
