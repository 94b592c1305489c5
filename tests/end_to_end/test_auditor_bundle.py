"""The auditor's folder verifies by itself; a byte changed in it is found; it names nobody."""

import hashlib
import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from demo.sample import Sample
from tests.asked_of_the_log import audit, json_of
from tests.nights import NightSite
from tests.secret_words import SecretWords


@pytest.fixture(scope="module")
def made(two_nights: NightSite, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """Return the folder, and what the verb said of it."""
    folder = tmp_path_factory.mktemp("auditor") / "bundle"
    return folder, json.loads(json_of(two_nights, "bundle", "--out", str(folder)))


def commands_of(folder: Path) -> list[list[str]]:
    """Return the commands of the bundle's own README, in its order."""
    text = (folder / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"(?ms)^```\n(.+?)^```$", text)
    return [shlex.split(line) for block in blocks for line in block.splitlines()]


def checked(folder: Path, *, without: str = "") -> tuple[int, str]:
    """Return how the commands of the bundle's own README end, run there up to the first that fails."""
    said = ""
    for command in (command for command in commands_of(folder) if command[0] != without):
        if command[0] == "python":
            command[:1] = [sys.executable, "-I"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        said += done.stdout + done.stderr
        if done.returncode:
            return done.returncode, said
    return 0, said


def is_as_listed(folder: Path, tool: str) -> bool:
    """Return whether a command of the README finds every file to be the one in SHA256SUMS."""
    (command,) = [words for words in commands_of(folder) if words[0] == tool and "SHA256SUMS" in str(words)]
    command[:1] = [sys.executable, "-I"] if tool == "python" else command[:1]
    return subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode == 0


def test_it_verifies_where_there_is_no_viaduct(made: tuple[Path, dict[str, Any]]) -> None:
    """By the commands that its own page tells, with its own copy of the verifiers; and who signed is said."""
    folder, said = made
    code, words = checked(folder)
    assert code == 0, words
    assert len(commands_of(folder)) == 4
    assert "signed by community_support, domestic_abuse_support, hub, smbc" in words
    assert f"{said['log']['size']} leaves, 4 batches" in words
    assert "8 batches and receipts are those that were logged" in words


def test_every_file_is_listed_with_its_digest_and_is_the_site_s_own(
    two_nights: NightSite, made: tuple[Path, dict[str, Any]]
) -> None:
    """Nothing more, nothing less; the log's files are byte for byte those of the site."""
    folder, said = made
    there = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    assert set(there) == {*said["files"], "contents.json", "SHA256SUMS"}
    assert hashlib.sha256(there["SHA256SUMS"].read_bytes()).hexdigest() == said["sums"]
    for name, digest in said["files"].items():
        assert hashlib.sha256(there[name].read_bytes()).hexdigest() == digest, name
    log = two_nights.site.var / "log"
    for path in (path for path in log.rglob("*") if path.is_file()):
        assert there[f"log/{path.relative_to(log).as_posix()}"].read_bytes() == path.read_bytes()
    assert "dpia/charity-crm-to-warehouse.yaml" in there


def test_no_sent_file_no_private_key_and_nobody_is_in_it(
    two_nights: NightSite, made: tuple[Path, dict[str, Any]], sample: Sample
) -> None:
    """Not one sealed body, no secret of any role, and no word of a person of the sample."""
    folder, said = made
    assert not [name for name in said["files"] if name.endswith((".age", ".key", ".marks", ".sqlite"))]
    secrets = [
        path.read_text(encoding="ascii").splitlines()[1].encode()
        for path in two_nights.site.keys.private.glob("*.key")
    ]
    words = SecretWords.of(sample)
    for path in (path for path in folder.rglob("*") if path.is_file()):
        content = path.read_bytes()
        assert not [secret for secret in secrets if secret in content], path.name
        if path.parent.name not in {"verifiers", "dpia"} and path.name != "README.md":
            assert words.within(content) == set(), path.name


@pytest.mark.parametrize(
    "name", ["log/leaves.jsonl", "log/checkpoints.jsonl", "log/people", "landing", "log/assessments"]
)
def test_a_changed_byte_is_found(made: tuple[Path, dict[str, Any]], tmp_path: Path, name: str) -> None:
    """In the leaves, the checkpoints, the people of a batch, a manifest or receipt, an assessment."""
    shutil.copytree(made[0], tmp_path / "bundle")
    place = tmp_path / "bundle" / name
    path = place if place.is_file() else min(path for path in place.rglob("*.json*") if path.is_file())
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert checked(tmp_path / "bundle", without="sha256sum")[0] == 1


def test_a_flip_in_any_file_of_it_is_found_by_its_own_list(
    made: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    """One bit in each file in turn, also of the assessment, a key, the page, the list; one more file."""
    folder = tmp_path / "bundle"
    shutil.copytree(made[0], folder)
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    assert is_as_listed(folder, "sha256sum")
    assert is_as_listed(folder, "python")
    for path in files:
        content = path.read_bytes()
        tools = commands_of(folder)
        path.write_bytes(bytes([content[0] ^ 1]) + content[1:])
        (command,) = [words for words in tools if words[0] == "sha256sum"]
        done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
        path.write_bytes(content)
        assert done.returncode == 1, path.name
    (dpia,) = [path for path in files if path.name == "charity-crm-to-warehouse.yaml"]
    kept = dpia.read_bytes()
    dpia.write_bytes(kept + b"\n")
    assert not is_as_listed(folder, "python")
    dpia.write_bytes(kept)
    (folder / "dpia" / "another.yaml").write_bytes(kept)
    assert not is_as_listed(folder, "python")


def test_a_version_that_never_ran_stands_apart_from_those_that_did(
    two_nights: NightSite, tmp_path: Path
) -> None:
    """A draft beside the file in force, and one that cannot be read: nobody takes them for what ran."""
    shutil.copytree(two_nights.folder, tmp_path / "site")
    night, out = NightSite(tmp_path / "site"), tmp_path / "bundle"
    path = night.site.dpia
    text = path.read_text(encoding="utf-8").replace("status: approved", "status: draft", 1)
    path.with_name("next.yaml").write_text(text, encoding="utf-8")
    path.with_name("torn.yaml").write_text("parties: [", encoding="utf-8")
    said = json.loads(json_of(night, "bundle", "--out", str(out)))
    assert said["never_ran"] == ["drafts/next.yaml", "drafts/torn.yaml"]
    assert [each.name for each in (out / "dpia").iterdir()] == [path.name]
    assert "never ran" in (out / "README.md").read_text(encoding="utf-8")


def test_of_a_log_that_does_not_verify_nothing_is_written(two_nights: NightSite, tmp_path: Path) -> None:
    """One digit of a leaf of a person; and a folder that holds something is not written into."""
    shutil.copytree(two_nights.folder, tmp_path / "site")
    night, out = NightSite(tmp_path / "site"), tmp_path / "bundle"
    path = night.site.var / "log" / "people" / "early_help" / "00000001.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"rows":12', b'"rows":11', 1))
    code, said = audit(night, "bundle", "--out", str(out))
    assert (code, len(said.splitlines())) == (60, 4)
    assert not out.exists()
    out.mkdir()
    (out / "note").write_text("mine", encoding="utf-8")
    code, said = audit(two_nights, "bundle", "--out", str(out))
    assert (code, len(said.splitlines())) == (2, 4)
    assert [path.name for path in out.iterdir()] == ["note"]
