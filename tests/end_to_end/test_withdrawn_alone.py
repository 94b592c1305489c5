"""A choice withdraws in the next run, whatever stops the flow: nothing new leaves, and nothing else goes."""

import json
import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from commands.pages import build_pages
from common import clock
from demo.sample import Sample
from sealing import rotation
from sync.memory import Memory
from sync.outbox import Outbox
from sync.place import look
from sync.registering import people_of
from sync.run import Wish, run_sync
from sync.summary import FlowSummary, Summary
from tests.clients import quiet_client
from tests.day_clock import going_on_from, morning
from tests.end_to_end.test_choices import Choice, record
from tests.end_to_end.test_time_and_stops import leaves, policy_until
from tests.nights import NightSite
from tests.released import Council, landed, opened, warehouse_rows
from tests.reliability.places import in_turn
from tests.small_sample import a_day_later

FLOW = "early_help"


@pytest.fixture(autouse=True)
def tomorrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each test begin tomorrow at six, by a clock that goes on: all its nights are of one day."""
    monkeypatch.setattr(clock, "now", going_on_from(morning(clock.now() + timedelta(days=1))))


@pytest.fixture
def held(night: NightSite, sample: Sample, request: pytest.FixtureRequest) -> tuple[NightSite, str]:
    """Return a site whose next night of early help is held up, and who has objected since the last one."""
    person = quiet_client(sample)
    hold(night, request.param)
    record(night, Choice.OBJECTION, person)
    return night, person


def hold(night: NightSite, how: str) -> None:
    """Let every contact be renamed at once, or a day have passed that governs early help."""
    night.drop(a_day_later())
    if how == "brake":
        tables = a_day_later().sources["hub"]
        renamed = [{**row, "Contact ID": f"HC7{row['Contact ID'][3:]}"} for row in tables["contacts"]]
        hub = {**tables, "contacts": renamed}
        night.drop(replace(a_day_later(), sources={**a_day_later().sources, "hub": hub}))
    else:
        policy_until(night, -1)


def let_go(night: NightSite, how: str) -> Summary:
    """Return what the night did on which a person let it through, or put it right."""
    if how == "day":
        policy_until(night, 90)
    return night.night(accept_drop=how == "brake")


def flow_of(summary: Summary, flow: str = FLOW) -> FlowSummary:
    return next(one for one in summary.flows if one.flow == flow)


def memory_of(night: NightSite, flow: str = FLOW) -> pl.DataFrame:
    """Return what is remembered, in an order of its own."""
    return Memory(night.site.var / "state" / "memory" / f"{flow}.parquet").everything().sort("key")


def rows_of(night: NightSite, flow: str = FLOW) -> dict[str, set[tuple[Any, ...]]]:
    """Return the flow's rows in the warehouse, tombstones and provenance left aside."""
    found = warehouse_rows(night).items()
    return {name: rows for name, rows in found if name.startswith(flow) and "withdrawn" not in name}


def chain_of(night: NightSite, flow: str = FLOW) -> dict[str, Any]:
    path = night.site.var / "state" / "chain" / f"{flow}.json"
    said: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return said


def keys_of(night: NightSite, person: str, flow: str = FLOW) -> set[bytes]:
    """Return the keys of all that the memory has of a client of the hub."""
    with look(night.site) as place:
        who = people_of(place, "hub", [person])[0]
    return set(memory_of(night, flow).filter(pl.col("person") == who)["key"])


