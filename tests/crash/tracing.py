"""A verb under strace: its calls written down, one of them killed, stopped, failed or signalled."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.crash.calls import CHANGING, Trace, read_trace
from tests.crash.fork_server import ForkServer

WHOLE_BYTES = 1 << 26
FOLLOWING = ("?lseek", "?_llseek", "read", "close", "?dup", "?dup2", "dup3", "fcntl", "mmap")


@dataclass(frozen=True)
class Inject:
    """What happens at one call: of this name, at this count in its thread.

    `tamper` in strace's words: signal=KILL (the call is not carried out), error=ENOSPC, …
    """

    name: str
    when: str
    tamper: str

    @property
    def words(self) -> list[str]:
        """Return the words of the command line."""
        return ["-e", f"inject={self.name}:{self.tamper}:when={self.when}"]


@dataclass(frozen=True)
class Told:
    """What a traced verb did and said."""

    trace: Trace
    said: dict[str, Any]


def needed() -> None:
    """Skip, or in continuous integration fail, where calls cannot be traced."""
    lacking = "strace is not here: apt-get install strace" if shutil.which("strace") is None else _refused()
    if lacking and os.environ.get("CI") == "true":
        pytest.fail(lacking)
    if lacking:
        pytest.skip(lacking)


def _refused() -> str:
    """Return why a process may not be traced here; nothing where it may."""
    tried = subprocess.run(["strace", "-o", os.devnull, "true"], capture_output=True, text=True, check=False)
    return "" if tried.returncode == 0 else f"strace may not trace here: {tried.stderr.strip()[:200]}"


class Tracer:
    """Runs verbs of a fork server under strace."""

    def __init__(self, server: ForkServer, folder: Path) -> None:
        self.server = server
        self._folder = folder
        self._number = 0
        folder.mkdir(parents=True, exist_ok=True)

    def verb(
        self, site: Path, *words: str, inject: Inject | None = None, whole: bool = False, **request: Any
    ) -> Told:
        """Return what the verb did and said; `whole` keeps every byte it wrote."""
        process = self.server.start(site, *words, **request)
        out = self._new_file()
        strace = attach(process, out, inject, whole=whole, alone=inject is not None)
        self.server.go(process)
        said = self.server.wait(process)
        _, words_of_strace = strace.communicate()
        assert strace.returncode is not None
        with out.open(encoding="utf-8", errors="surrogateescape") as lines:
            trace = read_trace(lines if inject is None else (f"{process} {line}" for line in lines))
        out.unlink()
        assert trace.ends, f"nothing was traced: {words_of_strace[:300]}"
        return Told(trace, said)

    def _new_file(self) -> Path:
        self._number += 1
        return self._folder / f"trace-{self._number}"


def attach(
    process: int, out: Path, inject: Inject | None = None, *, whole: bool = False, alone: bool = False
) -> subprocess.Popen[str]:
    """Return strace at work on the process, attached to it; `alone`, on its first thread and no other.

    Every thread counts its own calls. Those that hand work to each other write too, more of them the busier
    the machine is, and would be met in place of the call that was aimed at.
    """
    names = [*CHANGING, *FOLLOWING] if whole else CHANGING
    strace = subprocess.Popen(
        [
            "strace", *([] if alone else ["-f"]), "-y", "-p", str(process), "-o", str(out),
            "-e", f"trace={','.join(names)}",
            *(["-x", "-s", str(WHOLE_BYTES)] if whole else ["-s", "0"]), *(inject.words if inject else []),
        ],
        stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    assert strace.stderr is not None
    attached = strace.stderr.readline()
    assert "attached" in attached, attached
    return strace
