"""The pages about the log for data officers and auditors: every command on them does what the page says."""

import io
import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import commands
from audit import standalone
from commands.last_resort import carry_out
from common import clock
from demo.sample import Sample
from tests.nights import NightSite
from tests.released import Council

PAGES = Path(__file__).parents[2] / "docs" / "how_to"
KEPT_AT = 3


@pytest.fixture
def desk(
    two_nights: NightSite, sample: Sample, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[NightSite, str]:
    """Return a site to be asked, and somebody of it; with what a page takes for granted beside it."""
    shutil.copytree(two_nights.folder, tmp_path / "site")
    night = NightSite(tmp_path / "site")
    for name, place in (("log", "var/log"), ("landing", "var/landing"), ("keys", "keys"), ("dpia", "dpia")):
        (tmp_path / name).symlink_to(tmp_path / "site" / place)
    for name in ("standalone.py", "standalone_proof.py", "standalone_signatures.py"):
        shutil.copy(Path(standalone.__file__).with_name(name), tmp_path)
    (tmp_path / "witness").mkdir()
    shutil.copy(tmp_path / "keys" / "log.pub", tmp_path / "witness")
    kept = (tmp_path / "log" / "checkpoints.jsonl").read_text(encoding="utf-8").splitlines()[KEPT_AT]
    (tmp_path / "earlier-checkpoint").write_text(json.loads(kept)["note"], encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    council = Council(night)
    people = [row["Org Person ID"] for row in sample.sources["hub"]["people"]]
    return night, next(one for one in people if council.row("early_help", "person", "hub", one))


def blocks(page: str, kind: str) -> list[str]:
    """Return the fenced blocks of this kind."""
    text = (PAGES / page).read_text(encoding="utf-8")
    return [body for name, body in re.findall(r"(?ms)^ *```(\w*)\n(.+?)^ *```$", text) if name == kind]


def carried_out(line: str, desk: tuple[NightSite, str], monkeypatch: pytest.MonkeyPatch) -> int:
    """Return how the command on the page ends."""
    night, reference = desk
    python, script, *words = shlex.split(line)
    assert python == "python"
    if script != "run_sync.py":
        return subprocess.run([sys.executable, "-I", script, *words], check=False).returncode
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{reference}\n"))
    code = carry_out(lambda: commands._named(["--site", str(night.folder), *words]))
    if words[1] == "statement":
        shutil.copy(max((night.site.var / "statements").glob("*.txt")), "statement.txt")
    if words[1] == "approve":
        (key,) = Path(words[words.index("--folder") + 1]).glob("*.pub")
        shutil.copy(key, night.site.keys.public)
    if words[1:3] == ["witness", "cosign"]:
        key = commands_key(Path("witness"))
        (night.site.keys.public / "witnesses").write_text(key, encoding="utf-8")
    return code


def commands_key(folder: Path) -> str:
    """Return the witness's public key, as the verb prints it."""
    from audit.witness import witness_key
    from sealing.keys import load_verifier

    return witness_key("charity.example/witness", load_verifier("witness", folder)) + "\n"


@pytest.mark.parametrize(
    ("page", "number"),
    [
        ("subject_access.md", 6),
        ("disclosure_statement.md", 3),
        ("verify_as_an_auditor.md", 13),
        ("reidentify.md", 3),
    ],
)
def test_every_command_of_the_page_ends_well(
    page: str, number: int, desk: tuple[NightSite, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the order of the page, on a site of three nights; the form on the page is a form."""
    for form in blocks(page, "yaml"):
        text = re.sub(r"(?m)^approvedOn: \S+", f"approvedOn: {clock.today()}", form)
        text = re.sub(r"(?m)^approver: .*$", "approver: Jane Example, data protection officer", text)
        text = re.sub(r"(?m)^askedOn: \S+", f"askedOn: {clock.today()}", text)
        Path("question.yaml" if page == "reidentify.md" else "release.yaml").write_text(
            text, encoding="utf-8"
        )
    if page == "verify_as_an_auditor.md":
        assert carried_out("python run_sync.py audit statement latest", desk, monkeypatch) == 0
    lines = [line for block in blocks(page, "") for line in block.splitlines()]
    assert [line for line in lines if carried_out(line, desk, monkeypatch) != 0] == []
    assert len(lines) == number
