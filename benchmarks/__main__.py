"""`python -m benchmarks --rows N`: each job in a process of its own, one after another."""

import argparse
import compileall
import shutil
import subprocess
import sys
from pathlib import Path

from benchmarks.jobs import JOBS
from benchmarks.measure import Measured, best, measure
from benchmarks.place import ROOT, without_state
from benchmarks.table import RESULTS, aims, merge, shown

SMALL = 200_000
NEW = """
import sys
from pathlib import Path
from benchmarks.place import made
made(Path(sys.argv[1]), int(sys.argv[2]))
"""


def main() -> None:
    """Measure what was asked for, print the table, merge it into the results."""
    asked = _asked()
    _compile()
    work = ROOT / "var" / "benchmarks" / str(asked.rows)
    # In a process of its own, so that the one that measures stays small.
    subprocess.run([sys.executable, "-c", NEW, str(work), str(asked.rows)], cwd=ROOT, check=True)
    repeats = asked.repeats or (3 if asked.rows <= SMALL else 1)
    measured = []
    for job in asked.jobs:
        runs = [_once(job, asked.rows, work) for _ in range(repeats)]
        measured.append(best(runs))
        print(f"{job}: {measured[-1].cpu_seconds} CPU seconds", flush=True)
    found = merge(asked.results, measured)
    print(shown(found, asked.rows), aims(found), sep="\n\n")


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rows", type=int, default=5_000, help="referrals in the exports")
    parser.add_argument("--jobs", nargs="+", choices=list(JOBS), default=list(JOBS))
    parser.add_argument("--repeats", type=int, help="the best of so many runs counts (3; 1 for large sizes)")
    parser.add_argument("--results", type=Path, default=RESULTS)
    return parser.parse_args()


def _compile() -> None:
    """Compile every room first: half of a short run is importing."""
    for package in ROOT.glob("*/__init__.py"):
        compileall.compile_dir(package.parent, quiet=1)


def _once(job: str, rows: int, work: Path) -> Measured:
    """Return what one run cost, in a place that no earlier run has touched."""
    if job == "viaduct":
        place = work / "site"
        without_state(place)
    else:
        place = work / job
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
    return measure(job, rows, work / "exports", place)


if __name__ == "__main__":
    main()
