"""A delivered batch that is lost for good is given up by a person, and settled by the council's answer."""

import io
import json
import shutil
import sys
from contextlib import redirect_stdout
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import commands
from audit import standalone
from audit.log import DisclosureLog
from common import clock
from sync.council import load_council_side
from sync.governance.access import access
from sync.outbox import Batch
from sync.summary import Summary
from tests.asked_of_the_log import json_of
from tests.end_to_end.test_receipts import ACTIVE, FLOW
from tests.erasing import Killed, killed
from tests.killed_nights import canonical_rows, log_of, outbox
from tests.nights import NightSite
from tests.reliability.places import takes_turns
from tests.small_sample import a_day_later

OTHER = "commissioning"
HOW = ("--reason", "landing_lost", "--approved-by", "dpo")


def typed(night: NightSite, *words: str) -> tuple[int, str]:
    """Return how the verb ended, typed once the receipt is late, and what it printed."""
    with redirect_stdout(io.StringIO()) as out, clock.frozen(clock.now() + timedelta(hours=25)):
        code = commands._named(["batches", *words, "--site", str(night.folder)])
    return code, out.getvalue()


def waits(night: NightSite) -> dict[str, str]:
    """Return the batches that wait, by flow."""
    found = json.loads(typed(night, "list", "--json")[1])
    return {one["batch"].partition("/")[0]: one["batch"] for one in found}


def give_up(night: NightSite, flow: str = FLOW, *words: str) -> dict[str, Any]:
    """Give up the batch of the flow that waits, and return what was said."""
    code, said = typed(night, "give-up", waits(night)[flow], *HOW, "--json", *words)
    assert code == 0
    return dict(json.loads(said))


def council(night: NightSite, where: str) -> None:
    """Let the council side work here, or elsewhere and in its own time."""
    path = night.folder / "site.yaml"
    said = {"embedded": "council_side: embedded", "elsewhere": "council_side: elsewhere"}
    text = path.read_text(encoding="utf-8")
    for one in said.values():
        text = text.replace(one, said[where])
    path.write_text(text, encoding="utf-8")


def came_to(run: Summary) -> dict[str, tuple[str, str | None]]:
    """Return the state and the error of what an earlier run had sealed, by flow."""
    return {one.flow: (one.state, one.error and one.error.code) for one in run.earlier}


def leaves(night: NightSite) -> list[dict[str, Any]]:
    """Return the leaves of the flow's batches, of a log that verifies, with and without Viaduct."""
    log_of(night.folder)
    assert alone(night)[0] == 0
    lines = (night.site.var / "log/leaves.jsonl").read_text(encoding="utf-8").splitlines()
    return [leaf for leaf in map(json.loads, lines) if leaf.get("flow") == FLOW and "seq" in leaf]


def alone(night: NightSite, *statements: Path) -> tuple[int | str, str]:
    """Return how the auditors' verifier ends on log, landing zone and statements, and what it says."""
    site = night.site
    words = [str(site.var / "log"), "--keys", str(site.keys.public), "--landing", str(site.landing)]
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(io.StringIO()) as out:
        patch.setattr(sys, "argv", ["standalone.py", *words, "--document", *map(str, statements)])
        return standalone.main(), out.getvalue()


@takes_turns(0, of=3)
def test_the_lost_batch_of_an_ended_flow_is_settled_and_its_rows_stay_unshared(waiting: NightSite) -> None:
    """Seen first, then done; only the manifest is laid down; the council side refuses it, the run is good.
    The other flow is remembered in that same run.
    """
    batch = waits(waiting)[FLOW]
    shutil.rmtree(waiting.site.landing / FLOW)
    waiting.edit_dpia(ACTIVE, ACTIVE.replace("active", "ended"))
    before = (waiting.site.var / "log/leaves.jsonl").read_bytes()
    seen = give_up(waiting)
    assert (seen["batch"], seen["late"], seen["done"]) == (batch, True, False)
    assert (waiting.site.var / "log/leaves.jsonl").read_bytes() == before
    give_up(waiting, FLOW, "--yes")
    council(waiting, "embedded")
    run = waiting.night()
    assert came_to(run) == {FLOW: ("refused", None), OTHER: ("remembered", None)}
    assert run.exit_code in {0, 1}
    assert {path.name for path in (waiting.site.landing / batch).iterdir()} == {
        "manifest.json",
        "manifest.json.sig",
    }
    assert outbox(waiting.folder) == []
    assert {table for table in canonical_rows(waiting.folder) if table.startswith(FLOW)} == set()
    assert [(leaf["kind"], leaf.get("reason")) for leaf in leaves(waiting)] == [
        ("batch", None), ("given_up", "landing_lost"), ("refusal", "file_missing"),
    ]  # fmt: skip


