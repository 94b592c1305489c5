"""A flow that is paused or ended tells its recipient nothing: whoever objects or is erased hears of that."""

import io
import shutil

import pytest

import commands
from demo.sample import Sample
from sharing.errors import ErasureMustWait
from sync.forgetting import look_up
from sync.place import look
from sync.resting import resting_flows
from tests.clients import quiet_client
from tests.nights import NightSite

ACTIVE = "    agreement: dsa-1\n    status: active"


def rest(night: NightSite, status: str) -> None:
    """Let early help be paused or ended, as the assessment says it."""
    night.edit_dpia(ACTIVE, ACTIVE.replace("active", status))


def said(night: NightSite, *words: str, stdin: str = "") -> str:
    """Return what a verb says on stderr and stdout, whatever its exit code."""
    with pytest.MonkeyPatch.context() as patch:
        out = io.StringIO()
        patch.setattr("sys.stdin", io.StringIO(stdin))
        patch.setattr("sys.stdout", out)
        patch.setattr("sys.stderr", out)
        commands._named([*words, "--site", str(night.folder)])
    return out.getvalue()


def test_nobody_is_forgotten_while_a_paused_flow_cannot_withdraw_them(
    night: NightSite, sample: Sample
) -> None:
    """E765 names the flow, the secret stays; under an active flow, and of somebody unknown, nothing waits."""
    person = quiet_client(sample)
    with look(night.site) as place:
        assert look_up(place, "hub", person).secret
        assert resting_flows(place.state, place.dpia) == []
    rest(night, "paused")
    with look(night.site) as place:
        with pytest.raises(ErasureMustWait) as caught:
            look_up(place, "hub", person)
        assert not look_up(place, "hub", "HP-nobody").known
    assert "Flow early_help is paused, and its recipient still has rows of this person" in str(caught.value)
    assert person not in str(caught.value)
    batch = night.site.var / "state" / "outbox" / "early_help" / "00000009-run"
    batch.mkdir()
    (batch / "manifest.json").write_text("{}", encoding="ascii")
    with look(night.site) as place, pytest.raises(ErasureMustWait, match="a sealed batch of it waits"):
        look_up(place, "hub", "HP-nobody")
    shutil.rmtree(batch)
    forget = ["audit", "forget", "-", "--source", "hub", "--reason", "objected", "--approved-by", "dpo"]
    with pytest.raises(ErasureMustWait):
        said(night, *forget, "--yes", stdin=f"{person}\n")
    with look(night.site) as place:
        assert place.logged("forgotten") == 0
    night.edit_dpia(ACTIVE.replace("active", "paused"), ACTIVE)
    with look(night.site) as place:
        assert look_up(place, "hub", person).secret


@pytest.mark.parametrize("status", ["paused", "ended"])
def test_a_choice_that_a_resting_flow_tells_nobody_of_is_said_wherever_somebody_looks(
    night: NightSite, sample: Sample, status: str
) -> None:
    """By `choices add`, `choices list` and `status`, with the flow; `check` says that rows are there."""
    rest(night, status)
    told = f"Flow early_help is {status}: its recipient still has rows of 1 person whom a register stops"
    assert told not in said(night, "status")
    person = quiet_client(sample)
    adding = ["choices", "add", "--type", "objection", "--source", "hub"]
    assert told in said(night, *adding, stdin=f"{person}\n")
    for verb in (["choices", "list"], ["status"]):
        heard = " ".join(said(night, *verb).split())
        assert told in heard
        assert person not in heard
    assert f"Flow early_help is {status}, and its recipient still holds rows of" in said(night, "check")
