"""The life of a finding through real nights: it closes when its record has been mended and delivered."""

from dataclasses import replace
from datetime import date

import pytest

from demo import nights as later
from demo.nights import PERSON
from demo.sample import Sample
from quality import Finding, FindingStore, State
from sync.council import load_council_side
from sync.summary import Summary
from tests.clients import case_of, quiet_client
from tests.nights import NightSite

BAD_NUMBER = {"NHS Number": "123"}
CHECK = "PER-05"


@pytest.fixture(scope="session")
def settled(hub_settled: NightSite) -> NightSite:
    """Return the hub's own site: a finding's life is that of one source's record."""
    return hub_settled


def broken(sample: Sample, person: str) -> Sample:
    """Return the sample with an NHS number of the person that cannot be one."""
    return later.change(sample, "hub", "people", person, BAD_NUMBER)


def stands(night: NightSite, record: str, check: str = CHECK) -> tuple[str, str, int]:
    """Return how the finding stands: state, why, and how often it was opened."""
    every = FindingStore.of(night.site).frame(set(State), "hub")
    [one] = every.filter((every["record"] == record) & (every["check"] == check)).iter_rows(named=True)
    return one["state"], one["reason"], one["times_opened"]


def code(night: NightSite, record: str) -> str:
    """Return the code of the record's only living finding."""
    [one] = [finding for finding in FindingStore.of(night.site).open("hub") if finding.record == record]
    assert isinstance(one, Finding)
    return one.code


def changes(summary: Summary) -> dict[str, int]:
    """Return what the run opened, reopened, closed and withdrew, and what waits mended."""
    names = ("new", "reopened", "mended", "closed", "withdrawn")
    return {name: summary.findings[name] for name in names if summary.findings[name]}


def test_a_finding_closes_only_when_every_flow_has_delivered_its_record(
    night: NightSite, sample: Sample
) -> None:
    """Neither a look, nor some days, nor one flow of two: mended it waits, until a whole night has sent it.

    Found again it is the same finding; and a record that was deleted is not mended.
    """
    person = quiet_client(sample)
    night.drop(broken(sample, person))
    assert changes(night.night()) == {"new": 1}
    night.drop(sample)
    assert changes(night.night(dry_run=True)) == {"mended": 1}
    assert stands(night, person) == ("open", "", 1)
    night.night(since=date(2022, 11, 30))
    assert stands(night, person) == ("open", "", 1)
    assert changes(night.night(flows=("early_help",))) == {"mended": 1}
    assert stands(night, person) == ("mended", "passes", 1)
    assert changes(night.night()) == {"closed": 1}
    assert stands(night, person) == ("closed", "delivered", 1)
    night.drop(broken(sample, person))
    assert changes(night.night()) == {"reopened": 1}
    told = FindingStore.of(night.site).history(code(night, person))
    assert [event.to_state for event in told] == ["open", "mended", "closed", "open"]
    night.drop(later.vanish(sample, "hub", "people", person))
    told_of = changes(night.night())
    assert stands(night, person) == ("withdrawn", "vanished", 2)
    assert told_of["withdrawn"] >= 1
    assert "closed" not in told_of


def test_what_is_mended_waits_for_a_receipt_and_until_no_other_gap_holds_the_record(
    waiting: NightSite, sample: Sample
) -> None:
    """Neither a batch that is out, nor one that was refused, nor a record that is held, closes anything.

    Sent again and received, the first closes; of the case, the gap mended first closes with the other.
    """
    person, case = quiet_client(sample), case_of(sample, quiet_client(sample, 1))
    held = later.change(sample, "hub", "referrals", case, {"Referral Date": ""})
    load_council_side(waiting.site)
    waiting.drop(broken(later.change(held, "hub", "referrals", case, {"Outcome": ""}), person))
    assert changes(waiting.night())["new"] >= 3
    load_council_side(waiting.site)
    waiting.drop(held)
    assert [flow.state for flow in waiting.night().flows] == ["delivered", "delivered"]
    assert gaps(waiting, person, case) == ["mended", "mended", "open"], "no receipt yet"
    spoil(waiting)
    load_council_side(waiting.site)
    assert [flow.state for flow in waiting.night().earlier] == ["refused", "refused"]
    assert gaps(waiting, person, case) == ["mended", "mended", "open"], "nothing was received"
    assert [flow.state for flow in waiting.night().flows] == ["delivered", "delivered"]
    assert gaps(waiting, person, case) == ["mended", "mended", "open"], "sent again, not yet received"
    load_council_side(waiting.site)
    waiting.night()
    assert gaps(waiting, person, case) == ["closed", "mended", "open"], "the case is held for its date"
    waiting.drop(later.change(sample, "hub", "referrals", case, {"Priority": "Urgent"}))
    waiting.night()
    assert gaps(waiting, person, case) == ["closed", "mended", "mended"], "it is on its way"
    load_council_side(waiting.site)
    waiting.night()
    assert gaps(waiting, person, case) == ["closed", "closed", "closed"]
    assert stands(waiting, case, "REF-10") == ("closed", "delivered", 1)


