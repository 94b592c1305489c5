"""What becomes of a batch whose answer is late, missing, false, another's, or a refusal (promise 5, I12)."""

import json
import os
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import commands
from common import clock
from demo.sample import Sample
from sync.council import load_council_side
from sync.outbox import Outbox
from sync.run import Wish, run_sync
from sync.summary import Summary
from tests.clients import quiet_client
from tests.end_to_end.test_choices import Choice, record
from tests.end_to_end.test_time_and_stops import policy_until
from tests.killed_nights import canonical_rows, log_of, what_is_left
from tests.lakes import read_lake, read_warehouse
from tests.nights import NightSite
from tests.released import Council, landed
from tests.reliability.places import in_turn
from tests.small_sample import a_day_later

FLOW = "early_help"
ACTIVE = "    agreement: dsa-1\n    status: active"


def receipt_of(night: NightSite, flow: str = FLOW, number: int = 1) -> Path:
    return night.site.landing / "receipts" / flow / f"{number:08d}.json"


def remembered(night: NightSite) -> bool:
    return (night.site.var / "state" / "memory" / f"{FLOW}.parquet").exists()


def earlier(summary: Summary) -> dict[str, Any]:
    return {flow.flow: flow for flow in summary.earlier}


def test_a_council_elsewhere_answers_in_its_own_time(waiting: NightSite) -> None:
    """Until the council side loads, runs wait and send nothing new; then the next run collects the receipts,
    logs them, remembers, and goes on; and the first run's statement tells of them from then on.
    """
    idle = waiting.night()
    assert {flow: one.state for flow, one in earlier(idle).items()} == dict.fromkeys(
        (FLOW, "commissioning"), "delivered"
    )
    assert idle.flows == []
    assert not remembered(waiting)
    assert answers_stated(waiting) == {"none yet"}
    assert {receipt.outcome for receipt in load_council_side(waiting.site)} == {"loaded"}
    waiting.drop(a_day_later())
    night = waiting.night()
    assert {one.state for one in earlier(night).values()} == {"remembered"}
    assert [(flow.state, flow.sequence) for flow in night.flows] == [("delivered", 2), ("delivered", 2)]
    assert remembered(waiting)
    assert log_of(waiting.folder).leaves["receipt"] == 2
    assert answers_stated(waiting) == {"receipt"}


def answers_stated(night: NightSite) -> set[str]:
    """Return which answers the statement of the first run tells of, as it lies there."""
    said = json.loads(min((night.site.var / "statements").glob("*.json")).read_bytes())
    return {flow["answer"] for flow in said["figures"]["flows"]}


def test_a_receipt_that_does_not_come_is_overdue(waiting: NightSite) -> None:
    """Within the time the site allows a run waits; after it the run ends with 50 and forgets nothing. It lays
    the same bytes down once more: the landing zone may have lost them.
    """
    with clock.frozen(clock.now() + timedelta(hours=23)):
        assert waiting.night().exit_code in {0, 1}
    landed = waiting.folder / "var" / "landing" / FLOW
    before = {path.relative_to(landed): path.read_bytes() for path in landed.rglob("*") if path.is_file()}
    shutil.rmtree(landed)
    with clock.frozen(clock.now() + timedelta(hours=25)):
        late = waiting.night()
    assert {
        path.relative_to(landed): path.read_bytes() for path in landed.rglob("*") if path.is_file()
    } == before
    assert late.exit_code == 50
    assert {error.code for error in late.errors} == {"E806"}
    load_council_side(waiting.site)
    assert {one.state for one in earlier(waiting.night()).values()} == {"remembered"}


def laid(night: NightSite, flow: str) -> dict[str, bytes]:
    """Return what lies in the landing zone for the flow."""
    return {path: content for path, content in landed(night).items() if path.startswith(f"{flow}/")}


def late(night: NightSite) -> dict[str, Any]:
    """Return what became of each delivered batch in a run after the time for its receipt, by flow."""
    night.sign()
    with clock.frozen(clock.now() + timedelta(hours=25)):
        run = run_sync(night.site, Wish())
    assert run.exit_code in {11, 50}
    assert {one.error.code for one in earlier(run).values()} == {"E806"}
    return {flow: str(one.error) for flow, one in earlier(run).items()}


@pytest.mark.parametrize("how", in_turn("ended", "lapsed"))
def test_rows_that_were_delivered_are_not_laid_down_again_once_they_may_not_leave(
    request: pytest.FixtureRequest, how: str
) -> None:
    """The flow was ended, or the day passed that governs it, and its batch lost: what bars it is told beside
    E806. Of the other, active flow the same bytes are laid down; and of this one as soon as it may leave.
    """
    waiting: NightSite = request.getfixturevalue("waiting" if how == "ended" else "waiting_for_all")
    before = {flow: laid(waiting, flow) for flow in (FLOW, "commissioning")}
    assert all(before.values())
    active = waiting.site.dpia.read_bytes()
    for flow in before:
        shutil.rmtree(waiting.site.landing / flow)
    if how == "ended":
        waiting.edit_dpia(ACTIVE, ACTIVE.replace("active", "ended"))
    else:
        policy_until(waiting, -1)
    told = late(waiting)
    assert laid(waiting, FLOW) == {}
    assert laid(waiting, "commissioning") == before["commissioning"]
    assert ("E703" if how == "ended" else "E702") in told[FLOW]
    assert "not laid down again" not in told["commissioning"]
    if how == "lapsed":
        waiting.site.dpia.write_bytes(active)
        late(waiting)
        assert laid(waiting, FLOW) == before[FLOW]


