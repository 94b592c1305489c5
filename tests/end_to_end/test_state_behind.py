"""A machine put back to an older night beside a council side that went on: told at once, and led out of."""

import json
import shutil
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from tests.nights import NightSite
from tests.small_sample import a_day_later

ROOMS = ("state", "log", "landing")
PAGE = Path(__file__).parents[2] / "docs/how_to/restore.md"


@pytest.fixture(scope="session")
def settled(hub_settled: NightSite) -> NightSite:
    """Return the hub's own site: nothing here is about several sources."""
    return hub_settled


def batches(night: NightSite) -> list[tuple[object, ...]]:
    with closing(duckdb.connect(str(night.site.warehouse), read_only=True)) as warehouse:
        known = "select flow, sequence, batch_id from viaduct_batches order by all"
        return warehouse.execute(known).fetchall()


def test_a_machine_put_back_is_told_that_the_council_side_is_ahead(night: NightSite, tmp_path: Path) -> None:
    """A virtual machine's backup beside a warehouse elsewhere: the number is used there, the batch never
    loaded. The run says so with exit 51; the page's way out sends what is right under the next number.
    """
    var, older = night.site.var, tmp_path / "older"
    for room in ROOMS:
        shutil.copytree(var / room, older / room)
    night.drop(a_day_later())
    assert night.night(accept_drop=True).exit_code == 1
    known = batches(night)
    for room in ROOMS:
        shutil.rmtree(var / room)
        shutil.copytree(older / room, var / room)
    again = night.night(accept_drop=True)
    assert {error.code for error in again.errors} == {"E818"}
    assert again.exit_code == 51
    assert all(len(str(error).splitlines()) == 4 for error in again.errors)
    assert batches(night) == known
    for flow in ("early_help", "commissioning"):
        assert f"var/state/outbox/{'FLOW'}" in PAGE.read_text(encoding="utf-8")
        shutil.rmtree(var / "state/outbox" / flow, ignore_errors=True)
        receipt = json.loads(max((var / "landing/receipts" / flow).glob("*.json")).read_bytes())["receipt"]
        for batch in (var / "landing" / flow).glob(f"{receipt['sequence']:08d}-*"):
            shutil.rmtree(batch)
        chain = json.loads((var / f"state/chain/{flow}.json").read_bytes())
        chain |= {name: receipt[name] for name in ("sequence", "manifest_sha256")}
        (var / f"state/chain/{flow}.json").write_text(json.dumps(chain), encoding="utf-8")
    led_out = night.night(full=True, accept_growth=True, accept_drop=True)
    assert led_out.errors == []
    assert [(flow, number) for flow, number, _ in batches(night)] == [
        ("commissioning", 1), ("commissioning", 2), ("commissioning", 3),
        ("early_help", 1), ("early_help", 2), ("early_help", 3),
    ]  # fmt: skip
    assert [flow.state for flow in night.night().flows] == ["nothing_sent"] * 2
