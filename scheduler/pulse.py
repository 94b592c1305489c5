"""The pulse of a run: while it works it writes every minute that it is there, for who watches from outside.

The lock tells only its own machine that a run is at work; a file that is written anew tells every machine
that sees the folder. A run that is killed writes no summary and no more pulses.
"""

import json
import os
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from common import clock, log
from common.files import write_atomic
from config.site import Site

LOG = log.get("scheduler")
BEAT_SECONDS = 60.0
SILENT_AFTER = timedelta(minutes=5)


@dataclass(frozen=True)
class Pulse:
    """The last pulse: of which run, begun when, of which sources, and when it was last there."""

    run_id: str
    begun_at: datetime
    beat_at: datetime
    process: int
    sources: frozenset[str]

    def is_silent(self, now: datetime) -> bool:
        """Return whether no pulse has come for so long that its process must be gone."""
        return now > self.beat_at + SILENT_AFTER


def pulse_path(site: Site) -> Path:
    """Return where the pulse stands."""
    return site.var / "state" / "pulse.json"


@contextmanager
def beating(site: Site, run_id: str, sources: Iterable[str]) -> Iterator[None]:
    """Write the pulse while the block runs: at once, then every minute; a disk that refuses costs it alone.

    Given: the lock of the run is held.
    """
    begun_at, asked, over = clock.now(), frozenset(sources), threading.Event()

    def beat() -> None:
        _write(site, Pulse(run_id, begun_at, clock.now(), os.getpid(), asked))

    def go_on() -> None:
        while not over.wait(BEAT_SECONDS):
            beat()

    beat()
    thread = threading.Thread(target=go_on, name="pulse", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(timeout=BEAT_SECONDS)


def read_pulse(site: Site) -> Pulse | None:
    """Return the last pulse; None if there was none, or it cannot be read: the history tells the rest."""
    try:
        told = json.loads(pulse_path(site).read_bytes())
        return Pulse(
            run_id=str(told["run_id"]),
            begun_at=datetime.fromisoformat(told["begun_at"]),
            beat_at=datetime.fromisoformat(told["beat_at"]),
            process=int(told["process"]),
            sources=frozenset(map(str, told["sources"])),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _write(site: Site, pulse: Pulse) -> None:
    told = {
        "run_id": pulse.run_id,
        "begun_at": clock.stamp(pulse.begun_at),
        "beat_at": clock.stamp(pulse.beat_at),
        "process": pulse.process,
        "sources": sorted(pulse.sources),
    }
    with suppress(OSError):
        write_atomic(pulse_path(site), json.dumps(told).encode())
