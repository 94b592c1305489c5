"""A flow that is paused, ended or gone: whom a choice or an erasure stops goes, and nothing else leaves."""

import json
import shutil
from pathlib import Path

import polars as pl
import pytest

from audit.kept import assessment_file, signatures_of
from commands.pages import build_pages
from demo.sample import Sample
from sharing.errors import ErasureMustWait
from sync.errors import RecipientOutOfReach
from sync.forgetting import Approver, Reason, forget, look_up
from sync.handing_over import HandingOver
from sync.outbox import Outbox
from sync.place import look, prepare
from sync.reach import last_word, reach
from sync.resting import GONE
from sync.run import Wish, run_sync
from sync.summary import Summary
from tests.clients import quiet_client
from tests.end_to_end.test_choices import Choice, record
from tests.end_to_end.test_time_and_stops import leaves
from tests.end_to_end.test_withdrawn_alone import (
    FLOW,
    Album,
    chain_of,
    flow_of,
    keys_of,
    memory_of,
    rows_of,
)
from tests.nights import NightSite
from tests.released import Council, landed, opened
from tests.small_sample import a_day_later

ACTIVE = "    agreement: dsa-1\n    status: active"


@pytest.fixture(scope="session")
def settled(hub_settled: NightSite) -> NightSite:
    """Return the hub's own site: nothing here is about several sources."""
    return hub_settled


def rest(night: NightSite, status: str, flows: int = 1) -> None:
    """Let early help, or both flows, be paused, ended, or gone from the assessment, and everybody sign."""
    if status == "gone":
        take_out(night)
    else:
        night.edit_dpia(ACTIVE, ACTIVE.replace("active", status), flows)
    night.sign()


def take_out(night: NightSite) -> None:
    """Take early help out of the assessment, and whatever speaks of it alone."""
    text = night.site.dpia.read_text(encoding="utf-8")
    before, mark, rest = text.partition("  - id: early_help\n")
    _, other, after = rest.partition("  - id: commissioning\n")
    assert mark
    assert other
    lines = (before + other + after).splitlines(keepends=True)
    left = [line for line in lines if "pseudonym-early_help" not in line and "early_help@smbc" not in line]
    for old, new in (("[early_help, commissioning]", "[commissioning]"), ("[early_help]", "[commissioning]")):
        left = [line.replace(old, new) for line in left]
    night.site.dpia.write_text("".join(left), encoding="utf-8")


SOAK = pytest.mark.soak


@pytest.mark.parametrize(
    "status", ["paused", pytest.param("ended", marks=SOAK), pytest.param("gone", marks=SOAK)]
)
def test_a_choice_withdraws_in_the_next_run_though_the_flow_rests(
    night: NightSite, sample: Sample, status: str
) -> None:
    """Keys alone leave, in the flow's next batch, with a receipt; the run ends as if nothing had been due.

    What else is there stays to the last byte. The other flow goes its way, or rests as well, and takes back.
    """
    person, council = quiet_client(sample), Council(night)
    rest(night, status, flows=2 if status == "paused" else 1)
    night.drop(a_day_later())
    record(night, Choice.OBJECTION, person)
    gone, memory, rows, before = keys_of(night, person), memory_of(night), rows_of(night), landed(night)
    assert len(gone) > 3
    if status == "paused":
        would_leave(night, len(gone))
    done = run_sync(night.site, Wish())
    flow = flow_of(done)
    assert done.exit_code in {0, 1}, done.to_json()["errors"]
    assert (flow.error, flow.batch_error) == (None, None)
    assert (flow.state, flow.withdrawn_alone, flow.sequence) == ("remembered", len(gone), 2)
    assert memory_of(night).equals(memory.filter(~pl.col("key").is_in(gone)))
    after = rows_of(night)
    assert {name: found - rows[name] for name, found in after.items()} == {name: set() for name in rows}
    assert sum(len(found) - len(after[name]) for name, found in rows.items()) == len(gone)
    assert council.tombstone(FLOW, "person", "hub", person)
    new = {path: table for path, table in opened(night).items() if path not in before and FLOW in path}
    assert all(table.width == 1 for table in new.values())
    assert {key for table in new.values() for key in table.to_series()} == gone
    assert flow_of(done, "commissioning").state == "remembered"
    (batch,) = [leaf for leaf in leaves(night, "batch") if (leaf["flow"], leaf["seq"]) == (FLOW, 2)]
    assert {file["operation"] for file in batch["files"]} == {"withdraw"}
    assert "choice:" not in json.dumps(batch)
    assert [leaf["seq"] for leaf in leaves(night, "receipt") if leaf["flow"] == FLOW] == [1, 2]
    asked = {"flow": FLOW, "status": flow.rests, "reached": True, "rows": len(gone)}
    assert asked in done.resting
    assert len(done.resting) == (2 if status == "paused" else 1)


def said_by(night: NightSite, done: Summary) -> None:
    """See that the page says it, and that the next night finds nothing to do, and no version rolled back."""
    build_pages(night.site)
    page = night.site.var / "reports" / "governance" / f"{done.run_id}.html"
    words = f"The flow is {GONE}. Only what people’s choices take back"
    assert words in page.read_text(encoding="utf-8")
    quiet = run_sync(night.site, Wish())
    assert [one.flow for one in quiet.flows] == ["commissioning"], quiet.to_json()["errors"]
    assert chain_of(night)["sequence"] == 2


def would_leave(night: NightSite, rows: int) -> None:
    """See that a dry run says what would be withdrawn, and that nothing was laid down or remembered by it."""
    before, number = landed(night), chain_of(night)
    flow = flow_of(run_sync(night.site, Wish(dry_run=True)))
    assert (flow.state, flow.withdrawn_alone, flow.batch_id, flow.error) == ("dry_run", rows, None, None)
    assert (landed(night), chain_of(night)) == (before, number)
    assert list((night.site.var / "state" / "outbox" / FLOW).iterdir()) == []


