"""The Containerfile: nobody's user, dependencies by digest, all of the program and nothing of a site.

No builder is part of our tests. What it copies is copied here, and the program is started from that alone.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.house.test_house import ROOMS

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "how_to" / "install_in_a_container.md"
FILE = ROOT / "deploy" / "container" / "Containerfile"


def steps() -> list[tuple[str, str]]:
    """Return every instruction with what follows it, lines that go on joined."""
    text = re.sub(r"(?m)^#.*\n", "", FILE.read_text(encoding="utf-8")).replace("\\\n", " ")
    return [(line.split()[0], line.partition(" ")[2].strip()) for line in text.splitlines() if line.strip()]


def copied() -> list[list[str]]:
    """Return what each COPY takes from the repository, and where it puts it."""
    found = [words.split() for instruction, words in steps() if instruction == "COPY"]
    return [words for words in found if not words[0].startswith("--from")]


def test_the_container_runs_as_nobody_and_by_words_not_by_a_shell() -> None:
    """A numeric user that is not root, after the last thing that root does; the verb is a list of words."""
    said = steps()
    names = [instruction for instruction, _ in said]
    (user,) = [words for instruction, words in said if instruction == "USER"]
    assert re.fullmatch(r"[1-9]\d{3,}:[1-9]\d{3,}", user)
    assert names.index("USER") > max(number for number, name in enumerate(names) if name in {"RUN", "COPY"})
    assert json.loads(dict(said)["ENTRYPOINT"])[-1].endswith("/run_sync.py")
    assert json.loads(dict(said)["CMD"]) == ["run", "--due"]
    assert dict(said)["STOPSIGNAL"] == "SIGTERM"


def test_nothing_is_installed_that_the_lock_does_not_name_by_its_digest() -> None:
    """One install, of the lock, hashes required, nothing built; nothing fetched otherwise; no moving tag."""
    text = " ".join(words for _, words in steps())
    (install,) = re.findall(r"pip install [^&]*", text)
    assert {"--require-hashes", "--only-binary", ":all:", "-r"} <= set(install.split())
    (locks,) = [words for instruction, words in steps() if instruction == "ARG" and words.startswith("LOCKS")]
    assert locks == 'LOCKS="requirements.txt"'
    named = re.findall(r'LOCKS="(.+?)"', PAGE.read_text(encoding="utf-8"))
    assert named
    for lock in " ".join(named).split():
        text_of_lock = (ROOT / lock).read_text(encoding="utf-8")
        assert "--hash=sha256:" in text_of_lock
    assert "ADD" not in dict(steps())
    assert not re.search(r"\b(curl|wget|apt-get|latest)\b", text)


def test_the_program_starts_from_what_is_copied_and_from_nothing_else(tmp_path: Path) -> None:
    """Every room is among it, no test and no site's state; a verb that knows every room answers."""
    assert {words[0] for words in copied()} >= {*ROOMS, "demo", "run_sync.py"}
    for *patterns, target in copied():
        for pattern in patterns:
            assert list(ROOT.glob(pattern)), pattern
        for path in (path for pattern in patterns for path in ROOT.glob(pattern)):
            if path.is_dir():
                ignored = shutil.ignore_patterns("__pycache__", "var")
                shutil.copytree(path, tmp_path / target, ignore=ignored)
            else:
                shutil.copy(path, tmp_path / target)
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    said = subprocess.run(
        [sys.executable, "run_sync.py", "check", "--site", "config/example"],
        cwd=tmp_path,
        env=environment | {"PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert "Still to be done before a run:" in said.stderr
    assert "Traceback" not in said.stderr


def test_no_key_and_no_state_is_sent_to_a_builder() -> None:
    """What lies about in a clone stays there: keys, state, warehouses, environments."""
    ignored = (FILE.parent / f"{FILE.name}.dockerignore").read_text(encoding="utf-8").splitlines()
    assert {"**/var", "**/*.key", "**/.venv", "**/.git"} <= set(ignored)
