"""The operator's levers: pause and resume, and what `run` makes of them."""

import json
import os
import shutil
import stat
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

import commands
from commands.last_resort import carry_out
from common import clock, log
from scheduler.pauses import Pause

ROOT = Path(__file__).parents[3]
SOURCES = ("hub", "community_support", "domestic_abuse_support")
Verb = Callable[..., int]


@pytest.fixture
def verb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Verb:
    """Return what carries a verb out on a copy of the example, as somebody behind sudo."""
    monkeypatch.setenv("SUDO_USER", "jexample")
    site = tmp_path / "site"
    shutil.copytree(ROOT / "config" / "example", site, ignore=shutil.ignore_patterns("var"))

    def carried(*words: str) -> int:
        try:
            return carry_out(lambda: commands._named([*words, "--site", str(site)]))
        finally:
            log.shut()

    return carried


def paused(verb: Verb, capsys: pytest.CaptureFixture[str]) -> list[tuple[str | None, str, str]]:
    """Return what `status --json` tells of pauses: of what, by whom, and why."""
    capsys.readouterr()
    assert verb("status", "--json") == 0
    return [
        (one["source"], one["by"], one["reason"]) for one in json.loads(capsys.readouterr().out)["paused"]
    ]


def test_a_run_of_what_is_paused_says_so_and_ends_with_75(
    verb: Verb, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Named, or all: E922, before anything is pulled. `--anyway` goes on to the next question there is."""
    assert verb("pause", "--source", "hub", "--reason", "CRM moves house") == 0
    capsys.readouterr()
    assert verb("run", "--source", "hub") == 75
    said = capsys.readouterr()
    assert said.err.splitlines()[:2] == ["E922  What was to run is paused.", "      source hub"]
    assert verb("run", "--source", "community_support", "--source", "hub", "--dry-run") == 75
    assert verb("pause", "--reason", "warehouse is rebuilt") == 0
    assert verb("run") == 75
    assert paused(verb, capsys) == [
        (None, "jexample", "warehouse is rebuilt"),
        ("hub", "jexample", "CRM moves house"),
    ]
    assert not (tmp_path / "site/var/runs").exists()
    assert verb("run", "--anyway") not in {0, 75}
    assert "E922" not in capsys.readouterr().err
    assert verb("run", "--due") == 0


def test_a_run_leaves_out_what_is_paused(verb: Verb, capsys: pytest.CaptureFixture[str]) -> None:
    """With nothing named the other sources are run, and it is said which was left out."""
    verb("pause", "--source", "hub", "--reason", "CRM moves house")
    capsys.readouterr()
    verb("run", "--json")
    said = capsys.readouterr()
    assert json.loads(said.out)["asked"] == sorted({*SOURCES} - {"hub"})
    assert "Paused, and left out: hub." in said.err


def test_resume_ends_what_it_names_and_says_what_stays(
    verb: Verb, capsys: pytest.CaptureFixture[str]
) -> None:
    """A source's own pause outlives the site's; what is not paused is said not to be."""
    assert verb("resume") == 0
    assert "Not paused: the whole site." in capsys.readouterr().err
    verb("pause", "--source", "hub", "--reason", "CRM moves house")
    assert verb("resume") == 2
    assert "resume --source hub" in " ".join(capsys.readouterr().err.split())
    verb("pause", "--reason", "warehouse is rebuilt")
    assert verb("resume", "--source", "community_support") == 2
    capsys.readouterr()
    assert verb("resume") == 0
    assert "Still paused: source hub." in capsys.readouterr().err
    assert verb("resume", "--source", "hub") == 0
    assert paused(verb, capsys) == []


@pytest.mark.parametrize(
    "reason",
    ["", "no", "x" * 201, "two\nlines", "ask jane@example.org", "943 476 5919 asked", "07700900123 rang"],
)
def test_a_reason_holds_nobody_s_address_or_number(verb: Verb, reason: str, tmp_path: Path) -> None:
    """It is shown to many, so what an address, a telephone or an NHS number looks like is refused."""
    assert verb("pause", "--reason", reason) == 2
    assert not (tmp_path / "site/var/state/pauses.json").exists()


@pytest.mark.parametrize("days", [-1, 0])
def test_a_pause_ends_on_a_day_to_come(verb: Verb, days: int) -> None:
    """The first day of runs again is not today, nor past; a misspelt source is no source."""
    day = clock.today() + timedelta(days=days)
    assert verb("pause", "--reason", "CRM moves house", "--until", f"{day}") == 2
    assert verb("pause", "--reason", "CRM moves house", "--source", "hubb") == 2


@pytest.mark.skipif(os.name == "nt", reason="No modes on Windows.")
def test_the_note_of_pauses_is_private_and_whole(verb: Verb, tmp_path: Path) -> None:
    """Readable by its owner alone, no temporary file beside it, and of the shape that is written down."""
    verb("pause", "--reason", "CRM moves house", "--until", f"{clock.today() + timedelta(days=2)}")
    path = tmp_path / "site/var/state/pauses.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not list(path.parent.glob(".*.part"))
    (told,) = json.loads(path.read_bytes())
    assert set(told) == set(Pause.__dataclass_fields__)
