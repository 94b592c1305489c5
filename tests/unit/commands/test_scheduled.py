"""One look of the long-running scheduler: what it meets before any run is told once, not every minute."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from commands import scheduled
from commands.run import run_due
from commands.scheduled import REST_SECONDS, Look
from config.site import Site, load_site
from scheduler import notice
from scheduler.pauses import pauses_path
from sync.lock import one_run_at_a_time
from tests.scheduled_nights import known_for_two_days

ROOT = Path(__file__).parents[3]
HANGS = """
import time
from pathlib import Path
from commands.scheduled import ended_after
from common import log
log.configure(Path("viaduct.jsonl"))
with ended_after(0.1):
    time.sleep(20)
print("it went on")
"""


@dataclass
class Ticks:
    """A clock of the machine that stands where the test puts it."""

    now: float = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def site(tmp_path: Path) -> Site:
    folder = tmp_path / "site"
    shutil.copytree(ROOT / "config" / "example", folder, ignore=shutil.ignore_patterns("var"))
    return load_site(folder)


@pytest.fixture
def ticks(monkeypatch: pytest.MonkeyPatch) -> Ticks:
    ticks = Ticks()
    monkeypatch.setattr(scheduled, "time", ticks)
    return ticks


def test_an_error_before_any_run_is_told_and_then_left_alone_for_a_while(
    site: Site, ticks: Ticks, capsys: pytest.CaptureFixture[str]
) -> None:
    """A note that cannot be read: four lines, ten minutes of quiet, and four lines again while it lasts."""
    notice(site)
    pauses_path(site).write_bytes(b"{")
    look = Look(site)
    told = []
    for seconds in (0.0, 60.0, REST_SECONDS - 61.0, 61.0):
        ticks.now += seconds
        look()
        told.append(capsys.readouterr().err.count("E923"))
    assert told == [1, 0, 0, 1]


def test_a_run_by_hand_at_the_slot_is_waited_for_without_a_word(
    site: Site, ticks: Ticks, capsys: pytest.CaptureFixture[str]
) -> None:
    """While another run holds the lock nothing is begun, nothing is said, and the next look looks again."""
    known_for_two_days(site)
    look = Look(site)
    with one_run_at_a_time(site.var / "state" / "lock"):
        look()
    assert (look.began, look.not_before, capsys.readouterr().err) == (False, 0.0, "")
    assert '"begun": 0' in (site.var / "state" / "slots.json").read_text("utf-8")


def test_beside_a_run_at_work_what_is_due_waits_and_that_is_no_failure(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    """`run --due` from cron, every quarter of an hour of a long night: 0, one line, and nothing is begun."""
    known_for_two_days(site)
    with one_run_at_a_time(site.var / "state" / "lock"):
        assert run_due(site, None, as_json=True) == 0
    out, err = capsys.readouterr()
    assert json.loads(out) == {"outcome": "at_work", "exit_code": 0}
    assert err.splitlines() == ["A run is at work; what is due waits for its end."]
    assert '"begun": 0' in (site.var / "state" / "slots.json").read_text("utf-8")


def test_nothing_due_is_nothing_said(site: Site, ticks: Ticks, capsys: pytest.CaptureFixture[str]) -> None:
    """A look on a quiet afternoon leaves no run, no page and no word."""
    Look(site)()
    assert capsys.readouterr().err == ""
    assert not (site.var / "runs").exists()
    assert not (site.var / "reports").exists()


def test_a_step_that_hangs_is_ended_when_the_run_s_last_time_is_over(tmp_path: Path) -> None:
    """Nobody asks it to stop and it never comes to its next step: the process ends with the code of E807."""
    told = subprocess.run(
        [sys.executable, "-c", HANGS],
        cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (told.returncode, told.stdout) == (20, "")
    assert told.stderr.splitlines()[0] == "E807  The run took longer than it may."
    assert '"event":"run_took_too_long"' in (tmp_path / "viaduct.jsonl").read_text("utf-8").replace(" ", "")
