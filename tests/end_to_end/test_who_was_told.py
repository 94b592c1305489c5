"""Who was told of somebody: with an erasure alone, whole, and not lost whatever ends the verb."""

import errno
import io
import json
import os
import stat
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest

import commands
from audit.log import DisclosureLog
from audit.secrets import PersonSecrets
from audit.verify import verify
from commands import say
from commands.status import gather
from common.files import write_atomic
from demo.sample import Sample
from sealing import keys
from sync import forgetting
from sync.forgetting import Approver, Reason, look_up
from sync.place import look, prepare
from sync.who_was_told import NotGiven
from tests.clients import quiet_client
from tests.erasing import Killed, forget, killed, without_erasure
from tests.nights import NightSite
from tests.released import FLOWS

COUNTED = {"flow", "recipient", "batches", "last_day", "receipts"}


@pytest.fixture(scope="session")
def settled(hub_settled: NightSite) -> NightSite:
    """Return the hub's own site: nothing here is about several sources."""
    return hub_settled


def told_of(night: NightSite, person: str) -> list[dict[str, Any]]:
    """Return who was told of somebody who is not forgotten yet, as the log says it."""
    with look(night.site) as place:
        found = look_up(place, "hub", person)
    assert {one.flow for one in found.told} == set(FLOWS)
    return [vars(one) for one in found.told]


def left_to_give(night: NightSite) -> list[Path]:
    """Return what is kept of erasures whose history was not given."""
    return list((night.site.var / "state" / "told_before_erasure").glob("*"))


def test_who_only_looks_is_told_how_often_and_no_history(night: NightSite, sample: Sample) -> None:
    """Per flow and recipient a number, the last day and the receipts; no batch, no instant, in no form.

    What the batches were is told behind the release form alone, or with an erasure, and both are logged.
    """
    person = quiet_client(sample)
    told = told_of(night, person)
    for words in ((), ("--json",)):
        said = forget(night, person, *words)
        assert not any(one[what] in said for one in told for what in ("batch", "at"))
    counts = json.loads(said)
    assert counts["told"] is None
    assert all(set(one) == COUNTED for one in counts["recipients"])
    for one in counts["recipients"]:
        (batch,) = [other for other in told if other["flow"] == one["flow"]]
        assert (one["batches"], one["receipts"], one["last_day"]) == (1, 1, batch["at"][:10])
    with look(night.site) as place:
        assert place.logged("forgotten") == 0
        assert look_up(place, "hub", person).secret


def test_where_a_flow_goes_on_asking_again_is_no_way_round_the_release_form(
    night: NightSite, sample: Sample
) -> None:
    """The secret is kept, so the log could say it: the erasure says it once; then the form is asked for."""
    person = quiet_client(sample)
    told = told_of(night, person)
    with prepare(night.site, dry_run=False) as place:
        place.dpia = without_erasure(place.dpia, "uk:6-1-f")
        found = look_up(place, "hub", person)
        first = forgetting.forget(place, found, Reason.OBJECTED, Approver.DPO)
        assert first is not None
        assert ([vars(one) for one in first.told], list(first.kept_in)) == (told, ["commissioning"])
        first.given()
        again = look_up(place, "hub", person)
        assert (again.already, again.secret, again.not_given) == (True, True, None)
        assert forgetting.forget(place, again, Reason.OBJECTED, Approver.DPO) is None
    assert left_to_give(night) == []


KILLED_AT = [
    (forgetting, "record"),
    (DisclosureLog, "append_once"),
    (forgetting, "keep"),
    (PersonSecrets, "destroy"),
    (Path, "unlink"),
    (say, "as_json"),
    (NotGiven, "given"),
]