def gaps(night: NightSite, person: str, case: str) -> list[str]:
    """Return how they stand: the person's number, the case's outcome and its date."""
    return [stands(night, *gap)[0] for gap in ((person, CHECK), (case, "REF-10"), (case, "REF-01"))]


def spoil(night: NightSite) -> None:
    """Change one byte of the last batch of each flow, which has no receipt yet."""
    for flow in ("early_help", "commissioning"):
        batch = max((night.folder / "var/landing" / flow).iterdir())
        assert not (night.folder / "var/landing/receipts" / flow / f"{batch.name[:8]}.json").exists()
        sealed = min(batch.glob("*.age"))
        data = sealed.read_bytes()
        sealed.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))


@pytest.mark.soak
def test_a_night_of_another_source_closes_nothing(night_of_all: NightSite, sample: Sample) -> None:
    """What waits for its delivery waits on while only others are asked."""
    night, person = night_of_all, quiet_client(sample)
    night.drop(broken(sample, person))
    night.night()
    night.drop(sample)
    assert changes(night.night(flows=("early_help",))) == {"mended": 1}
    assert changes(night.night(sources=("community_support",))) == {"mended": 1}
    assert stands(night, person) == ("mended", "passes", 1)
    assert changes(night.night()) == {"closed": 1}


@pytest.mark.soak
@pytest.mark.parametrize(
    ("behind", "let_through"), [("source", False), ("flows", False), ("source", True), ("flows", True)]
)
def test_what_vanishes_behind_a_brake_is_not_withdrawn(
    night: NightSite, sample: Sample, behind: str, let_through: bool
) -> None:
    """A sudden drop is more often a fault than closures: the findings stay until a person says so.

    The source's own brake sees an export of a third of its people; the flows' brakes one as long as ever, in
    which two thirds and their records have other numbers.
    """
    person = quiet_client(sample)
    night.drop(broken(sample, person))
    night.night()
    everybody = [row[PERSON] for row in sample.table("hub", "people")]
    gone = [person, *[name for name in everybody if name != person][: len(everybody) * 2 // 3]]
    night.drop(without(sample, gone) if behind == "source" else renumbered(sample, gone))
    summary = night.night(accept_drop=let_through, accept_growth=True)
    told = {flow.error.code if flow.error else flow.state for flow in summary.flows}
    hub = next(source for source in summary.sources if source.source == "hub")
    if let_through:
        assert (hub.error, told) == (None, {"remembered"})
    elif behind == "source":
        assert hub.error is not None
        assert (hub.error.code, told) == ("E802", {"nothing_sent"})
    else:
        assert (hub.error, told) == (None, {"E802"})
    assert stands(night, person)[:2] == (("withdrawn", "vanished") if let_through else ("open", ""))


def without(sample: Sample, gone: list[str]) -> Sample:
    """Return the sample without these people of the hub and all that hangs on them."""
    for one in gone:
        sample = later.vanish(sample, "hub", "people", one)
    return sample


def renumbered(sample: Sample, people: list[str]) -> Sample:
    """Return the sample with other numbers for these people of the hub and for their records."""
    hub = sample.sources["hub"]
    theirs = {next(iter(row.values())) for rows in hub.values() for row in rows if row.get(PERSON) in people}
    number = {one: f"{one[:2]}9{one[3:]}" for one in {*theirs, *people}}
    tables = {
        export: [{column: number.get(cell, cell) for column, cell in row.items()} for row in rows]
        for export, rows in hub.items()
    }
    return replace(sample, sources={**sample.sources, "hub": tables})
