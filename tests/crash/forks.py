"""A prepared process: it has imported the product once, and forks for every verb it is asked to carry out.

A forked verb waits at a gate (before it begins, or at a step of the run) until it is let go, so that a tracer
can be put on it; its calls are counted from there. Its clock began in the morning, so that no sweep goes on
into another day. Each line on stdin is a request in JSON (`start`, `go`, `wait`), each answer one line on
stdout. What a verb says goes through memory and a socket, never through `write`: a disk that takes nothing
does not silence it. What native code says goes into a file of its own.
"""

import contextlib
import ctypes
import gc
import hashlib
import importlib
import io
import itertools
import json
import os
import secrets
import signal
import socket
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import commands
from common import clock
from config.documents import read_tree
from quality import catalogue
from sync.steps import Steps
from tests.crash import planted
from tests.day_clock import going_on_from

TEMPORARY = "temporary"
READY = b"!"
BEGAN_AT = "VIADUCT_CRASH_BEGAN_AT"
SET_DEATH_SIGNAL, SET_TRACER, ANY_TRACER = 1, 0x59616D61, -1
UNDISTURBED = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0", "POLARS_MAX_THREADS": "1"}


@dataclass
class Forked:
    """A verb in a process of its own."""

    process: int
    gate: int
    said: socket.socket
    native: Path


def start(request: dict[str, Any], temporary: Path) -> Forked:
    """Return the verb's process, waiting at its gate."""
    waits, gate = os.pipe()
    says, said = socket.socketpair()
    native = temporary / f"native-{len(list(temporary.iterdir()))}"
    child = os.fork()
    if child == 0:
        os.close(gate)
        said.close()
        _carry_out(request, waits, says, native)
    os.close(waits)
    says.close()
    assert said.recv(1) == READY, "the verb ended before it came to its gate"
    return Forked(child, gate, said, native)


def _carry_out(request: dict[str, Any], waits: int, says: socket.socket, native: Path) -> None:
    """Do what the request says and end the process, whatever happens."""
    answer: dict[str, Any] = {"code": None, "out": "", "err": ""}
    try:
        _keep_to_itself(native)
        planted.plant(request.get("bug"))
        secrets.token_hex = steady_tokens(request.get("seed") or str(os.getpid()))
        sys.stdout, sys.stderr = io.StringIO(), io.StringIO()
        tempfile.tempdir = os.environ["TMPDIR"] = str(Path(request["site"], TEMPORARY))
        Path(tempfile.tempdir).mkdir(exist_ok=True)
        _wait_at(request.get("gate"), waits, says)
        answer["code"] = commands.main([*request["words"], "--site", request["site"]])
        answer |= {"out": sys.stdout.getvalue(), "err": sys.stderr.getvalue()}
        if request.get("modules"):
            answer["modules"] = sorted(sys.modules)
    finally:
        says.sendall(json.dumps(answer).encode())
        os._exit(0)


def _wait_at(step: str | None, waits: int, says: socket.socket) -> None:
    """Wait to be let go: now, or once the run has reached this step for the first time."""
    go_on = Steps.reached

    def wait() -> None:
        Steps.reached = go_on  # type: ignore[method-assign]
        says.sendall(READY)
        os.read(waits, 1)

    def reached(steps: Steps, now: str, done: int = 0, of: int = 0) -> None:
        if now == step:
            wait()
        go_on(steps, now, done, of)

    if step is None:
        wait()
    else:
        Steps.reached = reached  # type: ignore[method-assign]


def steady_tokens(seed: str) -> Callable[[int | None], str]:
    """Return what stands in for `secrets.token_hex`: the same names in every process of this seed."""
    counted = itertools.count()

    def token_hex(size: int | None = None) -> str:
        return hashlib.sha256(f"{seed}:{next(counted)}".encode()).hexdigest()[: 2 * (size or 32)]

    return token_hex


def _keep_to_itself(native: Path) -> None:
    """Die with the server, let any tracer of ours attach, and send what native code says into the file."""
    libc = ctypes.CDLL(None)
    libc.prctl(SET_DEATH_SIGNAL, signal.SIGKILL)
    libc.prctl(SET_TRACER, ctypes.c_ulong(ANY_TRACER))
    os.dup2(os.open("/dev/null", os.O_RDWR), 0)
    words = os.open(native, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    os.dup2(words, 1)
    os.dup2(words, 2)


def wait(forked: Forked) -> dict[str, Any]:
    """Return what the verb said once it has ended; `signal` is the one that ended it, 0 if none did."""
    said = b""
    while piece := forked.said.recv(1 << 20):
        said += piece
    forked.said.close()
    _, status = os.waitpid(forked.process, 0)
    native = forked.native.read_bytes().decode(errors="replace") if forked.native.exists() else ""
    forked.native.unlink(missing_ok=True)
    answer = json.loads(said) if said else {"code": None, "out": "", "err": ""}
    return answer | {"native": native, "signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0}


def main() -> None:
    """Serve until stdin ends."""
    clock.now = going_on_from(datetime.fromisoformat(os.environ[BEGAN_AT]))
    temporary = Path(sys.argv[1])
    running: dict[int, Forked] = {}
    catalogue()
    for line in sys.stdin:
        request = json.loads(line)
        answer: dict[str, Any] = {}
        if "start" in request:
            forked = start(request["start"], temporary)
            running[forked.process] = forked
            answer = {"process": forked.process}
        elif "go" in request:
            os.write(running[request["go"]].gate, b".")
            os.close(running[request["go"]].gate)
        elif "wait" in request:
            answer = wait(running.pop(request["wait"]))
        elif "import" in request:
            for name in request["import"]:
                with contextlib.suppress(ImportError):
                    importlib.import_module(name)
            for path in sorted(Path(request["site"]).rglob("*.yaml")):
                read_tree(path)
            gc.freeze()
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