@pytest.mark.parametrize("step", KILLED_AT, ids=lambda step: step[1])
def test_killed_at_any_step_forgetting_is_finished_once(
    night: NightSite, sample: Sample, step: tuple[Any, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """From before the register until all but a note is done: one row, one leaf, no secret; and who was told
    is given whole on the next asking, however far it came, and then no more.
    """
    person = quiet_client(sample)
    told = told_of(night, person)
    with monkeypatch.context() as patch:
        patch.setattr(*step, killed)
        with pytest.raises(Killed):
            forget(night, person, "--yes", "--json")
    with prepare(night.site, dry_run=False) as place:
        forgetting.finish_forgetting(place)
        assert forgetting.finish_forgetting(place) is None
        found = look_up(place, "hub", person)
        assert (found.already, found.secret) == (True, False)
        assert place.logged("forgotten") == 1
    assert json.loads(forget(night, person, "--json"))["told"] is None
    assert json.loads(forget(night, person, "--yes", "--json"))["told"] == told
    assert json.loads(forget(night, person, "--yes", "--json"))["told"] is None
    assert left_to_give(night) == []
    assert (night.site.registers / "forgotten.csv").read_text(encoding="ascii").count("\n") == 3
    verify(night.site.var / "log", keys.load_verifier("log", night.site.keys.public))


@pytest.mark.parametrize("step", [(forgetting, "record"), (Path, "unlink")], ids=lambda step: step[1])
def test_the_verb_itself_finishes_what_a_kill_left_and_gives_who_was_told(
    night: NightSite, sample: Sample, step: tuple[Any, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No run in between: asked again it ends the erasure and tells, into a file for its owner alone; what was
    written down by a version that did not keep who was told is finished as well, and so told.
    """
    person, out = quiet_client(sample), night.folder / "told.json"
    told = told_of(night, person)
    with monkeypatch.context() as patch:
        patch.setattr(*step, killed)
        with pytest.raises(Killed):
            forget(night, person, "--yes")
    pending = night.site.var / "state" / "forgetting.json"
    todo = json.loads(pending.read_text(encoding="ascii"))
    assert person not in str(todo)
    if step[1] == "record":
        pending.write_text(json.dumps({key: todo[key] for key in todo if key not in {"told", "kept_in"}}))
    said = forget(night, person, "--yes", "--out", str(out))
    assert not any(one["batch"] in said for one in told)
    assert json.loads(out.read_text(encoding="ascii"))["told"] == told
    assert os.name == "nt" or stat.S_IMODE(out.stat().st_mode) == 0o600
    assert (pending.exists(), left_to_give(night)) == (False, [])


def test_who_was_told_is_kept_while_the_file_cannot_be_written(
    night: NightSite, sample: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk beneath `--out`: the erasure stands, its history waits, and names nobody while it does."""
    person, out = quiet_client(sample), night.folder / "told.json"
    told = told_of(night, person)

    def full(path: Path, content: bytes, *, private: bool = True) -> None:
        if path == out:
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        write_atomic(path, content, private=private)

    with monkeypatch.context() as patch:
        patch.setattr("common.files.write_atomic", full)
        with pytest.raises(OSError, match="No space left"):
            forget(night, person, "--yes", "--out", str(out))
    (kept,) = left_to_give(night)
    assert person not in kept.name + kept.read_text(encoding="ascii")
    assert "waits_to_be_given" in forget(night, person, "--json")
    (said,) = {*said_to_wait(night)}
    assert said.startswith("1 list of who was told of somebody who is forgotten, the first of 20")
    assert not any(word in said for word in (person, *(one["batch"] for one in told)))
    assert json.loads(forget(night, person, "--yes", "--json"))["told"] == told
    assert said_to_wait(night) == []


def said_to_wait(night: NightSite) -> list[str]:
    """Return what `status` and `check` say of lists that nobody has asked for."""
    with redirect_stdout(io.StringIO()) as out:
        commands._named(["check", "--json", "--site", str(night.folder)])
    needs = gather(night.site, 1)["needs"]
    return [*json.loads(out.getvalue())["to_give"], *(one for one in needs if "who was told" in one)]
