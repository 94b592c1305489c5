"""Every run that the log tells of has its signed statement: from the run itself, or from the next one."""

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from audit import standalone
from audit.log import DisclosureLog
from audit.reading import read_log
from audit.statement import open_statement
from sealing.keys import load_signer, load_verifier
from sync.run import Wish, run_sync
from sync.statements import make_lacking
from tests.asked_of_the_log import audit, json_of
from tests.nights import NightSite

ENDINGS = (".html", ".json", ".txt")


def lying(night: NightSite) -> dict[str, bytes]:
    """Return the files of statements that lie on the site, by name."""
    return {path.name: path.read_bytes() for path in (night.site.var / "statements").iterdir()}


def logged_runs(night: NightSite) -> list[str]:
    """Return the runs that the log tells of, oldest first."""
    lines = (night.site.var / "log" / "leaves.jsonl").read_text(encoding="utf-8").splitlines()
    return [leaf["run"] for leaf in map(json.loads, lines) if leaf["kind"] == "run"]


def said(night: NightSite, name: str) -> dict[str, Any]:
    """Return what the kept statement of the run says, once the log has borne it out."""
    path, verifier = (
        night.site.var / "statements" / f"{name}.txt",
        load_verifier("log", night.site.keys.public),
    )
    return open_statement(path.read_bytes(), verifier, read_log(night.site.var / "log", verifier), path.name)


def test_each_run_has_left_its_own_and_whoever_asks_is_given_those_bytes(
    two_nights: NightSite, tmp_path: Path
) -> None:
    """Three runs, the last of which sent nothing: text, page and JSON of each, for their owner alone; the
    JSON is what the text signs; asking again gives the same files and changes none.
    """
    before, runs = lying(two_nights), logged_runs(two_nights)
    assert before.keys() == {f"{name}{ending}" for name in runs for ending in ENDINGS}
    assert [said(two_nights, name)["figures"]["nothing_sent"] for name in runs] == [False, False, True]
    assert {path.stat().st_mode & 0o777 for path in (two_nights.site.var / "statements").iterdir()} == {0o600}
    printed = json.loads(json_of(two_nights, "statement", runs[1], "--out", str(tmp_path)))
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {
        name: content for name, content in before.items() if name.startswith(runs[1])
    }
    for name in runs:
        assert before[f"{name}.txt"].split(b"\n")[1] + b"\n" == before[f"{name}.json"]
    assert printed == json.loads(before[f"{runs[1]}.json"])
    assert lying(two_nights) == before


def test_made_again_it_is_the_same_to_the_byte(two_nights: NightSite, tmp_path: Path) -> None:
    """All are lost with their folder: the next who asks for one makes every one of them up, as they were."""
    copy = NightSite(shutil.copytree(two_nights.folder, tmp_path / "site"))
    before = lying(copy)
    shutil.rmtree(copy.site.var / "statements")
    json_of(copy, "statement", logged_runs(copy)[1])
    assert lying(copy) == before


