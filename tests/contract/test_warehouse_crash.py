"""The promise of every warehouse: killed anywhere and started again, it ends as if never killed."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from connectors.landing_folder import LandingFolder
from sealing import keys
from sealing.receipt import open_receipt
from tests.batches import RECEIPTS, SENDER, Change, Sender, row
from tests.today import SEED
from warehouse.load import load_landing
from warehouse.open_batch import Council
from warehouse.working_copy import published

ROOT = Path(__file__).resolve().parents[2]
KILLS, DAYS = 5, 2
LOADER = """
import os, signal, sys
from pathlib import Path

folder, at = Path(sys.argv[1]), int(sys.argv[2])
from connectors.landing_folder import LandingFolder
from sealing import keys
from tests.batches import RECEIPTS, SENDER
from warehouse.load import load_landing
from warehouse.open_batch import Council

ROOMS = tuple(os.sep + name for name in ("warehouse", "common", "connectors", "sealing"))
seen = 0

def count(frame, event, argument):
    global seen
    inside = any(room + os.sep in frame.f_code.co_filename for room in ROOMS)
    synced = event == "c_call" and argument.__name__ in {"replace", "fsync", "execute", "chmod", "unlink"}
    if (event in {"call", "return"} and inside) or synced:
        seen += 1
        if seen == at:
            os.kill(os.getpid(), signal.SIGKILL)

council = Council(keys.load_identity(folder / "keys"), SENDER.verifier, RECEIPTS)
sys.setprofile(count)
load_landing(LandingFolder(folder / "landing"), folder / "warehouse.duckdb", council)
sys.setprofile(None)
print(seen)
"""


def prepare(folder: Path) -> Council:
    """Put four batches of two flows into a landing zone; the first is loaded, the third to be refused."""
    keys.create("council", folder / "keys", folder / "public")
    council = Council(keys.load_identity(folder / "keys"), SENDER.verifier, RECEIPTS)
    sender = Sender(folder / "landing", council.identity.recipient)
    sender.publish(people(1, 2, 3))
    load(folder, council)
    sender.publish(people(2, 4, name="Bea"), Change("person", [row("person", 3)], "withdraw"))
    sender.publish(people(5, 5))
    sender.publish(people(6))
    Sender(folder / "landing", council.identity.recipient, "commissioning").publish(people(1))
    return council


def people(*numbers: int, name: str = "Ann") -> Change:
    return Change("person", [row("person", n, given_name=name) for n in numbers])


def load(folder: Path, council: Council):
    return load_landing(LandingFolder(folder / "landing"), folder / "warehouse.duckdb", council)


def state(folder: Path):
    """Return all that the warehouse says, the instants of the loads left aside."""
    tables = ("early_help.person", "early_help.withdrawn_records", "commissioning.person")
    with published(folder / "warehouse.duckdb") as connection:
        rows = [connection.execute(f"SELECT * FROM {table} ORDER BY ALL").fetchall() for table in tables]
        books = "SELECT flow, sequence, batch_id, manifest_sha256"
        rows.append(
            connection.execute(f"{books}, rows_upserted FROM viaduct_batches ORDER BY ALL").fetchall()
        )
        rows.append(connection.execute(f"{books}, reason FROM viaduct_refusals ORDER BY ALL").fetchall())
    return rows


def answers(folder: Path):
    """Return what the receipts in the landing zone say."""
    found = sorted((folder / "landing/receipts").rglob("*.json"))
    receipts = [open_receipt(path.read_bytes(), RECEIPTS.verifier) for path in found]
    return [(receipt.batch_id, receipt.outcome, receipt.reason, receipt.entities) for receipt in receipts]


def start(folder: Path, kill_at: int) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", LOADER, str(folder), str(kill_at)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="This system cannot kill a process outright.")
def test_a_load_killed_anywhere_converges(tmp_path):
    """Killed at steps from the first to the last, the next load ends where an undisturbed one ends.

    Between the two the published file always opens, and holds the state before or the state after. The steps
    that lie between today's are tomorrow's.
    """
    whole = tmp_path / "whole"
    prepare(whole)
    before = person_names(whole)
    undisturbed = start(whole, 0)
    assert undisturbed.returncode == 0, undisturbed.stderr
    steps, wanted = int(undisturbed.stdout), state(whole)
    assert steps > 100
    killed = 0
    for number in range(KILLS):
        folder = tmp_path / f"kill{number}"
        council = prepare(folder)
        ended = start(folder, 1 + (number * DAYS + SEED % DAYS) * (steps - 1) // (KILLS * DAYS - 1))
        killed += ended.returncode == -signal.SIGKILL
        assert person_names(folder) in (before, person_names(whole))
        load(folder, council)
        assert without_digests(state(folder)) == without_digests(wanted)
        assert [answer[1:] for answer in answers(folder)] == [answer[1:] for answer in answers(whole)]
        assert load(folder, council) == []
        assert not list(folder.glob(".*.loading"))
    assert killed == KILLS, "a sweep that never kills proves nothing"


def person_names(folder: Path):
    with published(folder / "warehouse.duckdb") as connection:
        return connection.execute("SELECT given_name FROM early_help.person ORDER BY ALL").fetchall()


def without_digests(rows):
    """Manifests differ from one landing zone to the next, because their recipients' keys do."""
    *tables, batches, refusals = rows
    return tables, [entry[:3] + entry[4:] for entry in batches], [entry[:3] + entry[4:] for entry in refusals]
