"""Processes of other users of this machine: accounts without a name and without any right but their own."""

import os
import shutil
import site
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import NoReturn

import pytest

ROOT = Path(__file__).absolute().parents[1]
ENVIRONMENT = {
    "PATH": "/usr/bin:/bin", "PYTHONPATH": os.pathsep.join([str(ROOT), *site.getsitepackages()]),
    "PYTHONDONTWRITEBYTECODE": "1", "POLARS_MAX_THREADS": "1", "COLUMNS": "200",
}  # fmt: skip
SYNC, COUNCIL = 65_101, 65_102


def as_user(uid: int, *words: str | Path, folder: Path | None = None) -> "subprocess.CompletedProcess[str]":
    """Return what a program said that ran as this user, its files readable by nobody else."""
    environment = ENVIRONMENT | {"TMPDIR": str(folder or "/nowhere"), "HOME": str(folder or "/nowhere")}
    return subprocess.run(
        list(map(str, words)), cwd=ROOT, env=environment, user=uid, group=uid, extra_groups=[], umask=0o077,
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


@cache
def _interpreter() -> str | None:
    """Return a Python of our version that other users may start, and that finds there what we find."""
    ours = f"/usr/bin/python{sys.version_info.major}.{sys.version_info.minor}"
    for candidate in (sys.executable, ours):
        try:
            said = as_user(
                SYNC, candidate, "-c", "import duckdb, polars, pyrage, commands, tests.other_users"
            )
        except OSError:
            continue
        if said.returncode == 0:
            return candidate
    return None


def python() -> str:
    """Return a Python that other users may start; where there is none say why, and fail under CI."""
    require_root("start processes of other users")
    found = _interpreter()
    if found is None:
        _cannot("no Python that other users may start finds what is installed here: its folder is private")
    return found


def require_root(what: str) -> None:
    """Where this is not root say that only root can do so: skip, and fail under CI."""
    if os.name != "posix" or os.geteuid() != 0:
        _cannot(f"only root can {what}: run as root to try this")


def _cannot(why: str) -> NoReturn:
    (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(why)


@contextmanager
def common_ground() -> Iterator[Path]:
    """Yield a folder that every user may pass through, and only root may write to."""
    folder = Path(tempfile.mkdtemp(prefix="viaduct-hosts-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def give(folder: Path, uid: int, mode: int) -> None:
    """Let a folder and everything below belong to this user; the folder itself has this mode."""
    for path in [folder, *folder.rglob("*")]:
        os.chown(path, uid, uid, follow_symlinks=False)
    folder.chmod(mode)
