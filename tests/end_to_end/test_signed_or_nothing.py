"""Only the bytes that were signed run: look-alikes, old bytes and strangers' keys let nothing leave."""

import json
import re
import shutil
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import cast

import pytest

import commands
from audit.reidentification import Asking
from commands.last_resort import carry_out
from commands.sample_signing import sign_sample
from commands.sample_site import write_sample_site
from common import clock, log
from common.errors import ViaductError
from config.site import load_site
from demo import nights as later
from demo.sample import Sample
from sealing.trust import read_trust
from sharing import load_dpia
from sharing.errors import DpiaNotSigned
from sharing.signing import require_next, why_not_signed
from sync.reidentifying import reidentify
from sync.run import Wish, run_sync
from sync.sign_off import last_logged
from sync.summary import Summary
from tests.nights import NightSite
from tests.parties import EVERYBODY, signed
from tests.released import landed
from tests.signing_of_sites import digest_of

TITLE = "title: What the hub, Community Support and Domestic Abuse Support share with the council"
ACCENTED = unicodedata.normalize("NFC", "title: What the hub, Café Zoë and the others share with the council")
QUOTED = ACCENTED.replace("title: ", 'title: "') + ' "'
NARROWER = ("employment_status:  {action: disclose", "employment_status:  {action: drop")
PROSE = "Every night Viaduct reads"
LISTED, NONE = "  signatures:\n", "  signatures: []\n"
SIGNATURE = re.compile(r'(?m)^    - "— controller-.*\n')


@dataclass
class Stage:
    """A site whose second version has run, with changes waiting, and the text of both versions."""

    night: NightSite
    first: str
    second: str

    def put(self, text: str) -> None:
        """Lay these words down as the assessment, exactly."""
        self.night.site.dpia.write_text(text, encoding="utf-8", newline="")

    def left(self) -> dict[str, bytes]:
        """Return all that leaves: the landing zone, the warehouse, what the log says."""
        log = (self.night.site.var / "log" / "leaves.jsonl").read_bytes()
        return landed(self.night) | {"log": log, "warehouse": self.night.site.warehouse.read_bytes()}

    def run(self, **wish: bool) -> tuple[int, str]:
        """Return how a run ends that nobody signs for, and its words."""
        try:
            summary: Summary = run_sync(self.night.site, Wish(**wish))
        except ViaductError as error:
            return error.exit_code, str(error)
        return summary.exit_code, "\n".join(map(str, summary.errors))


