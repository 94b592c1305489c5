"""The verbs answer in words and numbers that can be relied on, and never with a traceback."""

import json
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

import commands
from commands import say
from commands.last_resort import carry_out
from commands.outcome import one_line
from commands.sample_site import DATED, Account, make_keys, write_sample_site
from common import log
from common.ending import Terminated
from common.errors import ViaductError, place_of

CANARY = "Zebulon Canaryname"
ROOT = Path(__file__).parents[3]
Verb = Callable[..., int]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a copy of the example whose assessment and mappings are there in name."""
    site = tmp_path / "site"
    shutil.copytree(ROOT / "config" / "example", site, ignore=shutil.ignore_patterns("var"))
    for part in ("dpia", "mappings"):
        (site / part).mkdir(exist_ok=True)
    (site / "dpia" / "charity-crm-to-warehouse.yaml").touch()
    for export in re.findall(r"mappings/\S+", (site / "sources" / "hub.yaml").read_text(encoding="utf-8")):
        (site / export).touch()
    return site


@pytest.fixture
def verb(monkeypatch: pytest.MonkeyPatch) -> Verb:
    """Return what carries a verb out in this process."""
    monkeypatch.delenv("VIADUCT_SITE", raising=False)
    return lambda *words: carry_out(lambda: commands._named([str(word) for word in words]))


@pytest.mark.parametrize(
    "words", [["rum"], ["status", "--lst"], ["run", "--since", "yesterday"], ["explain"]]
)
def test_wrong_usage_ends_with_two(verb: Verb, folder: Path, words: list[str]) -> None:
    """A verb, an option or a day that is not one is the typist's to mend."""
    assert verb("--site", folder, *words) == 2