@takes_turns(1, of=3)
def test_what_a_lost_batch_brought_and_took_back_is_sent_again(waiting: NightSite, tmp_path: Path) -> None:
    """Its rows and its withdrawals leave again in the same run under the next number; the tables end as if
    the lost batch had come. When it comes to light after all, it is never loaded, and nothing stands twice.
    """
    load_council_side(waiting.site)
    waiting.drop(a_day_later())
    assert {(flow.state, flow.sequence) for flow in waiting.night().flows} == {("delivered", 2)}
    undisturbed = NightSite(tmp_path / "undisturbed")
    shutil.copytree(waiting.folder, undisturbed.folder)
    load_council_side(undisturbed.site)
    assert canonical_rows(undisturbed.folder)[f'{FLOW}."withdrawn_records"']
    lost = waiting.site.landing / waits(waiting)[FLOW]
    lost.rename(tmp_path / "lost")
    give_up(waiting, FLOW, "--yes")
    council(waiting, "embedded")
    run = waiting.night(accept_drop=True, accept_growth=True)
    assert came_to(run) == {FLOW: ("refused", None), OTHER: ("remembered", None)}
    (again,) = [flow for flow in run.flows if flow.flow == FLOW]
    assert (again.state, again.sequence) == ("remembered", 3)
    assert canonical_rows(waiting.folder) == canonical_rows(undisturbed.folder)
    shutil.rmtree(lost)
    (tmp_path / "lost").rename(lost)
    assert load_council_side(waiting.site) == []
    assert canonical_rows(waiting.folder) == canonical_rows(undisturbed.folder)
    told = [(leaf["kind"], leaf["seq"]) for leaf in leaves(waiting)]
    assert told[2:] == [("batch", 2), ("given_up", 2), ("refusal", 2), ("batch", 3), ("receipt", 3)]


@takes_turns(2, of=3)
def test_a_batch_whose_receipt_was_merely_late_is_remembered_though_it_was_given_up(
    waiting: NightSite,
) -> None:
    """The council side had loaded it, and both batch and receipt were lost: asked again it leaves the same
    receipt, and nothing is sent twice.
    """
    load_council_side(waiting.site)
    rows = canonical_rows(waiting.folder)
    shutil.rmtree(waiting.site.landing / FLOW)
    shutil.rmtree(waiting.site.landing / "receipts" / FLOW)
    give_up(waiting, FLOW, "--yes")
    council(waiting, "embedded")
    run = waiting.night()
    assert came_to(run) == dict.fromkeys((FLOW, OTHER), ("remembered", None))
    assert {flow.state for flow in run.flows} == {"nothing_sent"}
    assert canonical_rows(waiting.folder) == rows
    assert [leaf["kind"] for leaf in leaves(waiting)] == ["batch", "given_up", "receipt"]


@pytest.mark.parametrize("step", [(DisclosureLog, "append_once"), (Batch, "mark")], ids=lambda step: step[1])
def test_killed_at_any_step_a_batch_is_given_up_once(
    waiting: NightSite, step: tuple[Any, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same command again ends it: one leaf, however often it is asked."""
    with monkeypatch.context() as patch:
        patch.setattr(*step, killed)
        with pytest.raises(Killed):
            give_up(waiting, FLOW, "--yes")
    for _ in range(2):
        give_up(waiting, FLOW, "--yes")
    assert [leaf["kind"] for leaf in leaves(waiting)] == ["batch", "given_up"]


def test_a_batch_neither_there_nor_answered_is_not_published_yet(waiting: NightSite) -> None:
    """What is not in the landing zone and not answered is told as not published yet, by both verifiers; of a
    batch given up that no leaf logged, the line is named.
    """
    shutil.rmtree(waiting.site.landing / FLOW)
    code, said = alone(waiting)
    assert (code, "1 batches and receipts" in said, "not published yet: 1" in said) == (0, True, True)
    assert json.loads(json_of(waiting, "verify"))["agreed"]["waiting"] == 1
    give_up(waiting, FLOW, "--yes")
    (told,) = access(waiting.site, [])["given_up"]
    assert (told["flow"], told["batch"], told["reason"], told["approver"]) == (FLOW, 1, *HOW[1::2])
    lost = {
        one["flow"]: one["given_up"] and (one["given_up"]["reason"], one["given_up"]["approver"])
        for one in json.loads(json_of(waiting, "incident", "--since", "2000-01-01"))["batches"]
    }
    assert lost == {FLOW: HOW[1::2], OTHER: None}
    held = [
        leaf | {"manifest_sha256": "0" * 64} if leaf["kind"] == "given_up" else leaf
        for leaf in leaves(waiting)
    ]
    with pytest.raises(RuntimeError, match=r"line 2: of a batch that was not logged"):
        standalone.check_batches(waiting.site.var / "log", held)


def test_what_is_not_late_is_not_given_up(waiting: NightSite) -> None:
    """Nor what is no batch: the wrong word ends with 2 and leaves the log as it is."""
    batch = waits(waiting)[FLOW]
    before = (waiting.site.var / "log/leaves.jsonl").read_bytes()
    said = ["batches", "give-up", batch, *HOW, "--yes", "--site", str(waiting.folder)]
    assert commands.main(said) == 2
    assert typed_main(waiting, f"{batch}0") == 2
    assert (waiting.site.var / "log/leaves.jsonl").read_bytes() == before


def typed_main(night: NightSite, batch: str) -> int:
    """Return how the verb ended of a batch of this name, typed once receipts are late."""
    with clock.frozen(clock.now() + timedelta(hours=25)):
        return commands.main(["batches", "give-up", batch, *HOW, "--yes", "--site", str(night.folder)])
