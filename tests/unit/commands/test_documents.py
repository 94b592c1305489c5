"""The documents of a file that is no site's own."""

import json
from pathlib import Path

import pytest

import commands
from commands.last_resort import carry_out
from tests.unit.sharing.records import EXAMPLE


def test_a_draft_beside_no_site_has_its_documents_which_say_that_it_is_not_in_force(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A draft that nobody signed is told page by page, and each page says why it may not run."""
    draft = tmp_path / "draft.yaml"
    draft.write_text(
        EXAMPLE.read_text(encoding="utf-8").replace("status: approved", "status: draft", 1), "utf-8"
    )
    out = tmp_path / "pages"
    words = ["--site", str(tmp_path), "dpia", "documents", str(draft), "--out", str(out), "--json"]
    assert carry_out(lambda: commands._named(words)) == 0
    said = json.loads(capsys.readouterr().out)
    assert {Path(name).name for name in said["files"]} == {path.name for path in out.iterdir()}
    told = json.loads((out / "impact_assessment.json").read_text(encoding="utf-8"))["assessment"]
    assert (told["status"], told["in_force"], told["sha256"]) == ("draft", False, said["sha256"])
    page = (out / "impact_assessment.html").read_text(encoding="utf-8")
    assert "only an approved DPIA runs" in page
    assert "nobody whose key is trusted here" in page
    assert "index.html" not in page


def test_a_file_that_does_not_load_has_no_documents(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is wrong is told with its line, exit 10, and nothing is written."""
    broken = tmp_path / "broken.yaml"
    broken.write_text(
        EXAMPLE.read_text(encoding="utf-8").replace("purpose: early-help", "purpose: none-such", 1), "utf-8"
    )
    out = tmp_path / "pages"
    words = ["--site", str(tmp_path), "dpia", "documents", str(broken), "--out", str(out)]
    assert carry_out(lambda: commands._named(words)) == 10
    assert "none-such: no such purpose" in capsys.readouterr().err
    assert not out.exists()
