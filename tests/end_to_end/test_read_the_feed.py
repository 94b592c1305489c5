"""The page for readers of the feed, done step by step: with Viaduct, and by those who have none of it."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from tests.end_to_end.test_how_to_commands import PAGES, told, typed
from tests.nights import NightSite

PAGE = (PAGES / "read_the_feed.md").read_text(encoding="utf-8")
SHELL = re.findall(r"```sh\n(.+?)```", PAGE, re.DOTALL)
PYTHON = re.findall(r"```python\n(.+?)```", PAGE, re.DOTALL)


@pytest.fixture(scope="session")
def settled(hub_published: NightSite) -> NightSite:
    """Return the hub's own site with the figures of a quarter in force."""
    return hub_published


def test_the_feed_is_made_verified_and_read_as_the_page_says(
    night: NightSite, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Key, release and verification by the verbs; the signature by openssl, the digests by Python."""
    key, make, verify, contract = told("read_the_feed.md")
    public = night.site.keys.public / "feed.pub"
    for path in (public, night.site.keys.private / "feed.key"):
        path.unlink()
    shutil.rmtree(night.site.var / "feed")
    monkeypatch.chdir(night.folder)
    assert typed(make, night) == 40, "without a key nothing is published"
    assert [typed(words, night) for words in (key, make, verify)] == [0, 0, 0]
    release = night.site.var / "feed" / "2022-23-Q3"
    (release.parent / "feed.pub").write_bytes(public.read_bytes())
    assert "Verified Successfully" in ran(["sh", "-c", SHELL[0]], release)
    check, read = PYTHON
    assert ran([sys.executable, "-c", check], release) == "Every file is as it was published.\n"
    assert "K01" in ran([sys.executable, "-c", read], release)
    capsys.readouterr()
    assert typed(contract, night) == 0
    assert "kind: DataContract" in capsys.readouterr().out


def test_what_was_altered_is_found_by_the_page_s_own_means(night: NightSite) -> None:
    """A digit in a table: Python names the file; one in the descriptor: openssl says no."""
    release = night.site.var / "feed" / "2022-23-Q1"
    (release.parent / "feed.pub").write_bytes((night.site.keys.public / "feed.pub").read_bytes())
    figures = release / "referrals.csv"
    figures.write_bytes(figures.read_bytes().replace(b"2022-23-Q1", b"2022-23-Q2", 1))
    with pytest.raises(AssertionError, match=r"referrals\.csv"):
        ran([sys.executable, "-c", PYTHON[0]], release)
    described = release / "datapackage.json"
    described.write_bytes(described.read_bytes().replace(b'"edition": 1', b'"edition": 2', 1))
    with pytest.raises(AssertionError):
        ran(["sh", "-c", SHELL[0]], release)
    assert pl.read_csv(figures).height > 0


def ran(words: list[str], folder: Path) -> str:
    """Return what a command said in the folder of a release; it must end well."""
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout
