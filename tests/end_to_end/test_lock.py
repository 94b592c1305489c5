"""One run at a time: the second leaves with four lines; a dead holder's lock is free at once (I15)."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sync.errors import RunHoldsLock
from sync.lock import one_run_at_a_time
from sync.run import Wish, run_sync
from tests.front_door import ROOT, Said, verb
from tests.nights import ACCEPTED_BY, NightSite
from tests.small_sample import small_sample

HOLD = """
import sys, time
from pathlib import Path
from sync.lock import one_run_at_a_time
with one_run_at_a_time(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(600)
"""


def test_of_two_runs_at_once_one_works_and_the_other_leaves(tmp_path: Path) -> None:
    """A run started while another is at work ends with 75 and four lines; the first is not disturbed."""
    night = NightSite.of(tmp_path / "site", small_sample())
    others: list[Said] = []

    def meanwhile(step: str, _done: int, _of: int) -> None:
        if step == "indexed":
            others.append(
                verb(
                    "run",
                    "--site",
                    str(night.folder),
                    "--accept-growth",
                    "--accept-flagged",
                    ACCEPTED_BY,
                    temporary=tmp_path / "tmp",
                )
            )

    first = run_sync(night.site, Wish(accept_growth=True, accept_flagged=ACCEPTED_BY), meanwhile)
    assert [flow.state for flow in first.flows] == ["remembered", "remembered"]
    (other,) = others
    assert (other.code, other.out) == (75, "")
    assert other.err.splitlines() == [
        "E804  Another run holds the lock.",
        "      lock",
        "      Nothing was sent.",
        "      Wait for it to end: python run_sync.py status",
    ]
    assert len(list((night.site.var / "runs").glob("*.json"))) == 1


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL is not there.")
def test_the_lock_of_a_dead_run_is_free_at_once(tmp_path: Path) -> None:
    """Held by a living process the lock refuses; the moment that process is killed it does not."""
    path = tmp_path / "lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(RunHoldsLock), one_run_at_a_time(path):
            pass
        holder.send_signal(signal.SIGKILL)
        holder.wait()
        with one_run_at_a_time(path):
            assert path.exists()
