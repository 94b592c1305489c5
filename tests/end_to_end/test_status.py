"""`status` on a terminal of 80 columns and 24 lines, and as JSON, after real nights."""

import json
import os
import re
import struct
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

import commands
from commands.last_resort import carry_out
from common import log
from tests.nights import NightSite
from tests.scheduled_nights import known_for_two_days

ROOT = Path(__file__).absolute().parents[2]
COLUMNS, LINES = 80, 24
fcntl, pty, termios = (pytest.importorskip(name) for name in ("fcntl", "pty", "termios"))


def on_a_terminal(*words: str) -> list[str]:
    """Return the lines that the verb shows on a terminal of 80 by 24, as they stand on it."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
    with subprocess.Popen(
        [sys.executable, "run_sync.py", *words],
        cwd=ROOT,
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, "TERM": "xterm"},
    ):
        os.close(theirs)
        said = bytearray()
        with suppress(OSError):  # a terminal whose other end is closed
            while part := os.read(ours, 4096):
                said += part
    os.close(ours)
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", said.decode())
    return [
        line[at : at + COLUMNS]
        for line in text.rstrip().splitlines()
        for at in range(0, max(1, len(line.rstrip())), COLUMNS)
    ]


def test_the_example_stands_on_one_screen(settled: NightSite) -> None:
    """Three sources, two flows, nothing wrong: at most 24 lines of 80, each source and flow on its own."""
    shown = on_a_terminal("status", "--site", str(settled.folder))
    assert len(shown) <= LINES, shown
    assert re.fullmatch(r".*\. Last run \d\d \w{3} \d\d:\d\d: exit 1\.", shown[0])
    rows = {line.split()[0]: line.split() for line in shown if line.strip()}
    for source in settled.site.sources:
        assert "done" in rows[source], shown
    assert rows["early_help"][-1] == "remembered"
    assert any(re.fullmatch(r"(Findings: .* )?Nothing needs a person\.", line) for line in shown)


def test_a_source_that_is_missed_paused_or_failed_is_said_on_the_same_screen(night: NightSite) -> None:
    """The hub's folder is away in the last run, another source is paused; all of it still on one screen."""
    folder = night.folder / "drop" / "hub"
    folder.rename(folder.with_name("away"))
    assert typed(night, "run", "--source", "hub") == 20
    assert typed(night, "pause", "--reason", "a move", "--source", "domestic_abuse_support") == 0
    shown = on_a_terminal("status", "--site", str(night.folder))
    assert len(shown) <= LINES, shown
    text = "\n".join(shown)
    assert re.search(r"hub +\d\d \w{3} \d\d:\d\d +failed E3\d\d +[\d,]+ +\d\d \w{3} \d\d:\d\d", text)
    assert re.search(r"domestic_abuse_support .* paused", text)
    assert "Paused: source domestic_abuse_support, since" in text
    assert "Needs a person:" in text


def typed(night: NightSite, *words: str) -> int:
    """Return the exit code of the verb on this site."""
    try:
        return carry_out(lambda: commands._named([*words, "--site", str(night.folder)]))
    finally:
        log.shut()


def test_the_json_tells_sources_flows_and_problems(
    night: NightSite, capsys: pytest.CaptureFixture[str]
) -> None:
    """A missed slot is among the problems and among what needs a person; a source without runs says so."""
    for path in (night.site.var / "runs").glob("*.json"):
        path.unlink()
    known_for_two_days(night.site)
    capsys.readouterr()
    assert typed(night, "status", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert [one["key"] for one in told["problems"]] == [f"H101/{name}" for name in sorted(night.site.sources)]
    assert {one["outcome"] for one in told["sources"]} == {"never run"}
    assert (told["runs"], told["flows"], len(told["overdue"])) == ([], [], 3)
    assert "source hub was due" in " ".join(told["needs"])