def test_somebody_is_forgotten_though_a_flow_that_told_of_them_is_gone(
    night: NightSite, sample: Sample
) -> None:
    """The version that last ran with it speaks for it: who was told is said, the rows go, the secret is gone.

    The batch names that version, and the run today's: what runs next must come from today's.
    """
    person, council = quiet_client(sample), Council(night)
    old = leaves(night, "run")[-1]["dpia"]
    rest(night, "gone")
    with prepare(night.site, dry_run=False) as place:
        found = look_up(place, "hub", person)
        assert FLOW in found.flows
        assert {one.flow for one in found.told} == {FLOW, "commissioning"}
        forget(place, found, Reason.OBJECTED, Approver.DPO)
    gone = keys_of(night, person)
    done = run_sync(night.site, Wish())
    assert (flow_of(done).state, flow_of(done).withdrawn_alone) == ("remembered", len(gone))
    assert not gone & set(memory_of(night)["key"])
    assert council.row(FLOW, "person", "hub", person) is None
    (batch,) = [leaf for leaf in leaves(night, "batch") if (leaf["flow"], leaf["seq"]) == (FLOW, 2)]
    assert batch["dpia"] == old
    with look(night.site) as place:
        assert place.log.last_assessment == place.dpia.sha256 != old["sha256"]
        assert not look_up(place, "hub", person).secret
        today = place.dpia
        place.dpia = today.model_copy(update={"flows": []})
        assert last_word(place, "commissioning").sha256 == today.sha256, "not what spoke for the other flow"
        assert last_word(place, FLOW).sha256 == old["sha256"]
    said_by(night, done)


@pytest.mark.parametrize("how", ["altered", "unsigned"])
def test_a_version_that_is_not_as_it_was_signed_speaks_for_no_flow(
    night: NightSite, sample: Sample, how: str
) -> None:
    """E835 where somebody chose, and exit 11; nothing leaves under it, the other flow goes its way, and the
    person is not forgotten (E765) while the flow's recipient has their rows.
    """
    person = quiet_client(sample)
    last = leaves(night, "run")[-1]["dpia"]["sha256"]
    log = night.site.var / "log"
    rest(night, "gone")
    if how == "altered":
        kept = assessment_file(log, last)
        kept.write_bytes(kept.read_bytes().replace(b"council-2026", b"council-2027", 1))
    else:
        shutil.rmtree(signatures_of(log, last))
    with look(night.site) as place:
        with pytest.raises(RecipientOutOfReach):
            reach(place, FLOW)
        with pytest.raises(ErasureMustWait, match="no run can tell it"):
            look_up(place, "hub", person)
        assert not look_up(place, "hub", "HP-nobody").known
    if how == "unsigned":
        return
    record(night, Choice.OBJECTION, person)
    rows = rows_of(night)
    done = run_sync(night.site, Wish())
    flow = flow_of(done)
    assert flow.error is not None
    assert (done.exit_code, flow.error.code, flow.batch_id) == (11, "E835", None)
    assert person not in str(flow.error)
    assert rows_of(night) == rows
    assert flow_of(done, "commissioning").state == "remembered"


def test_rows_that_were_sealed_before_the_pause_do_not_leave(
    night: NightSite, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A batch of rows waits, silently, until the flow is active again; nobody is forgotten meanwhile.

    Planted: a run that does not see that it rests. What is asked before anything leaves refuses it (E703).
    """
    night.drop(a_day_later())
    night.sign()
    album = Album(night.folder, tmp_path / "album", ("sealed",))
    run_sync(night.site, Wish(flows=(FLOW,)), album)
    killed = NightSite(album.to / "sealed")
    (waiting,) = Outbox(killed.site.var / "state", FLOW).waiting()
    assert not waiting.takes_back_alone
    rest(killed, "paused")
    before = landed(killed)
    with look(killed.site) as place, pytest.raises(ErasureMustWait, match="a sealed batch of it waits"):
        look_up(place, "hub", "HP-nobody")
    for planted in (False, True):
        if planted:
            monkeypatch.setattr(HandingOver, "rests", lambda *_: False)
        done = run_sync(killed.site, Wish())
        assert not {name for name in landed(killed) if FLOW in name} - set(before)
        assert done.exit_code == (30 if planted else 1), done.to_json()["errors"]
        assert [one.error.code for one in done.earlier if one.error] == (["E703"] if planted else [])


@SOAK
@pytest.mark.parametrize("step", ["sealed", "memory_moved"])
def test_killed_while_a_resting_flow_takes_back_the_next_run_finishes_the_same_bytes(
    night: NightSite, sample: Sample, tmp_path: Path, step: str
) -> None:
    """Sealed, or received, and then gone: that batch is finished once, and never a second one made."""
    rest(night, "gone")
    record(night, Choice.OBJECTION, quiet_client(sample))
    album = Album(night.folder, tmp_path / "album", (step,))
    assert flow_of(run_sync(night.site, Wish(flows=(FLOW,)), album)).state == "remembered"
    left = (rows_of(night), memory_of(night), chain_of(night)["manifest_sha256"])
    killed = NightSite(album.to / step)
    (waiting,) = Outbox(killed.site.var / "state", FLOW).waiting()
    finished = run_sync(killed.site, Wish(flows=(FLOW,)))
    assert [(one.batch_id, one.error, one.state) for one in finished.earlier] == [
        (waiting.id, None, "remembered")
    ]
    assert finished.flows == []
    assert (rows_of(killed), chain_of(killed)["manifest_sha256"]) == (left[0], left[2])
    assert memory_of(killed).equals(left[1])
