"""Whoever puts in a choice, or forgets somebody, hears of recipients of flows that are paused or ended."""

import io
import shutil

import pytest

import commands
from demo.sample import Sample
from sharing.errors import ErasureMustWait
from sync.digests import packed
from sync.forgetting import look_up
from sync.place import look
from sync.registering import people_of
from sync.resting import resting_flows
from tests.clients import quiet_client
from tests.nights import NightSite

ACTIVE = "    agreement: dsa-1\n    status: active"


@pytest.fixture(scope="session")
def settled(hub_settled: NightSite) -> NightSite:
    """Return the hub's own site: nothing here is about several sources."""
    return hub_settled


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


def test_nobody_is_forgotten_while_a_batch_of_a_flow_that_rests_is_on_its_way(
    night: NightSite, sample: Sample
) -> None:
    """E765 names the flow, the secret stays; without such a batch the paused flow withdraws too."""
    person = quiet_client(sample)
    with look(night.site) as place:
        assert look_up(place, "hub", person).secret
        assert resting_flows(place.state, place.dpia) == []
    rest(night, "paused")
    with look(night.site) as place:
        assert "early_help" in look_up(place, "hub", person).flows
        assert not look_up(place, "hub", "HP-nobody").known
    batch = night.site.var / "state" / "outbox" / "early_help" / "00000009-run"
    batch.mkdir()
    (batch / "manifest.json").write_text("{}", encoding="ascii")
    forget = ["audit", "forget", "-", "--source", "hub", "--reason", "objected", "--approved-by", "dpo"]
    with pytest.raises(ErasureMustWait, match="early_help is not active, and a sealed batch of it waits"):
        said(night, *forget, "--yes", stdin=f"{person}\n")
    with look(night.site) as place:
        assert place.logged("forgotten") == 0
        assert place.log_secrets.find(packed(people_of(place, "hub", [person]))[0]) is not None
    shutil.rmtree(batch)
    told = said(night, *forget, stdin=f"{person}\n")
    assert "early_help" in told
    assert person not in told


@pytest.mark.parametrize("status", ["paused", "ended"])
def test_a_choice_that_a_resting_flow_has_yet_to_tell_of_is_said_wherever_somebody_looks(
    night: NightSite, sample: Sample, status: str
) -> None:
    """By `choices add`, `choices list` and `status`, with the flow; `check` says that rows are there."""
    rest(night, status)
    told = f"Flow early_help is {status}: its recipient still has rows of 1 person whom a register stops; "
    told += "the next run takes them back"
    assert told not in said(night, "status")
    person = quiet_client(sample)
    adding = ["choices", "add", "--type", "objection", "--source", "hub"]
    assert told in said(night, *adding, stdin=f"{person}\n")
    for verb in (["choices", "list"], ["status"]):
        heard = " ".join(said(night, *verb).split())
        assert told in heard
        assert person not in heard
    assert f"Flow early_help is {status}, and its recipient still holds rows of" in said(night, "check")
