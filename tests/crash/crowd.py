"""Runs that meet: one stands in the middle of its work while others are asked to work as well."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.crash.points import SEED, Point
from tests.crash.scene import NIGHT, Stage
from tests.crash.tracing import attach

PATIENCE_SECONDS = 120
LOOK_SECONDS = 0.01


class Holder:
    """A verb that stands still until it is let go on, or killed."""

    def __init__(self, stage: Stage, process: int) -> None:
        self._stage = stage
        self.process = process

    def go_on(self) -> dict[str, Any]:
        """Let it work to its end and return what it said."""
        self._stage.server.go(self.process)
        return self._stage.server.wait(self.process)

    def die(self) -> None:
        """Kill it where it stands."""
        os.kill(self.process, signal.SIGKILL)
        assert self._stage.server.wait(self.process)["signal"] == signal.SIGKILL


def holding(stage: Stage, site: Path, step: str) -> Holder:
    """Return a night that stands at this step, its lock held."""
    return Holder(stage, stage.server.start(site, *NIGHT, gate=step))


@contextmanager
def stopped(stage: Stage, site: Path, words: tuple[str, ...], point: Point) -> Iterator[dict[str, Any]]:
    """Stop a verb at a call while the block runs; afterwards what was yielded holds what it said."""
    said: dict[str, Any] = {}
    process = stage.server.start(site, *words, seed=SEED, gate=point.gate)
    out = stage.folder / f"stopped-{process}"
    strace = attach(process, out, point.inject("signal=STOP"))
    stage.server.go(process)
    try:
        _wait_until_stopped(out)
        yield said
    finally:
        os.kill(process, signal.SIGCONT)
        said.update(stage.server.wait(process))
        strace.communicate()
        out.unlink()


def _wait_until_stopped(out: Path) -> None:
    """Wait until the trace says so: a traced process stands still for a moment at each of its calls."""
    ends = time.monotonic() + PATIENCE_SECONDS
    while b"--- stopped by SIGSTOP ---" not in out.read_bytes():
        assert time.monotonic() < ends, "the verb never came to the call at which it was to stop"
        time.sleep(LOOK_SECONDS)
