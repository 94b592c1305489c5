"""Retention from one side to the other: due, removed, certified, logged, known; and never sent again."""

import polars as pl
import pytest

from audit.verify import verify
from demo import nights as later
from demo.nights import DIARY, PERSON
from demo.sample import Sample
from sealing.keys import load_verifier
from sync.council import retain_council_side
from sync.memory import EXPIRED
from sync.place import look
from tests.nights import NightSite
from tests.released import Council, counts, state, tree, warehouse_rows, why

FLOW = "early_help"
PERIOD = "{what: early_help@smbc, period: P3Y, from: case_closed"


@pytest.fixture(scope="session")
def settled(hub_settled: NightSite) -> NightSite:
    """Return the hub's own site: nothing here is about several sources."""
    return hub_settled


@pytest.fixture(scope="module")
def told(settled: NightSite) -> dict[str, object]:
    """Return what a dry run says of the settled site; it stays as it is."""
    before = tree(settled.folder)
    (found,) = [f for f in retain_council_side(settled.site, dry_run=True) if f.flow == FLOW]
    assert tree(settled.folder) == before, "a dry run changes nothing"
    return {removal.entity: removal for removal in found.removals}


def flow_of(summary: object, flow: str = FLOW) -> dict[str, object]:
    return next(one for one in summary.to_json()["flows"] if one["flow"] == flow)


def test_what_is_due_is_what_a_reader_of_the_tables_would_say(settled: NightSite, told: dict) -> None:
    """A second computation, in plain SQL over the published tables: cases ended three years ago."""
    due = settled.query(
        "select count(*) from early_help.referral r where closed_at is not null and not exists (select 1 "
        "from early_help.service_episode e where e.referral_id = r.referral_id and ended_on is null) "
        "and greatest(closed_at, coalesce((select max(ended_on) from early_help.service_episode e "
        "where e.referral_id = r.referral_id), closed_at)) + interval 3 years <= current_date"
    )[0][0]
    referral = told["referral"]
    assert referral.expired + referral.waiting == due > 10
    assert referral.no_clock > 10, "open cases are kept and counted"
    assert told["person"].expired > 0
    assert told["organisation"].expired == 0


def test_a_removal_goes_all_the_way_and_nothing_of_it_is_sent_again(night: NightSite, told: dict) -> None:
    """Removed, certified, in the log; a night that sends everything anew sends none of it."""
    before = warehouse_rows(night)
    done = {flow.flow: flow for flow in retain_council_side(night.site, dry_run=False)}
    gone = done[FLOW].total("expired")
    assert gone == sum(removal.expired for removal in told.values()) > 20
    after = warehouse_rows(night)
    assert len(after["early_help.referral"]) == len(before["early_help.referral"]) - told["referral"].expired
    stones = [row for row in after["early_help.withdrawn_records"] if "expired" in row]
    assert len(stones) == gone

    summary = night.night(full=True, accept_growth=True)
    assert state(summary, FLOW) == state(summary, "commissioning") == "remembered"
    assert warehouse_rows(night) == after, "all was sent anew but for what has expired"
    said = flow_of(summary)["retention"]
    assert (said["certificates"], said["expired"], said["blocked"]) == ([1], gone, 0)
    assert said["due"] == gone + said["waiting"]
    assert flow_of(summary)["entities"]["referral"]["reasons"]["expired"] == told["referral"].expired
    log = verify(night.site.var / "log", load_verifier("log", night.site.keys.public))
    assert log.leaves["expiry"] == len(done)
    with look(night.site) as place:
        remembered = pl.read_parquet(place.outboxes[FLOW].memory_path)
    assert remembered.filter(pl.col("batch") == EXPIRED).height == gone
    assert [flow.total("expired") for flow in retain_council_side(night.site, dry_run=False)] == [0, 0]


def test_a_case_that_is_opened_again_comes_back_with_its_person(night: NightSite, sample: Sample) -> None:
    """The case has changed, so it is sent; it names a person of whom nothing is left, so they come too."""
    first = Council(night)
    assert first.rows(FLOW, "referral"), "what was there is read before any of it goes"
    retain_council_side(night.site, dry_run=False)
    left = Council(night)

    def there(table: Council, entity: str, source: str, reference: str) -> bool:
        return table.row(FLOW, entity, source, reference) is not None

    source, case = next(
        (source, row)
        for source in sample.sources
        for row in sample.table(source, "referrals")
        if there(first, "referral", source, row[DIARY])
        and not there(left, "referral", source, row[DIARY])
        and not there(left, "person", source, row[PERSON])
    )
    another = "Routine" if case["Priority"] == "Urgent" else "Urgent"
    changed = {"Referral Closure Date": "", "Priority": another}
    night.drop(later.change(sample, source, "referrals", case[DIARY], changed))
    summary = night.night()
    assert state(summary, FLOW) == "remembered", summary.to_json()["errors"]
    back = Council(night)
    assert there(back, "referral", source, case[DIARY])
    assert there(back, "person", source, case[PERSON])
    sent = counts(summary, FLOW)
    assert sent["person"] == {"released": 1}
    assert sent["referral"]["released"] <= 2, "the case, and one whose re-referral is counted from it"
    resting = next(
        row[DIARY]
        for row in sample.table(source, "referrals")
        if there(first, "referral", source, row[DIARY]) and not there(back, "referral", source, row[DIARY])
    )
    told = why(night, source, resting)[FLOW, "referral"]
    assert (told["fate"], told["reason"]) == ("withheld", "expired")


def test_holds_are_told_and_false_certificates_are_not_believed(night: NightSite, told: dict) -> None:
    """A hold of the site keeps a flow's rows and is shown; touched marks stop the other flow, exit 40.

    Put right, they are taken in; and other terms are sent that night although no row is.
    """
    path = night.folder / "site.yaml"
    text, held = path.read_text(encoding="utf-8"), "holds: [{reference: LIT-2026-4, flow: early_help}]"
    assert "holds: []" in text
    path.write_text(text.replace("holds: []", held), encoding="utf-8")
    before = warehouse_rows(night)
    for line in (PERIOD, "deleteAfter: P3Y"):
        night.edit_dpia(line, line.replace("P3Y", "P20Y"))
    retain_council_side(night.site, dry_run=False)
    assert {n: r for n, r in warehouse_rows(night).items() if n.startswith(FLOW)} == {
        n: r for n, r in before.items() if n.startswith(FLOW)
    }
    marks = night.site.landing / "certificates" / "commissioning" / "00000001.json"
    good = marks.read_bytes()
    marks.write_bytes(good.replace(b'"expired":0', b'"expired":9', 1))
    summary = night.night()
    said = flow_of(summary)["retention"]
    assert (said["expired"], said["holds"]) == (0, ["LIT-2026-4"])
    assert said["blocked"] >= told["referral"].expired > 0
    assert summary.exit_code == 40
    assert flow_of(summary, "commissioning")["error"][0].startswith("E830")
    assert (state(summary, FLOW), state(summary, "commissioning")) == ("remembered", "nothing_sent")
    assert counts(summary, FLOW) == {}, "the new terms went without a row"
    verifier = load_verifier("log", night.site.keys.public)
    assert verify(night.site.var / "log", verifier).leaves["expiry"] == 1

    marks.write_bytes(good)
    assert flow_of(night.night(), "commissioning")["retention"]["certificates"] == [1]
    found = {flow.flow: flow.total("due") for flow in retain_council_side(night.site, dry_run=True)}
    assert found[FLOW] == 0
