"""The life of a finding through real nights: it closes when its record has been mended and delivered."""

from datetime import date

import pytest

from demo import nights as later
from demo.sample import Sample
from quality import Finding, FindingStore, State
from sync.council import load_council_side
from sync.summary import Summary
from tests.clients import quiet_client
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


def test_without_a_receipt_or_refused_a_mended_record_waits(waiting: NightSite, sample: Sample) -> None:
    """The council side answers later: while a batch is out nothing closes; nor when it is refused, until
    another has brought the record. The next whole night closes.
    """
    person = quiet_client(sample)
    load_council_side(waiting.site)
    waiting.drop(broken(sample, person))
    assert changes(waiting.night())["new"] >= 1
    load_council_side(waiting.site)
    waiting.drop(sample)
    assert changes(waiting.night()) == {"mended": 1}
    assert changes(waiting.night()) == {"mended": 1}, "no flow is asked while its batch is out"
    body = max((waiting.site.landing / "early_help").glob("*/person-*.age"))
    body.write_bytes(body.read_bytes()[:-1] + b"\0")
    assert "refused" in {receipt.outcome for receipt in load_council_side(waiting.site)}
    refused = waiting.night()
    assert (refused.exit_code, changes(refused)) == (51, {"mended": 1})
    assert changes(waiting.night()) == {"mended": 1}, "sent anew, and not answered yet"
    load_council_side(waiting.site)
    assert changes(waiting.night()) == {"closed": 1}
    assert stands(waiting, person) == ("closed", "delivered", 1)


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
@pytest.mark.parametrize("let_through", [False, True])
def test_what_vanishes_behind_a_brake_is_not_withdrawn(
    night: NightSite, sample: Sample, let_through: bool
) -> None:
    """A sudden drop is more often a fault than closures: the findings stay until a person says so."""
    person = quiet_client(sample)
    night.drop(broken(sample, person))
    night.night()
    everybody = [row["Org Person ID"] for row in sample.table("hub", "people")]
    gone = sample
    for one in [person, *[name for name in everybody if name != person][: len(everybody) * 2 // 3]]:
        gone = later.vanish(gone, "hub", "people", one)
    night.drop(gone)
    summary = night.night(accept_drop=let_through)
    assert (summary.exit_code == 23) is not let_through
    assert stands(night, person)[:2] == (("withdrawn", "vanished") if let_through else ("open", ""))