def test_a_statement_that_was_changed_where_it_lies_is_refused_and_not_made_anew(
    two_nights: NightSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One digit changed: `audit statement` ends with 60, and the file stays as it is found; the standalone
    verifier takes the whole one and not this one.
    """
    copy = NightSite(shutil.copytree(two_nights.folder, tmp_path / "site"))
    path = copy.site.var / "statements" / f"{logged_runs(copy)[0]}.txt"
    arguments = [str(copy.site.var / "log"), "--keys", str(copy.site.keys.public), "--document", str(path)]
    monkeypatch.setattr(sys, "argv", ["x", *arguments])
    assert standalone.main() == 0
    forged = path.read_bytes().replace(b'"rows_sent":', b'"rows_sent":1', 1)
    path.write_bytes(forged)
    assert standalone.main() != 0
    code, told = audit(copy, "statement", path.stem)
    assert (code, "E604" in told, path.read_bytes() == forged) == (60, True, True)


def test_a_page_or_json_that_differs_from_the_signed_text_is_handed_out_and_lies_there_as_signed(
    two_nights: NightSite, tmp_path: Path
) -> None:
    """Forged or gone, both are made again from the text; nothing of what lay there is handed out."""
    copy = NightSite(shutil.copytree(two_nights.folder, tmp_path / "site"))
    before, run = lying(copy), logged_runs(copy)[0]
    page, data = (copy.site.var / "statements" / f"{run}{ending}" for ending in (".html", ".json"))
    page.write_bytes(page.read_bytes().replace(b"rows were sent", b"rows were not sent"))
    data.write_bytes(b'{"forged":true}\n')
    for out in (tmp_path / "one", tmp_path / "two"):
        json_of(copy, "statement", run, "--out", str(out))
        handed = {path.name: path.read_bytes() for path in out.iterdir()}
        assert handed == {name: content for name, content in before.items() if name.startswith(run)}
        assert lying(copy) == before
        page.unlink()
        data.unlink()


def test_the_latest_statement_is_made_again_where_a_file_of_it_is_gone_or_its_text_is_not_signed(
    two_nights: NightSite, tmp_path: Path
) -> None:
    """By whatever run is next, which asks for those that are lacking."""
    copy = NightSite(shutil.copytree(two_nights.folder, tmp_path / "site"))
    before, run = lying(copy), logged_runs(copy)[-1]
    log = DisclosureLog(copy.site.var / "log", load_signer("log", copy.site.keys.private))
    assert make_lacking(copy.site, log) == []
    for ending in ENDINGS:
        (copy.site.var / "statements" / f"{run}{ending}").unlink()
        assert run in make_lacking(copy.site, log)
        assert lying(copy) == before
    path = copy.site.var / "statements" / f"{run}.txt"
    path.write_bytes(path.read_bytes().replace(b'"exit_code":', b'"exit_code":1', 1))
    assert run in make_lacking(copy.site, log)
    assert lying(copy) == before


def test_a_run_that_stopped_before_it_logged_anything_has_one_when_it_is_asked_for(
    two_nights: NightSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An assessment that nobody signed: the run leaves none by itself; asked for, one is made that says
    nothing was sent, which both verifiers bear out; the runs that the log tells of keep theirs.
    """
    copy = NightSite(shutil.copytree(two_nights.folder, tmp_path / "site"))
    before = lying(copy)
    copy.edit_dpia("title: What", "title: All that")
    stopped = run_sync(copy.site, Wish())
    assert (stopped.exit_code, lying(copy) == before) == (11, True)
    made = json.loads(json_of(copy, "statement", "latest"))
    assert (made["run"], made["leaves"], made["figures"]["nothing_sent"]) == (stopped.run_id, [], True)
    assert made["gaps"][0] == "The run stopped before it logged anything: nothing of it was sent."
    assert lying(copy).keys() - before.keys() == {f"{stopped.run_id}{ending}" for ending in ENDINGS}
    path = copy.site.var / "statements" / f"{stopped.run_id}.txt"
    assert audit(copy, "verify", "--statement", str(path))[0] == 0
    arguments = [str(copy.site.var / "log"), "--keys", str(copy.site.keys.public), "--document", str(path)]
    monkeypatch.setattr(sys, "argv", ["x", *arguments])
    assert standalone.main() == 0


def test_a_statement_that_cannot_be_written_is_told_and_loses_nothing_and_is_made_up(
    night: NightSite,
) -> None:
    """A file stands where the folder must be: all else of the run is done and kept, it ends with E612 (70)
    and says so in its summary; the next run, with the file gone, makes both, and its own.
    """
    (first,) = logged_runs(night)
    folder = night.site.var / "statements"
    shutil.rmtree(folder)
    folder.write_bytes(b"")
    failed = night.night()
    assert [error.code for error in failed.errors] == ["E612"]
    assert failed.exit_code == 70
    assert failed.to_try_again == []
    kept = json.loads((night.site.var / "runs" / f"{failed.run_id}.json").read_bytes())
    assert (kept["exit_code"], kept["met"][0]["code"]) == (70, "E612")
    assert [flow["state"] for flow in kept["flows"]] == ["nothing_sent", "nothing_sent"]
    folder.unlink()
    assert night.night().exit_code in {0, 1}
    assert logged_runs(night) == sorted({name.partition(".")[0] for name in lying(night)})
    assert any("E612" in gap for gap in said(night, failed.run_id)["gaps"])
    assert said(night, first)["gaps"] == []
