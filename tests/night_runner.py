"""A process that runs nights on request, each in a process of its own that may be killed at a given step.

It has imported the product once and forks for every night, so that a sweep of a hundred kills pays the
imports once. Declared files are parsed once too: the sites of one sweep are copies of each other.
Each line on stdin is a request in JSON; each answer is one line of JSON on stdout.
"""

import json
import os
import resource
import shutil
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb  # noqa: F401
import pyarrow.csv  # noqa: F401
import structlog  # noqa: F401

import sync.handing_over
import sync.run
from common.errors import ViaductError
from common.files import fsync_folder
from config.documents import read_tree
from config.site import load_site
from quality import catalogue
from sync import deliver as delivery
from sync.outbox import Outbox

CHANGES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod", "sqlite3.connect"}


class Killer:
    """Counts what a run reaches, and ends its process there without a word.

    With an album it copies the site at every step instead: what a kill leaves is what is on the disk then.
    """

    def __init__(self, request: dict[str, Any]) -> None:
        self.seen: list[str] = []
        self._kill_at, self._kill_on = request.get("kill_at"), request.get("kill_on")
        self._site, self._album = Path(request["site"]), request.get("album")

    def watch(self, step: str, _done: int = 0, _of: int = 0) -> None:
        """Note the step; kill if it is the one."""
        self.seen.append(step)
        if self._album:
            shutil.copytree(self._site, Path(self._album) / f"{len(self.seen):02d}-{step}")
        if len(self.seen) == self._kill_at or step == self._kill_on:
            os.kill(os.getpid(), signal.SIGKILL)

    def audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Note a call that is about to change a file."""
        writes = (
            event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)
        )
        if event in CHANGES or writes:
            self.watch(event)


def remember_before_receipt(batch: Any, outbox: Any, way: Any, may_leave: Any) -> Any:
    """A planted bug: memory moves and the batch leaves the outbox before anybody has loaded it."""
    delivery._log(batch, way)
    delivery._publish(batch, way)
    os.replace(batch.memory, outbox.memory_path)
    outbox.advance(delivery.chain_after(batch))
    way.steps.reached("memory_moved")
    batch.remove()
    way.council()
    return delivery.Delivered("remembered")


def forget_outbox(outbox: Outbox) -> list[Any]:
    """A planted bug: what a killed run sealed is thrown away and sealed anew."""
    for path in outbox.folder.iterdir():
        path.rename(path.with_name(f".{path.name}"))
    fsync_folder(outbox.folder)
    outbox.clear_unfinished()
    return []


def plant(bug: str | None) -> None:
    """Put a bug into this process."""
    if bug == "remember_before_receipt":
        sync.handing_over.deliver = remember_before_receipt
    elif bug == "forget_outbox":
        Outbox.waiting = forget_outbox  # type: ignore[method-assign]


def night(request: dict[str, Any]) -> dict[str, Any]:
    """Return what one run did, and the steps it reached."""
    site = load_site(Path(request["site"]))
    killer = Killer(request)
    plant(request.get("bug"))
    if request.get("largest_file"):
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (request["largest_file"], resource.RLIM_INFINITY))
    watcher: Callable[..., None] | None = killer.watch
    if request.get("calls"):
        sys.addaudithook(killer.audit)
        watcher = None
    summary = sync.run.run_sync(site, sync.run.Wish(**request.get("wish", {})), watcher)
    return {"exit_code": summary.exit_code, "summary": summary.to_json(), "seen": killer.seen}


def forked(request: dict[str, Any]) -> dict[str, Any]:
    """Return what the run answered, and the signal that ended it, if any."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        code = 1
        try:
            with os.fdopen(write, "w", encoding="utf-8") as answer:
                json.dump(night(request), answer)
            code = 0
        except ViaductError as error:
            print(error, file=sys.stderr)
        except Exception:  # noqa: BLE001 - whoever asked sees that there is no answer
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(code)
    os.close(write)
    with os.fdopen(read, encoding="utf-8") as answer:
        said = answer.read()
    _, status = os.waitpid(child, 0)
    killed = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    return {**(json.loads(said) if said else {"exit_code": None}), "signal": killed}


def main() -> None:
    """Serve nights until stdin ends."""
    catalogue()
    for path in sorted(Path(sys.argv[1]).rglob("*.yaml")):
        read_tree(path)
    for line in sys.stdin:
        print(json.dumps(forked(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