@pytest.fixture(scope="module")
def stage(settled: NightSite, sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """Return a site whose second version, a patch that all signed, is the one that last ran."""
    folder = tmp_path_factory.mktemp("signed") / "site"
    shutil.copytree(settled.folder, folder)
    night = NightSite(folder)
    first = night.site.dpia.read_text(encoding="utf-8")
    night.edit_dpia(TITLE, ACCENTED)
    night.sign(patch=True)
    assert night.night().exit_code == 1
    second = night.site.dpia.read_text(encoding="utf-8")
    assert "version: 1.0.1\n" in second
    night.drop(later.vanish(sample, "hub", "contacts", sample.table("hub", "contacts")[0]["Contact ID"]))
    return Stage(night, first, second)


@pytest.fixture
def act(stage: Stage) -> Iterator[Stage]:
    """Return the stage as it was signed; what a test lays down is gone when it is over."""
    names = {path.name for path in stage.night.site.dpia.parent.iterdir()}
    keys = {path: path.read_bytes() for path in stage.night.site.keys.public.glob("*.pub")}
    yield stage
    stage.put(stage.second)
    for path, content in keys.items():
        path.write_bytes(content)
    for path in stage.night.site.dpia.parent.iterdir():
        if path.name not in names:
            path.unlink()


Swaps = tuple[tuple[str, str], ...]
LOOK_ALIKES: dict[str, tuple[Swaps, int, str]] = {
    "a Cyrillic o in a name": ((("name: Stockport", "name: Stockp\u043ert"),), 10, "E701"),
    "a Cyrillic e in a key": ((("cohort: everyone", "coh\u043ert: everyone"),), 10, "E701"),
    "a space behind a name": ((("purpose: early-help", 'purpose: "early-help "'),), 10, "E701"),
    "a space behind prose": (((ACCENTED, QUOTED),), 11, "E705"),
    "a space of no width": (((PROSE, PROSE.replace(" ", " \u200b", 1)),), 10, "E701"),
    "a full-width digit": ((("deleteAfter: P3Y", "deleteAfter: P\uff13Y"),), 10, "E701"),
    "a line given twice": ((("    cohort: everyone\n", "    cohort: everyone\n" * 2),), 10, "E701"),
    "one letter of prose": (((PROSE, PROSE.removesuffix("s")),), 11, "E705"),
    "its number raised": ((("version: 1.0.1", "version: 1.0.2"),), 11, "E705"),
    "wider": ((("version: 1.0.1", "version: 2.0.0"), ("keyMaxAge: P1Y", "keyMaxAge: P2Y")), 11, "E705"),
    "suspended": ((("status: approved", "status: suspended"),), 11, "E702"),
}


def test_other_forms_of_the_same_letters_let_nothing_leave(act: Stage) -> None:
    """NFD for NFC: to the eye the very words that were signed, to the digest others."""
    before = act.left()
    act.put(unicodedata.normalize("NFD", act.second))
    found, said = act.run()
    assert (found, said[:4]) == (11, "E705"), said
    assert act.left() == before


@pytest.mark.parametrize("name", LOOK_ALIKES)
def test_what_only_looks_like_the_signed_file_lets_nothing_leave(act: Stage, name: str) -> None:
    """Exit 10 or 11 in four lines; landing zone, log and warehouse are what they were, to the byte."""
    swaps, code, error = LOOK_ALIKES[name]
    before, text = act.left(), act.second
    for old, new in swaps:
        assert old in text, old
        text = text.replace(old, new, 1)
    act.put(text)
    found, said = act.run()
    assert (found, said[:4]) == (code, error), said
    assert act.left() == before


@pytest.mark.parametrize("what", ["rolled back", "the first's signatures", "no signature", "one too few"])
def test_signatures_that_are_not_over_these_bytes_let_nothing_leave(act: Stage, what: str) -> None:
    """The first version as it was signed; the second under the first's lines, or under none, or too few."""
    before = act.left()
    bare = SIGNATURE.sub("", act.second)
    texts = {
        "rolled back": act.first,
        "the first's signatures": bare.replace(LISTED, LISTED + "".join(SIGNATURE.findall(act.first))),
        "no signature": bare.replace(LISTED, NONE),
        "one too few": SIGNATURE.sub("", act.first, count=1),
    }
    act.put(texts[what])
    found, said = act.run()
    assert (found, said[:4]) == (11, "E706" if what == "rolled back" else "E705"), said
    assert act.left() == before


def test_a_key_that_this_site_does_not_know_lets_nothing_leave(act: Stage) -> None:
    """All four sign the very bytes, with keys that are not in `keys/`; or one key is taken out of it."""
    before = act.left()
    act.put(SIGNATURE.sub("", act.second).replace(LISTED, NONE))
    signed(act.night.site.dpia, *EVERYBODY, keys="a stranger's")
    code, said = act.run()
    assert (code, said[:4], "made with another key" in said) == (11, "E705", True)
    act.put(act.second)
    (act.night.site.keys.public / "controller-hub.pub").unlink()
    code, said = act.run()
    assert (code, "keys/controller-hub.pub is missing" in said) == (11, True)
    assert act.left() == before


def test_a_version_that_passes_over_the_one_that_ran_is_rolled_back(act: Stage) -> None:
    """Signed by everybody, with a higher number: it supersedes the first, and the second has run."""
    before = act.left()
    said = f"version: 2.0.0\nsupersedes: {{version: 1.0.0, sha256: {digest_of(act.first)}}}"
    text = SIGNATURE.sub("", act.first).replace(LISTED, NONE)
    act.put(text.replace("version: 1.0.0", said, 1))
    signed(act.night.site.dpia, *EVERYBODY)
    code, told = act.run()
    assert (code, told[:4]) == (11, "E706"), told
    assert act.left() == before


def test_a_dry_run_tries_an_unsigned_draft_and_says_that_it_could_not_be_sent(act: Stage) -> None:
    """For information governance to see what a new version would do; a run of the same file does nothing."""
    before = act.left()
    act.put(act.second.replace(*NARROWER, 1))
    summary = run_sync(act.night.site, Wish(dry_run=True, accept_growth=True))
    said = summary.to_json()["not_to_be_sent_because"]
    assert summary.exit_code in {0, 1}
    assert [flow.state for flow in summary.flows] == ["dry_run", "dry_run"]
    assert any("signed other bytes than these" in why for why in said)
    assert any("is not what last ran" in why for why in said)
    assert act.run()[0] == 11
    assert act.left() == before


@pytest.mark.parametrize("what", ["the file", "a key"])
def test_what_changes_while_the_run_is_at_work_stops_it(act: Stage, what: str) -> None:
    """Put back before the end or not: asked again just before release, the run ends with 11."""
    before = act.left()

    def meanwhile(step: str, _done: int, _of: int) -> None:
        if step == "indexed" and what == "the file":
            act.put(act.second.replace(PROSE, f"{PROSE} and reads", 1))
        elif step == "indexed":
            (act.night.site.keys.public / "controller-smbc.pub").unlink()

    summary = run_sync(act.night.site, Wish(), meanwhile)
    assert summary.exit_code == 11
    assert act.left() == before


def test_nobody_is_told_whose_a_row_is_under_bytes_that_were_not_signed(act: Stage) -> None:
    """Asked before the question itself is looked at; the log tells of no such question."""
    before, nobody_asks = act.left(), cast("Asking", None)
    act.put(act.second.replace(PROSE, PROSE.removesuffix("s"), 1))
    with pytest.raises(DpiaNotSigned):
        reidentify(act.night.site, nobody_asks)
    assert act.left() == before


def test_the_file_that_all_signed_runs_and_a_comment_is_nobodys_to_sign(act: Stage) -> None:
    """The stage does not refuse everything: the words are those that were signed, and the change leaves."""
    act.put("# Read aloud on Tuesday.\n" + act.second)
    assert act.run()[0] == 1
    assert last_logged(act.night.site) == load_dpia(act.night.site.dpia).sha256


def test_a_suspension_that_a_run_obeyed_is_what_last_ran(night: NightSite) -> None:
    """Named in the log once, by a leaf per flow; the signed bytes before it run no more, what follows does.

    A dry run names nothing; a version that is signed and not begun yet is nothing that a run obeyed.
    """
    first, before = night.site.dpia.read_text(encoding="utf-8"), load_dpia(night.site.dpia)
    begins = f"effectiveFrom: {clock.today() + timedelta(days=1)}"
    night.edit_dpia(f"effectiveFrom: {before.validity.effective_from}", begins)
    night.sign(patch=True)
    assert (run_sync(night.site).exit_code, last_logged(night.site)) == (11, before.sha256)
    night.edit_dpia("status: approved", "status: suspended")
    night.sign(patch=True)
    suspended = load_dpia(night.site.dpia).sha256
    assert run_sync(night.site, Wish(dry_run=True)).exit_code == 11
    assert last_logged(night.site) == before.sha256
    ended = [run_sync(night.site) for _ in range(2)]
    assert [str(each.error)[:4] for each in ended] == ["E702", "E702"]
    assert last_logged(night.site) == suspended
    lines = (night.site.var / "log" / "leaves.jsonl").read_text(encoding="utf-8").splitlines()
    told = [leaf for line in lines if (leaf := json.loads(line))["kind"] == "stopped"]
    assert [(leaf["flow"], leaf["run"]) for leaf in told] == [
        (flow, ended[0].run_id) for flow in ("early_help", "commissioning")
    ]
    night.site.dpia.write_text(first, encoding="utf-8")
    assert str(run_sync(night.site).error)[:4] == "E706"
    assert night.night().exit_code == 1


def test_a_version_without_an_active_flow_is_what_last_ran(night: NightSite) -> None:
    """Nothing of it is settled, yet the run's own leaf names it: the signed bytes before it run no more."""
    first, before = night.site.dpia.read_text(encoding="utf-8"), last_logged(night.site)
    night.edit_dpia("    status: active", "    status: paused", count=2)
    night.sign()
    assert run_sync(night.site).exit_code in {0, 1}
    resting = load_dpia(night.site.dpia)
    assert (resting.active_flows, last_logged(night.site)) == ([], resting.sha256)
    assert resting.sha256 != before
    night.site.dpia.write_text(first, encoding="utf-8")
    refused = run_sync(night.site)
    assert (refused.exit_code, str(refused.error)[:4]) == (11, "E706")


def test_the_sample_dated_anew_comes_from_the_one_before(night: NightSite) -> None:
    """A year on, the sample's is the next version of what last ran, signed by all; then it stays."""
    for path in night.site.keys.public.glob("controller-*.pub"):
        path.unlink()
    before = last_logged(night.site)
    path = night.site.dpia
    with clock.frozen(clock.now() + timedelta(days=400)):
        write_sample_site(night.folder, {})
        site = load_site(night.folder)
        assert len(sign_sample(site)) == len(EVERYBODY)
        dpia = load_dpia(path)
        assert (dpia.version, dpia.supersedes and dpia.supersedes.sha256) == ("2.0.0", before)
        assert why_not_signed(dpia, read_trust(site.keys.public)) == []
        require_next(dpia, before)
        assert dpia.require_in_force(clock.today()) is dpia
        once = {each: each.read_bytes() for each in path.parent.iterdir()}
        write_sample_site(night.folder, {})
        assert sign_sample(load_site(night.folder)) == []
    assert {each: each.read_bytes() for each in path.parent.iterdir()} == once
    assert {each.name for each in once} == {path.name, f"{path.stem}-1.0.0.yaml"}


def test_a_file_that_is_valid_and_would_not_run_is_told_apart(
    act: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    """`dpia check` ends 0 on each; what ran tonight has no reason, all else every one."""
    edited = act.second.replace(PROSE, PROSE.removesuffix("s"), 1)
    suspended = act.second.replace("status: approved", "status: suspended", 1)
    resting = act.second.replace("    status: active", "    status: paused")
    wanted = {
        act.second: [],
        act.first: ["is not what last ran"],
        edited: ["signed other bytes than these", "is not what last ran"],
        suspended: ["suspended"],
        resting: ["no flow of it is active"],
    }
    for text, reasons in wanted.items():
        act.put(text)
        words = ["dpia", "check", str(act.night.site.dpia), "--site", str(act.night.folder)]
        capsys.readouterr()
        assert carry_out(lambda words=[*words, "--json"]: commands._named(words)) == 0
        told = json.loads(capsys.readouterr().out)["not_to_be_sent_because"]
        assert carry_out(lambda words=words: commands._named(words)) == 0
        said = capsys.readouterr()
        assert bool(told) == bool(reasons)
        assert ("valid, but would not run" in said.err) == bool(reasons)
        for reason in reasons:
            assert any(reason in why for why in told), (reason, told)
            assert reason in said.err


def test_check_says_what_a_run_would_say(act: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    """Unsigned and rolled back are errors of `check` (11), told beside all else that is wrong."""
    edited = act.second.replace(PROSE, PROSE.removesuffix("s"), 1)
    for text, code, error in ((act.second, 0, ""), (act.first, 11, "E706"), (edited, 11, "E705")):
        act.put(text)
        words = ["check", "--site", str(act.night.folder)]
        try:
            assert carry_out(lambda words=words: commands._named(words)) == code
        finally:
            log.shut()
        assert error in capsys.readouterr().err
