"""One job measured: CPU seconds of its process with all threads and children, wall seconds, peak memory."""

import os
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.place import ROOT

QUIET = {"RUNTIME__DLTHUB_TELEMETRY": "false", "RUNTIME__LOG_LEVEL": "CRITICAL"}


@dataclass(frozen=True)
class Measured:
    """What one job cost."""

    job: str
    rows: int
    cpu_seconds: float
    wall_seconds: float
    peak_mib: float

    def to_json(self) -> dict[str, Any]:
        """Return the object of results.json."""
        return asdict(self)


def measure(job: str, rows: int, exports: Path, place: Path) -> Measured:
    """Return what the job cost in a process of its own, its start and its end included.

    Errors: SystemExit, with the job's own words, when it fails.
    """
    command = [sys.executable, "-m", "benchmarks.jobs", job, str(exports), str(place)]
    said = place / "said.txt"
    with said.open("wb") as output:
        started = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=ROOT, env=os.environ | QUIET, stdout=output, stderr=subprocess.STDOUT
        )
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{job} failed:\n{said.read_text(errors='replace')[-2000:]}")
    peak = float((place / "peak_mib").read_text(encoding="ascii"))
    cpu = used.ru_utime + used.ru_stime
    return Measured(job, rows, round(cpu, 2), round(wall, 2), round(peak, 1))


def best(runs: list[Measured]) -> Measured:
    """Return the run that cost the least CPU: other work on the machine only ever adds."""
    return min(runs, key=lambda run: run.cpu_seconds)