@pytest.mark.parametrize("held", in_turn("brake", "day"), indirect=True)
def test_a_flow_that_is_held_withdraws_whom_a_choice_stops_and_nothing_else(
    held: tuple[NightSite, str], request: pytest.FixtureRequest
) -> None:
    """Keys alone leave, in the flow's next batch; what else was sent and remembered stays to the last byte.

    The run ends as the stop says, and says both. Let through, the flow goes on as if it had never been held:
    each batch once, nothing of the person, and a night later nothing is left to do.
    """
    night, person = held
    how = request.node.callspec.params["held"]
    gone, memory, rows = keys_of(night, person), memory_of(night), rows_of(night)
    chain, before = chain_of(night), landed(night)
    assert len(gone) > 3
    if how == "brake":
        would_leave(night, len(gone))
    stopped = night.night()
    flow = flow_of(stopped)
    assert flow.error is not None
    code = {"brake": "E802", "day": "E702"}[how]
    assert (stopped.exit_code, flow.error.code) == (11 if how == "day" else 23, code)
    assert (flow.state, flow.withdrawn_alone, flow.batch_error) == ("remembered", len(gone), None)
    assert memory_of(night).equals(memory.filter(~pl.col("key").is_in(gone)))
    after = rows_of(night)
    assert {name: found - rows[name] for name, found in after.items()} == {name: set() for name in rows}
    assert sum(len(found) - len(after[name]) for name, found in rows.items()) == len(gone)
    assert Council(night).tombstone(FLOW, "person", "hub", person)
    new = {path: table for path, table in opened(night).items() if path not in before and FLOW in path}
    assert all(table.width == 1 for table in new.values())
    assert {key for table in new.values() for key in table.to_series()} == gone
    assert (chain_of(night)["sequence"], chain_of(night)["sent_on"]) == (2, chain["sent_on"])
    said_by(stopped, night, code)
    released = flow_of(let_go(night, how))
    assert (released.error, released.state, released.sequence) == (None, "remembered", 3)
    assert sum(counts["released"] for counts in released.entities.values()) > 0
    assert not gone & set(memory_of(night)["key"])
    assert Council(night).row(FLOW, "person", "hub", person) is None
    if how == "brake":
        quiet = night.night()
        assert {flow.state for flow in quiet.flows} == {"nothing_sent"}, quiet.to_json()["errors"]


def said_by(stopped: Summary, night: NightSite, code: str) -> None:
    """See that summary, error, log and pages say both: that nothing new left, and what was withdrawn."""
    told = next(flow for flow in stopped.to_json()["flows"] if flow["flow"] == FLOW)
    counts = told["entities"].values()
    assert sum(one["withdrawn"] for one in counts) == told["withdrawn_alone"]
    assert sum(one["released"] + one["corrected"] for one in counts) == 0
    assert sum(one["reasons"].get(f"stopped:{code}", 0) for one in counts) > 0
    reasons = {name for one in counts for name in one["withdrawn_reasons"]}
    assert reasons == {"choice:art21_objection"}
    line = f"Nothing new of flow {FLOW} left; {told['withdrawn_alone']} rows were withdrawn, because of"
    assert told["error"][2].strip().startswith(line)
    own = [leaf for leaf in leaves(night, "stopped") if leaf["flow"] == FLOW]
    assert [(leaf["code"], leaf["after_seq"], leaf["run"]) for leaf in own] == [(code, 1, stopped.run_id)]
    (batch,) = [leaf for leaf in leaves(night, "batch") if (leaf["flow"], leaf["seq"]) == (FLOW, 2)]
    assert {file["operation"] for file in batch["files"]} == {"withdraw"}
    assert "choice:" not in json.dumps(batch)
    build_pages(night.site)
    for page in ("operator/index.html", f"governance/{stopped.run_id}.html"):
        text = (night.site.var / "reports" / page).read_text(encoding="utf-8")
        assert " ".join(line.split()) in " ".join(text.split()), page
    assert "Only what people’s choices take back left" in text


def would_leave(night: NightSite, rows: int) -> None:
    """See that a dry run says what would be withdrawn, and that nothing was laid down or remembered by it."""
    before, number = landed(night), chain_of(night)
    flow = flow_of(night.night(dry_run=True))
    assert flow.error is not None
    assert (flow.state, flow.batch_id) == ("dry_run", None)
    assert f"would leave; {rows} rows would be withdrawn because of people's choices" in flow.error.sent
    assert (landed(night), chain_of(night)) == (before, number)
    assert list((night.site.var / "state" / "outbox" / FLOW).iterdir()) == []


