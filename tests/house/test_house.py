"""The house rules that no linter knows, held by looking at the files themselves."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.pace import LONGEST

ROOT = Path(__file__).parents[2]
ROOMS = (
    "audit",
    "canonical",
    "commands",
    "common",
    "config",
    "connectors",
    "feed",
    "mappings",
    "quality",
    "reports",
    "scheduler",
    "sealing",
    "sharing",
    "sync",
    "warehouse",
)
POSIX_ONLY = {"fcntl", "grp", "pty", "pwd", "resource", "syslog", "termios", "tty"}
POSIX_NAMES = {
    "os.fork",
    "os.forkpty",
    "os.getuid",
    "os.geteuid",
    "os.getgid",
    "os.setuid",
    "os.setgid",
    "os.setsid",
    "os.chown",
    "os.killpg",
    "os.mkfifo",
    "os.wait",
    "os.waitpid",
    "os.statvfs",
    "os.sysconf",
    "os.pread",
    "os.pwrite",
    "os.getloadavg",
    "signal.SIGKILL",
    "signal.SIGHUP",
    "signal.SIGALRM",
    "signal.SIGUSR1",
    "signal.SIGUSR2",
    "signal.alarm",
    "signal.pause",
    "signal.pthread_sigmask",
}
VAGUE = re.compile(r"(^|_)(utils?|helpers?|managers?|misc)(_|$)")
LONGEST_LINES = 300
FILES = [
    ROOT / name
    for name in subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\n")
    if name and (ROOT / name).is_file()
]
PRODUCT = [
    path
    for path in FILES
    if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in (*ROOMS, "run_sync.py")
]
TESTS = [path for path in FILES if path.name.startswith("test_") and path.suffix == ".py"]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imported(tree: ast.AST) -> set[str]:
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    return names | {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}


def spoken(tree: ast.AST) -> set[str]:
    return {
        f"{node.value.id}.{node.attr}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    }


def test_there_is_a_product_to_look_at() -> None:
    """A scan of no files passes everything, so the scan says how much it saw."""
    assert len(PRODUCT) > 50
    assert len(TESTS) > 10
    assert set(ROOMS) == {path.relative_to(ROOT).parts[0] for path in PRODUCT} - {"run_sync.py"}


def test_imports_run_downwards() -> None:
    """The floor plan in pyproject.toml is kept."""
    found = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stdout[-3000:]


@pytest.mark.parametrize("path", PRODUCT, ids=name_of)
def test_nothing_needs_posix(path: Path) -> None:
    """Councils run Windows: no module or call that Windows lacks is on the product's path."""
    tree = ast.parse(path.read_bytes())
    assert not {module.split(".")[0] for module in imported(tree)} & POSIX_ONLY
    assert not spoken(tree) & POSIX_NAMES


def test_the_posix_scan_finds_what_it_looks_for() -> None:
    """A planted import and a planted call are both seen."""
    tree = ast.parse("import fcntl\nimport os, signal\nos.fork()\nos.kill(1, signal.SIGKILL)\n")
    assert imported(tree) & POSIX_ONLY == {"fcntl"}
    assert spoken(tree) & POSIX_NAMES == {"os.fork", "signal.SIGKILL"}


@pytest.mark.parametrize("path", PRODUCT, ids=name_of)
def test_only_the_demo_verb_knows_the_sample_portal(path: Path) -> None:
    """The product runs without the sample."""
    if name_of(path) != "commands/demo.py":
        assert "demo" not in {module.split(".")[0] for module in imported(ast.parse(path.read_bytes()))}


@pytest.mark.parametrize("path", PRODUCT, ids=name_of)
def test_a_file_can_be_read_in_one_sitting(path: Path) -> None:
    """No file of the product is longer than a reader keeps in mind."""
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_LINES


def test_no_name_says_nothing() -> None:
    """No file or folder is called after not having a name."""
    assert [
        name_of(p) for p in FILES if any(VAGUE.search(Path(part).stem) for part in p.relative_to(ROOT).parts)
    ] == []


def test_no_machine_and_no_registry_is_named() -> None:
    """A tracked file names no package registry's host and no absolute path of somebody's machine."""
    hosts = re.compile(
        "|".join(["pypi" + r"\.org", "pythonhosted" + r"\.org", "registry\\." + "npmjs", "deb\\." + "debian"])
    )
    paths = re.compile(
        r"(?<![\w.:/-])/(?:"
        + "|".join(["work", "root", "home/[a-z]", "Users/[a-z]", "opt/" + "wheels"])
        + r")\b/?"
    )
    found = []
    for path in FILES:
        if path == Path(__file__) or path.suffix in {".png", ".woff2", ".age", ".parquet"}:
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        found += [name_of(path) for pattern in (hosts, paths) if pattern.search(text)]
    assert found == []


def test_every_lock_is_hashed() -> None:
    """Every requirement of every lock has a digest."""
    for lock in ROOT.glob("requirements*.txt"):
        entries = re.findall(
            r"(?m)^[a-z0-9][^\n=]*==(?:[^\n]*\\\n)(?: +--hash=sha256:[0-9a-f]{64}(?: \\)?\n)+",
            lock.read_text("utf-8"),
        )
        assert len(entries) == len(re.findall(r"(?m)^[a-z0-9][^\n]*==", lock.read_text("utf-8")))


def test_the_front_door_is_short() -> None:
    """run_sync.py hands over and does nothing else."""
    assert len((ROOT / "run_sync.py").read_text("utf-8").splitlines()) <= 15


def test_the_files_that_begin_first_are_there_and_their_order_is_kept() -> None:
    """A file that was renamed would begin last again, and leave a worker idle at the end."""
    assert [name for name in LONGEST if not (ROOT / "tests" / name).is_file()] == []
    assert len(set(LONGEST)) == len(LONGEST)
    assert "--dist loadfile --no-loadscope-reorder" in (ROOT / "Makefile").read_text("utf-8")


@pytest.mark.parametrize("path", TESTS, ids=name_of)
def test_every_test_states_a_truth(path: Path) -> None:
    """A test is named as a sentence and says in its docstring what it proves."""
    tests = [
        node
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    ]
    assert [node.name for node in tests if not ast.get_docstring(node) or node.name.count("_") < 3] == []
