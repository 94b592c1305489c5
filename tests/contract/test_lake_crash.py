"""A publication that is killed anywhere leaves the old state or the new one, and the next load ends it."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from config.lake import LakePlace
from connectors.landing_folder import LandingFolder
from sealing import keys
from tests.batches import RECEIPTS, SENDER, Change, Sender, row
from tests.lakes import Rows, read_lake, read_warehouse
from warehouse.lake import publish_lake
from warehouse.load import load_landing
from warehouse.open_batch import Council

ROOT = Path(__file__).resolve().parents[2]
KILLS = 3
LOADER = """
import os, signal, sys
from datetime import timedelta
from functools import partial
from pathlib import Path

from config.lake import LakePlace
from connectors.landing_folder import LandingFolder
from sealing import keys
from tests.batches import RECEIPTS, SENDER
from warehouse.lake import publish_lake
from warehouse.load import load_landing
from warehouse.open_batch import Council

CALLS = {"replace", "rename", "mkdir", "rmdir", "fsync", "execute", "chmod", "unlink", "open", "write"}
seen = 0

def load(folder, at):
    def count(frame, event, argument):
        global seen
        if event == "c_call" and argument.__name__ in CALLS:
            seen += 1
            if seen == at:
                os.kill(os.getpid(), signal.SIGKILL)

    def publish():
        sys.setprofile(count)
        publish_lake(folder / "warehouse.duckdb", LakePlace("parquet", folder / "lake", timedelta(0)))
        sys.setprofile(None)
        (folder / "steps").write_text(str(seen))

    council = Council(keys.load_identity(folder / "keys"), SENDER.verifier, RECEIPTS)
    load_landing(LandingFolder(folder / "landing"), folder / "warehouse.duckdb", council, publish=publish)

def ended(folder, at):
    child = os.fork()
    if not child:
        load(folder, at)
        os._exit(0)
    return os.waitpid(child, 0)[1]

whole, *others = map(Path, sys.argv[1:])
assert ended(whole, 0) == 0
steps = int((whole / "steps").read_text())
for number, folder in enumerate(others):
    assert ended(folder, 1 + number * (steps - 1) // max(len(others) - 1, 1)) == signal.SIGKILL
print(steps)
"""


def people(*numbers: int, name: str = "Ann") -> Change:
    return Change("person", [row("person", n, given_name=name) for n in numbers])


def load(folder: Path, council: Council) -> int:
    publish = partial(publish_lake, folder / "warehouse.duckdb", LakePlace("parquet", folder / "lake"))
    landing = LandingFolder(folder / "landing")
    return len(load_landing(landing, folder / "warehouse.duckdb", council, publish=publish))


def prepared(folder: Path) -> Council:
    """Load and publish a first batch; lay down a second that changes, withdraws, and begins a flow."""
    keys.create("council", folder / "keys", folder / "public")
    council = Council(keys.load_identity(folder / "keys"), SENDER.verifier, RECEIPTS)
    sender = Sender(folder / "landing", council.identity.recipient)
    sender.publish(people(1, 2, 3))
    load(folder, council)
    sender.publish(people(2, 4, name="Bea"), Change("person", [row("person", 3)], "withdraw"))
    Sender(folder / "landing", council.identity.recipient, "commissioning").publish(people(1))
    return council


def shown(folder: Path) -> dict[str, Rows]:
    """Return what a reader of the lake sees, the lists of batches left aside: they say when it was loaded."""
    return {name: rows for name, rows in read_lake(folder / "lake").items() if "batches" not in name}


def sweep(folder: Path, kills: int) -> tuple[int, int]:
    """Kill a publication at so many of its steps; return how many steps there are, how many left the old."""
    whole, *mine = [folder / str(number) for number in range(kills + 1)]
    councils = [prepared(one) for one in (whole, *mine)][1:]
    before = shown(whole)
    command = [sys.executable, "-c", LOADER, str(whole), *map(str, mine)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    after, old = shown(whole), 0
    assert before != after
    for one, council in zip(mine, councils, strict=True):
        assert shown(one) in (before, after)
        old += shown(one) == before
        assert len(receipts(one)) == 1, "no receipt before the lake is whole"
        load(one, council)
        assert shown(one) == after
        assert read_lake(one / "lake") == read_warehouse(one / "warehouse.duckdb")
        assert len(receipts(one)) == 3
        assert only_named(one / "lake")
    return int(ended.stdout), old


def receipts(folder: Path) -> list[Path]:
    return list((folder / "landing/receipts").rglob("*.json"))


def only_named(lake: Path) -> bool:
    """Return whether every folder of a version is one that the pointer names."""
    said = json.loads((lake / "current.json").read_text())
    named = {flow["folder"] for flow in said["flows"].values()} | {
        old["folder"] for old in said["superseded"]
    }
    return {path.relative_to(lake).as_posix() for path in lake.glob("*/*")} == named


@pytest.mark.skipif(not hasattr(os, "fork"), reason="This system cannot fork a process.")
def test_a_publication_killed_anywhere_shows_the_old_state_or_the_new(tmp_path: Path) -> None:
    """Killed from its first step to its last: a reader sees one whole state, no receipt lies there yet.

    The next load shows the new state, leaves the receipts, and nothing half written stays.
    """
    steps, old = sweep(tmp_path, KILLS)
    assert steps > 30
    assert 0 < old < KILLS, "both sides of the pointer's replacement were met"


@pytest.mark.soak
@pytest.mark.skipif(not hasattr(os, "fork"), reason="This system cannot fork a process.")
def test_every_step_of_a_publication_killed(tmp_path: Path, say: Callable[[str], None]) -> None:
    """The same at sixty steps."""
    steps, old = sweep(tmp_path, 60)
    say(f"{steps} steps, 60 kills: {old} left the old state, {60 - old} the new one")
