"""People's choices and legal stops: who is in a register leaves at once, and nobody else does."""

from demo.sample import Sample
from sharing.choices import Choice
from sync import registering
from sync.place import look
from tests.clients import case_of, quiet_client, sent
from tests.nights import NightSite
from tests.released import FLOWS, Council


def record(night: NightSite, choice: Choice, person: str, decision: str = "") -> registering.Kept:
    """Put the choice of a client of the hub into its register."""
    with look(night.site) as place:
        which = registering.declared(place)[choice]
        people = registering.people_of(place, "hub", [person])
        return registering.add(place, which, people, decision)


def lift(night: NightSite, choice: Choice, person: str) -> registering.Kept:
    """End it."""
    with look(night.site) as place:
        which = registering.declared(place)[choice]
        return registering.lift(place, which, registering.people_of(place, "hub", [person]))


def test_an_objection_recorded_today_withdraws_in_the_next_run_and_lifted_it_sends_again(
    night: NightSite, sample: Sample
) -> None:
    """Everything of the person goes, with a receipt; nobody else's does; the night after is quiet."""
    person = quiet_client(sample)
    council, before = Council(night), night.canonical_rows()
    assert all(council.row(flow, "person", "hub", person) for flow in FLOWS)
    people = {flow: council.count(flow, "person") for flow in FLOWS}
    kept = record(night, Choice.OBJECTION, person)
    assert (kept.changed, kept.known) == (1, 1)
    summary = night.night()
    after = Council(night)
    told = {flow["flow"]: flow for flow in summary.to_json()["flows"]}
    for flow in FLOWS:
        assert after.row(flow, "person", "hub", person) is None
        assert after.row(flow, "referral", "hub", case_of(sample, person)) is None
        assert after.tombstone(flow, "referral", "hub", case_of(sample, person))
        assert after.stayed(flow, "person", "hub", person) == ("withheld", "choice:art21_objection")
        assert told[flow]["state"] == "remembered"
        assert told[flow]["entities"]["person"]["withdrawn_reasons"] == {"choice:art21_objection": 1}
        assert after.count(flow, "person") == people[flow] - 1
    assert sum(len(n) for n in sent(night.night()).values()) == 0
    assert lift(night, Choice.OBJECTION, person).changed == 1
    night.night()
    now = night.canonical_rows()
    assert {n: r for n, r in now.items() if not n.endswith("withdrawn_records")} == {
        n: r for n, r in before.items() if not n.endswith("withdrawn_records")
    }
