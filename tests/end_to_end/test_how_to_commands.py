"""Each command that a how-to tells somebody to type does what the page says."""

import re
import shlex
from pathlib import Path

import pytest

import commands
from commands.last_resort import carry_out
from common import log
from tests.nights import NightSite

PAGES = Path(__file__).parents[2] / "docs" / "how_to"


def told(page: str) -> list[list[str]]:
    """Return the words of every command of the page that stands on a line of its own."""
    text = (PAGES / page).read_text(encoding="utf-8")
    return [shlex.split(line) for line in re.findall(r"(?m)^python run_sync\.py (.+)$", text)]


def typed(words: list[str], night: NightSite) -> int:
    """Return the exit code of the verb on this site."""
    try:
        return carry_out(lambda: commands._named([*words, "--site", str(night.folder)]))
    finally:
        log.shut()


def test_keeping_to_the_periods(night: NightSite, capsys: pytest.CaptureFixture[str]) -> None:
    """First what would go, then what went: the same numbers, and a certificate in the landing zone."""
    look, remove = told("retention.md")
    assert typed([*look, "--json"], night) == 0
    would = capsys.readouterr().out
    assert typed([*remove, "--json"], night) == 0
    went = capsys.readouterr().out
    numbers = re.compile(r'"(?:due|expired|blocked|waiting|no_clock|rows)": (\d+)')
    assert numbers.findall(would) == numbers.findall(went)
    assert sum(map(int, numbers.findall(would))) > 100
    assert (night.site.landing / "certificates" / "early_help" / "00000001.json").exists()
    assert typed(look, night) == 0
    said = capsys.readouterr()
    assert "Dry run: nothing was removed." in said.err
    assert "early_help" in said.out