def test_where_every_flow_has_come_to_its_end_no_source_is_asked_and_choices_still_withdraw(
    night: NightSite, sample: Sample
) -> None:
    """The only agreement has ended: exit 11 for each flow, no export is read, whoever objects goes."""
    person = quiet_client(sample)
    yesterday = clock.today() - timedelta(days=1)
    text = night.site.dpia.read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if line.startswith("    endDate: "))
    night.edit_dpia(line, f"    endDate: {yesterday}")
    record(night, Choice.OBJECTION, person)
    gone = {flow: keys_of(night, person, flow) for flow in (FLOW, "commissioning")}
    stopped = night.night()
    assert (stopped.exit_code, stopped.error, stopped.sources) == (11, None, [])
    assert {flow.flow: flow.withdrawn_alone for flow in stopped.flows} == {
        flow: len(keys) for flow, keys in gone.items()
    }
    assert {flow.error.code for flow in stopped.flows if flow.error} == {"E702"}
    for flow, keys in gone.items():
        assert keys
        assert not keys & set(memory_of(night, flow)["key"])
        assert Council(night).row(flow, "person", "hub", person) is None


def test_a_key_that_is_to_change_waits_and_choices_withdraw_under_the_key_of_before(
    night: NightSite, sample: Sample
) -> None:
    """Two things meet: a new pseudonym key, and a day too soon. The old key's rows of the person go; the
    others stay under the old key until the flow may send, and then all change, but for the person.
    """
    person, flow = quiet_client(sample), "commissioning"
    rotation.rotate(f"pseudonym-{flow}", night.site.keys.private)
    said = "schedule: {frequency: "
    text = night.site.dpia.read_text(encoding="utf-8")
    other, mark, block = text.rpartition(f"- id: {flow}\n")
    line = next(line for line in block.splitlines() if said in line)
    block = block.replace(line, line.split(said)[0] + "schedule: {frequency: P30D}", 1)
    night.site.dpia.write_text(other + mark + block, encoding="utf-8")
    record(night, Choice.OBJECTION, person)
    gone, memory = keys_of(night, person, flow), memory_of(night, flow)
    sent_on = chain_of(night, flow)["sent_on"]
    night.sign()
    with clock.frozen(clock.now() + timedelta(days=2)):
        stopped = flow_of(run_sync(night.site, Wish()), flow)
        assert stopped.error is not None
        assert (stopped.error.code, stopped.withdrawn_alone, stopped.rekeyed) == ("E832", len(gone), {})
        assert memory_of(night, flow).equals(memory.filter(~pl.col("key").is_in(gone)))
        chain = chain_of(night, flow)
        assert (chain["pseudonym_version"], chain["sent_on"]) == (1, sent_on)
        changed = flow_of(run_sync(night.site, Wish(accept_volume="A. Example")), flow)
    assert (changed.error, changed.rekeyed["rows"]) == (None, memory.height - len(gone))
    assert memory_of(night, flow).height == memory.height - len(gone)
    assert not set(memory["key"]) & set(memory_of(night, flow)["key"])


class Album:
    """A watcher that keeps the site as it stands at each of these steps, the first time it is reached."""

    def __init__(self, site: Path, to: Path, steps: tuple[str, ...]) -> None:
        self.site, self.to, self.steps = site, to, steps

    def __call__(self, step: str, _done: int, _of: int) -> None:
        if step in self.steps and not (self.to / step).exists():
            shutil.copytree(self.site, self.to / step)


@pytest.mark.parametrize("held", ["day"], indirect=True)
def test_killed_while_it_withdraws_the_next_run_finishes_the_same_bytes(
    held: tuple[NightSite, str], tmp_path: Path
) -> None:
    """Sealed, or received, and then gone: although the flow's day is still over, that batch is finished once,
    and never a second one made of the same rows.
    """
    night, _ = held
    night.sign()
    album = Album(night.folder, tmp_path / "album", ("sealed", "memory_moved"))
    assert flow_of(run_sync(night.site, Wish(), album)).state == "remembered"
    left = (rows_of(night), memory_of(night), chain_of(night)["manifest_sha256"])
    for step in album.steps:
        killed = NightSite(album.to / step)
        (waiting,) = Outbox(killed.site.var / "state", FLOW).waiting()
        finished = run_sync(killed.site, Wish())
        assert [(one.batch_id, one.error, one.state) for one in finished.earlier] == [
            (waiting.id, None, "remembered")
        ], step
        assert (flow_of(finished).withdrawn_alone, flow_of(finished).state) == (0, "nothing_sent")
        memory = memory_of(killed)
        assert (rows_of(killed), chain_of(killed)["manifest_sha256"]) == (left[0], left[2]), step
        assert memory.equals(left[1]), step