def test_whoever_chose_since_a_batch_was_sealed_is_taken_back_by_the_next(
    waiting: NightSite, sample: Sample
) -> None:
    """A sealed batch is never cut: its number must arrive before the flow can take anything back. Lost, it is
    laid down as it was; the run that finds its receipt withdraws whoever has objected meanwhile.
    """
    person = quiet_client(sample)
    before = laid(waiting, FLOW)
    record(waiting, Choice.OBJECTION, person)
    shutil.rmtree(waiting.site.landing / FLOW)
    late(waiting)
    assert laid(waiting, FLOW) == before
    load_council_side(waiting.site)
    assert Council(waiting).row(FLOW, "person", "hub", person) is not None
    night = waiting.night()
    assert earlier(night)[FLOW].state == "remembered"
    load_council_side(waiting.site)
    assert Council(waiting).row(FLOW, "person", "hub", person) is None
    assert Council(waiting).tombstone(FLOW, "person", "hub", person)


def test_a_false_receipt_moves_no_memory(waiting: NightSite) -> None:
    """A receipt that was changed, that is none, or that answers another batch: nothing is remembered on its
    word; with the true one back in place the run goes on.
    """
    load_council_side(waiting.site)
    path = receipt_of(waiting)
    true = path.read_bytes()
    false = {
        "changed": true.replace(b'"upserted":', b'"upserted":1', 1),
        "not_ours": b"<html>sign in</html>",
        "of_another_flow": receipt_of(waiting, "commissioning").read_bytes(),
    }
    for how, content in false.items():
        assert content != true
        path.write_bytes(content)
        night = waiting.night()
        assert not remembered(waiting), how
        told = earlier(night)[FLOW]
        assert told.state != "remembered", how
        assert (told.error is None) == (how == "of_another_flow")
        assert how == "of_another_flow" or night.exit_code >= 40
    path.write_bytes(true)
    assert earlier(waiting.night())[FLOW].state == "remembered"
    assert remembered(waiting)


def test_a_refused_batch_keeps_its_number_and_the_chain_goes_on(waiting: NightSite) -> None:
    """A batch changed on its way is refused: the run ends with 51, nothing of it is loaded or remembered. The
    next run seals the same records anew under the next number, and the council side takes that.
    """
    body = next((waiting.site.landing / FLOW).glob("*/person-*.age"))
    body.write_bytes(body.read_bytes()[:-1] + b"\0")
    answers = {receipt.flow: receipt for receipt in load_council_side(waiting.site)}
    assert answers[FLOW].outcome == "refused"
    refused = waiting.night()
    assert refused.exit_code == 51
    assert earlier(refused)[FLOW].state == "refused"
    assert not remembered(waiting)
    assert Outbox(waiting.site.var / "state", FLOW).chain().sequence == 1
    again = next(flow for flow in waiting.first_night().flows if flow.flow == FLOW)
    assert (again.state, again.sequence) == ("delivered", 2)
    load_council_side(waiting.site)
    assert earlier(waiting.night())[FLOW].state == "remembered"
    log = log_of(waiting.folder)
    assert (log.leaves["refusal"], log.last_sequences[FLOW]) == (1, 2)
    assert waiting.query("select sequence from viaduct_refusals") == [(1,)]
    assert [number for number, _ in what_is_left(waiting.folder).sent[FLOW]] == [1, 2]
    assert canonical_rows(waiting.folder)['early_help."person"']


@pytest.mark.parametrize("how", ["a link", "a giant"])
def test_a_manifest_that_cannot_be_read_is_named_by_load_and_ends_it_with_51(
    waiting: NightSite, how: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is no plain file, or larger than any of ours: no answer, nothing of it loaded."""
    (manifest,) = (waiting.site.landing / FLOW).glob("*/manifest.json")
    if how == "a link":
        manifest.rename(manifest.with_name("elsewhere"))
        manifest.symlink_to("elsewhere")
    else:
        os.truncate(manifest, 1 << 36)
    assert commands.main(["load", "--site", str(waiting.folder)]) == 51
    said = capsys.readouterr().err
    assert f"Not read: batch {FLOW}/{manifest.parent.name}." in said
    assert not receipt_of(waiting).exists()
    assert receipt_of(waiting, "commissioning").exists()


def test_a_refused_lake_ends_the_run_with_50_and_the_next_run_heals_it(waiting: NightSite) -> None:
    """The council side on this machine loads and cannot show it: no receipt, nothing remembered, exit 50.

    Nothing of it is lost: once the folder is there the next run shows the lake, and only then remembers.
    """
    settings = waiting.folder / "site.yaml"
    text = settings.read_text(encoding="utf-8").replace("council_side: elsewhere", "council_side: embedded")
    settings.write_text(f"{text}\nlake:\n  format: parquet\n  folder: lake\n", encoding="utf-8")
    lake = waiting.folder / "lake"
    lake.write_text("a file stands where the folder should be")
    refused = waiting.night()
    assert refused.exit_code == 50
    assert {error.code for error in refused.errors} == {"E519"}
    assert not receipt_of(waiting).exists()
    assert not remembered(waiting)
    lake.unlink()
    healed = waiting.night()
    assert {one.state for one in earlier(healed).values()} == {"remembered"}
    assert healed.exit_code in {0, 1}
    assert read_lake(lake) == read_warehouse(waiting.site.warehouse)
    assert read_lake(lake)[f"{FLOW}.person"]
