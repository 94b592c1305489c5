"""`run_sync.py demo`, twice, as the README shows it; `UPDATE_GOLDEN=1` writes there what it said."""

import os
import re
from pathlib import Path

import pytest

from tests.front_door import ROOT, Said, verb

README = ROOT / "README.md"
BLOCK = re.compile(r"(<!-- The output of one real run\. -->\n```\n)(.*?)(```\n)", re.DOTALL)
VARIES = [
    (re.compile(r"http://127\.0\.0\.1:\d+"), "http://127.0.0.1:PORT"),
    (re.compile(r"[0-9.]+ (kB|MB) sealed"), "SIZE sealed"),
    (re.compile(r"root [0-9a-f]{16}"), "root ROOT"),
    (re.compile(r"took( +)[0-9.]+ s"), r"took\1TIME"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def first(folder: Path) -> Said:
    return verb("demo", "--folder", str(folder / "site"), temporary=folder / "temporary", level="error")


def shown(said: Said, folder: Path) -> str:
    """Return what the command said, its site where the README has it, keys it made left out."""
    text = said.err.replace((folder / "site").as_posix(), "var/demo")
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith("Made the sample"))


def steady(text: str) -> str:
    """Return the text with what differs from run to run put into words."""
    for pattern, word in VARIES:
        text = pattern.sub(word, text)
    return text


def test_the_readme_shows_what_the_demo_says(first: Said, folder: Path) -> None:
    """Word for word and number for number, leaving aside the port, the sizes, the root and the time."""
    assert (first.code, first.out) == (0, "")
    text = README.read_text(encoding="utf-8")
    if os.environ.get("UPDATE_GOLDEN"):
        README.write_text(
            BLOCK.sub(lambda met: met[1] + shown(first, folder) + met[3], text), encoding="utf-8"
        )
    (block,) = BLOCK.findall(README.read_text(encoding="utf-8"))
    assert steady(shown(first, folder)) == steady(block[1])


def test_the_second_demo_sends_nothing(first: Said, folder: Path) -> None:
    """Nothing has changed, and nothing is sent: it says so, and ends well."""
    again = verb("demo", "--folder", str(folder / "site"), temporary=folder / "temporary", level="error")
    assert again.code == first.code == 0
    assert "so nothing was sent again (4 flows)" in again.err
    assert " released" not in again.err