@pytest.mark.parametrize(
    ("words", "where"),
    [
        (["rum"], "python run_sync.py: No such command 'rum'. Did you mean 'run', 'resume'?"),
        (["run", "--json", "--since", "yesterday"], "python run_sync.py run: write the day as YYYY-MM-DD."),
        (["explain", "--json"], "python run_sync.py explain: Missing argument 'reference'."),
        (["explain", "H-0001", CANARY], "python run_sync.py explain: there are more words than it takes."),
    ],
)
def test_wrong_usage_is_told_in_four_lines(
    verb: Verb, folder: Path, words: list[str], where: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """What happened, in which verb, that nothing was done, how it is written; stdout stays clean."""
    assert verb("--site", folder, *words) == 2
    said = capsys.readouterr()
    assert said.out == ""
    lines = said.err.splitlines()
    assert lines[:2] == ["E903  The command was not understood.", f"      {where}"]
    assert lines[2:] == [
        "      Nothing was done and nothing was sent.",
        f"      See how it is written: {where.split(':', maxsplit=1)[0]} --help",
    ]
    assert CANARY not in said.err


@pytest.mark.parametrize(
    "words",
    [
        ("dpia", "check", "nowhere.yaml"),
        ("audit", "person", "R", "--source", "hub", "--release", "nowhere.yaml"),
        ("dpia", "documents", "--out", "README.md"),
        ("audit", "person", "R", "--source", "hub", "--out", "README.md"),
        ("audit", "bundle", "--out", "README.md"),
        ("audit", "statement", "latest", "--out", "README.md"),
        ("audit", "incident", "--since", "2022-01-01", "--out", "README.md"),
        ("audit", "prove", "growth", "--out", "docs"),
    ],
    ids=" ".join,
)
def test_a_path_that_is_not_there_or_of_the_other_kind_is_told_as_such(
    verb: Verb, folder: Path, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    """A file that is missing, a file where a folder is written into: neither is a fault of ours."""
    assert verb("--site", folder, *words) == 2
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "E904  A file or folder that was named is not there, or is of the other kind."
    assert words[-1] in lines[1]
    assert lines[3].endswith("name it from there, or whole.")


def test_a_name_that_is_not_known_is_suggested(
    verb: Verb, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A misspelt source or provider names the nearest that exists."""
    assert verb("run", "--site", folder, "--source", "hubb") == 2
    assert "Did you mean hub?" in capsys.readouterr().err
    assert verb("findings", "--site", folder, "--provider", "comunity_support") == 2
    assert "Did you mean community_support?" in capsys.readouterr().err
    log.shut()


def test_a_site_that_does_not_load_ends_with_ten(
    verb: Verb, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The four lines go to stderr; stdout, where data would be, stays empty."""
    assert verb("status", "--site", tmp_path) == 10
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("E101  A declared file does not load.\n")
    assert (
        "A path that is not whole, in --site or VIADUCT_SITE, is taken from the folder you stand in."
        in said.err
    )
    assert "Traceback" not in said.err


def test_the_site_is_named_with_the_verb_before_it_or_by_the_environment(
    verb: Verb,
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The nearest word wins: with the verb, before the verb, then VIADUCT_SITE."""
    monkeypatch.setenv("VIADUCT_SITE", str(tmp_path / "nowhere"))
    assert verb("status", "--site", folder, "--json") == 0
    assert verb("--site", folder, "status", "--json") == 0
    assert verb("status") == 10
    monkeypatch.setenv("VIADUCT_SITE", str(folder))
    capsys.readouterr()
    assert verb("status", "--json") == 0
    assert json.loads(capsys.readouterr().out)["site"] == "Stockport (example)"


def test_no_verb_says_what_a_run_would_do_and_what_it_lacks(
    verb: Verb, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With no verb nothing runs; the words name sources, last run, lacking keys and secrets."""
    assert verb("--site", folder) == 0
    said = capsys.readouterr()
    assert said.out == ""
    for word in (
        "community_support, domestic_abuse_support, hub",
        "Last run: never",
        "keys new signing",
        "env:VIADUCT_HUB_USER",
    ):
        assert word in said.err
    assert not (folder / "var").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="file modes are POSIX")
@pytest.mark.parametrize(("mode", "code"), [(0o600, 0), (0o640, 10), (0o644, 10)])
def test_a_secret_that_others_may_read_is_an_error_of_check(
    verb: Verb, folder: Path, capsys: pytest.CaptureFixture[str], mode: int, code: int
) -> None:
    """Not something still to be done: check ends with ten, names source and file, and shows no secret."""
    declared = folder / "sources" / "hub.yaml"
    text = declared.read_text(encoding="utf-8")
    declared.write_text(text.replace("env:VIADUCT_HUB_USER", "file:hub_user"), encoding="utf-8")
    (folder / "hub_user").write_text(CANARY, encoding="utf-8")
    (folder / "hub_user").chmod(mode)
    assert verb("--site", folder, "check", "--json") == code
    said = capsys.readouterr()
    errors = json.loads(said.out)["errors"]
    assert [error["code"] for error in errors] == ["E112"] * (code == 10)
    assert all("file:hub_user" in "".join(error["lines"]) for error in errors)
    assert "hub_user" not in "".join(json.loads(said.out)["lacking"])
    assert CANARY not in said.out + said.err


def test_keys_are_made_once_and_never_printed(
    verb: Verb, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A key is made once per role; what is shown of it is its public part."""
    assert verb("keys", "new", "signing", "--site", folder) == 0
    public = capsys.readouterr().out.strip()
    private = (folder / "var" / "keys" / "signing.key").read_text(encoding="utf-8").splitlines()[1]
    assert verb("keys", "new", "signing", "--site", folder) == 40
    assert verb("keys", "list", "--site", folder, "--json") == 0
    said = capsys.readouterr()
    assert json.loads(said.out)[0]["public"] == public
    assert private not in said.out + said.err


@pytest.mark.parametrize("words", [["status"], ["findings"], ["keys", "list"]])
def test_reading_verbs_give_json_on_stdout_alone(
    verb: Verb, folder: Path, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    """`--json` puts data, whole and alone, on stdout; without it a table stands there."""
    assert verb(*words, "--site", folder, "--json") == 0
    said = capsys.readouterr()
    json.loads(said.out)
    assert said.err == ""
    assert verb(*words, "--site", folder) == 0


def test_a_worklist_is_written_as_a_file(
    verb: Verb, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--csv` writes the file and says so to people only."""
    assert verb("findings", "--site", folder, "--csv", tmp_path / "worklist.csv") == 0
    assert (tmp_path / "worklist.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert capsys.readouterr().out == ""


def test_an_unknown_failure_shows_its_class_and_no_word_more(capsys: pytest.CaptureFixture[str]) -> None:
    """What a library says of a failure may hold a cell, so none of it is shown."""

    def fails() -> int:
        return int(CANARY)

    assert carry_out(fails) == 70
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("E900")
    assert "ValueError in tests/unit/commands/test_verbs.py, line" in said.err
    assert "Canaryname" not in said.err
    assert "Traceback" not in said.err


def test_signals_have_their_own_codes() -> None:
    """Stopped from the keyboard is 130, stopped by the system 143."""

    def stopped(error: BaseException) -> int:
        raise error

    assert carry_out(lambda: stopped(KeyboardInterrupt())) == 130
    assert carry_out(lambda: stopped(Terminated())) == 143
    assert carry_out(lambda: stopped(ViaductError("here"))) == 70


def test_a_failure_outside_our_code_says_so() -> None:
    """Where none of our files was on the way, the class alone is told."""
    assert place_of(ValueError(CANARY)) == "ValueError, outside Viaduct's own code."


def test_the_scheduler_stops_gently_when_asked(folder: Path) -> None:
    """A process that keeps the timetable ends with 143 on SIGTERM, without a traceback."""
    process = subprocess.Popen(
        [sys.executable, ROOT / "run_sync.py", "schedule", "--site", folder],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
    )
    log_file = folder / "var" / "logs" / "viaduct.jsonl"
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not (
        log_file.exists() and "scheduler_started" in log_file.read_text()
    ):
        time.sleep(0.1)
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 143
    assert "hub: next" in said
    assert "Traceback" not in said
    assert "scheduler_stopped" in log_file.read_text(encoding="utf-8")


def test_a_run_is_told_in_one_line() -> None:
    """The line names the run, whether it worked, the exit code and the new findings."""
    summary = {"run_id": "R", "exit_code": 1, "dry_run": False, "findings": {"new": 1200, "closed": 3}}
    assert one_line(summary) == (
        "Run R: done, with records held or rejected (exit 1), 1,200 new findings, 3 closed."
    )


def test_the_sample_keeps_its_keys_and_its_dates(tmp_path: Path) -> None:
    """Written again the sample's site has the same keys and assessment, and the portal's new address."""
    accounts = {
        name: Account("http://127.0.0.1:4001", f"{name} organisation", "first", "viaduct", "second")
        for name in ("hub", "community_support", "domestic_abuse_support")
    }
    site = write_sample_site(tmp_path / "demo", accounts)
    assert make_keys(site, ["early_help"]) != []
    before = site.dpia.read_bytes(), (site.keys.private / "memory.key").read_bytes()
    again = write_sample_site(
        tmp_path / "demo", {**accounts, "hub": Account("http://127.0.0.1:4002", "h", "third", "u", "fourth")}
    )
    assert make_keys(again, ["early_help"]) == []
    assert (again.dpia.read_bytes(), (again.keys.private / "memory.key").read_bytes()) == before
    hub = again.sources["hub"]
    assert hub.model_dump()["address"] == "http://127.0.0.1:4002"
    assert "fourth" not in (again.folder / "sources" / "hub.yaml").read_text(encoding="utf-8")
    dates = dict(DATED.findall(site.dpia.read_text(encoding="utf-8")))
    assert date.fromisoformat(dates["effectiveFrom"]) < date.fromisoformat(dates["expiresOn"])


def test_a_table_holds_counts_and_shares_beside_words(capsys: pytest.CaptureFixture[str]) -> None:
    """A whole number, a share, a word and nothing: each is shown, none is taken for another."""
    say.table("Shares", ("source", "people", "percent", "since"), [("hub", 1200, 12.5, None)])
    assert re.search(r"hub\s+1,200\s+12\.5", capsys.readouterr().out)
