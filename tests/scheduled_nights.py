"""A site whose runs by the timetable can be watched: due at a word, and a scheduler that halts at a step."""

import os
import re
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

from common import clock
from common.files import private_folder
from config.site import Site
from scheduler.claims import Claim, write_claims
from scheduler.due import claims_path
from tests.nights import NightSite

ROOT = Path(__file__).absolute().parents[1]
HALTING = """
import sys
from sync.steps import Steps
step, reached = sys.argv.pop(1), Steps.reached
def halting(self, name, done=0, of=0):
    if name == step:
        print(name, flush=True)
        sys.stdin.readline()
    reached(self, name, done, of)
Steps.reached = halting
import commands
sys.exit(commands.main())
"""


def slot_of_tomorrow() -> datetime:
    """Return the instant of the example's slot on the day after tomorrow: no run of today serves it."""
    day = clock.today() + timedelta(days=2)
    return datetime(day.year, day.month, day.day, 2, 30, tzinfo=clock.LONDON)


def make_due(night: NightSite) -> None:
    """Let every source be due at this moment: known for two days, and no run in the history."""
    for path in (night.site.var / "runs").glob("*.json"):
        path.unlink()
    known_for_two_days(night.site)


def known_for_two_days(site: Site) -> None:
    """Let the scheduler know the sources for two days, and nothing that it began."""
    known = Claim(clock.now() - timedelta(days=2))
    private_folder(site.var / "state")
    write_claims(claims_path(site), dict.fromkeys(site.sources, known))


def say_in_schedule(night: NightSite, line: str) -> None:
    """Change the line of the schedule of site.yaml that sets the same."""
    path, key = night.folder / "site.yaml", line.partition(":")[0]
    text, found = re.subn(rf"(?m)^  {key}: .*$", f"  {line}", path.read_text(encoding="utf-8"))
    assert found == 1
    path.write_text(text, encoding="utf-8")


class HaltedScheduler:
    """`run_sync.py schedule` as a process of its own whose run halts where a step is reached."""

    def __init__(self, night: NightSite, step: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", HALTING, step, "schedule", "--site", str(night.folder)],
            cwd=ROOT,
            env=os.environ | {"POLARS_MAX_THREADS": "2"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.halted_at = self.process.stdout.readline().strip()

    def ask(self, number: int, log_file: Path) -> None:
        """Send the signal; return once the process has taken it."""
        self.process.send_signal(number)
        until = time.monotonic() + 30
        while time.monotonic() < until and "stop_asked" not in log_file.read_text("utf-8"):
            time.sleep(0.05)

    def ends(self, *, go_on: bool = False) -> tuple[int, str]:
        """Return how the process ended and what it said; with `go_on` its step ends first."""
        _, said = self.process.communicate("\n" * 100 if go_on else None, timeout=60)
        return self.process.returncode, said
