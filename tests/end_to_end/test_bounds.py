"""Memory and disk have ceilings that hold at ten times the exports, and what waits on disk is sealed."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import benchmarks.feed
from benchmarks.feed import measured, times
from benchmarks.place import made_exports, made_site
from config.site import load_site
from connectors.spool import Spool
from sync import place as workplace
from sync.run import Wish, run_sync
from tests.nights import ACCEPTED_BY, NightSite
from tests.small_sample import small_sample

ROOT = Path(__file__).parents[2]
MIB = 1 << 20
needs_proc = pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="No /proc to look into here.")


def bounded_night(folder: Path, referrals: int, partition_megabytes: int) -> dict[str, Any]:
    """Return what one first night over so many referrals took, in a process of its own."""
    (folder / "exports").mkdir(parents=True)
    exports = made_exports(folder / "exports", referrals)
    site = made_site(folder / "site", exports)
    limit(site, f"partition_megabytes: {partition_megabytes}")
    command = [sys.executable, "-m", "tests.bounded_night", str(site)]
    two = os.environ | {"POLARS_MAX_THREADS": "2"}
    ended = subprocess.run(command, cwd=ROOT, env=two, capture_output=True, text=True, check=True)
    said: dict[str, Any] = json.loads(ended.stdout)
    return said | {"export_bytes": sum(path.stat().st_size for path in exports.glob("*.csv"))}


def limit(site: Path, *lines: str) -> None:
    """Declare ceilings of the run in site.yaml."""
    path = site / "site.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(f"{text}\nlimits:\n" + "".join(f"  {line}\n" for line in lines), encoding="utf-8")


def held(one: dict[str, Any], ten: dict[str, Any], memory_ratio: float) -> str:
    """See that ten times the exports stayed within the ceilings, and return what was measured."""
    for said in (one, ten):
        assert said["exit_code"] == 1
        assert said["planted_word_seen"]
        assert said["in_clear"] == []
        assert said["left"] == []
        assert said["disk_bytes"] < 5 * said["export_bytes"]
        assert min(said["looked_through"][step] for step in ("pulled", "gathered")) > said["export_bytes"] / 2
    assert ten["released"] > 9 * one["released"]
    assert ten["export_bytes"] > 9 * one["export_bytes"]
    grown = [said["peak_bytes"] - said["before_bytes"] for said in (one, ten)]
    assert grown[1] < memory_ratio * grown[0]
    shown = [
        f"{said['export_bytes'] / MIB:.0f} MiB of exports: memory {said['peak_bytes'] / MIB:.0f} MiB, "
        f"disk {said['disk_bytes'] / MIB:.0f} MiB"
        for said in (one, ten)
    ]
    return "; ".join(shown)


@needs_proc
def test_ten_times_the_exports_take_less_than_twice_the_memory(
    tmp_path: Path, say: Callable[[str], None]
) -> None:
    """What ten times the exports take beyond the imports is under 1.8 times what the exports themselves take
    (a run that kept its partitions would take twice); disk stays under five times the exports, and nothing on
    it is in clear: exports, mapped tables and partitions alike.
    """
    say(held(bounded_night(tmp_path / "one", 3_000, 2), bounded_night(tmp_path / "ten", 30_000, 2), 1.8))


@needs_proc
@pytest.mark.soak
def test_ten_times_a_large_provider(tmp_path: Path, say: Callable[[str], None]) -> None:
    """As above, with a hundred thousand and a million referrals, in partitions of the usual size."""
    say(
        held(
            bounded_night(tmp_path / "one", 100_000, 64), bounded_night(tmp_path / "ten", 1_000_000, 64), 2.0
        )
    )


@needs_proc
@pytest.mark.soak
def test_figures_of_a_million_referrals(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, say: Callable[[str], None]
) -> None:
    """Publishing the figures of a million takes under 1.8 times the memory of a hundred thousand, and under
    800 MiB (counted at once it took 1,500); nothing is left beside the warehouse.
    """
    monkeypatch.setattr(benchmarks.feed, "WORK", tmp_path)
    one, ten = measured(100_000), measured(1_000_000)
    assert ten["rows_of_the_flow"] > 9 * one["rows_of_the_flow"]
    assert ten["most_mib"] < min(800, 1.8 * one["most_mib"])
    assert not [path for path in (tmp_path / "1000000" / "var").rglob("*") if "tmp" in path.name]
    say(f"{ten['most_mib']} MiB, {ten['cpu_seconds']} CPU s: {times(one, ten)}")


CEILINGS = {
    "spool_megabytes": ("spool_megabytes: 1", "E342", 22),
    "free_megabytes": ("free_megabytes: 16777216", "E343", 50),
}


@pytest.mark.parametrize(("line", "code", "exit_code"), CEILINGS.values(), ids=CEILINGS)
def test_a_run_stops_at_a_ceiling_of_the_disk(
    line: str, code: str, exit_code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every source is refused in four lines before anything is sealed; no file is left, nothing changed."""
    night = NightSite.of(tmp_path / "site", small_sample())
    limit(night.folder, line)
    monkeypatch.setattr(workplace, "MIB", 50_000)
    monkeypatch.setattr(workplace, "Spool", partial(Spool, in_memory_bytes=0))
    summary = run_sync(load_site(night.folder), Wish(accept_growth=True, accept_flagged=ACCEPTED_BY))
    assert {error.code for error in summary.errors} == {code}
    assert summary.exit_code == exit_code
    assert all(len(str(error).splitlines()) == 4 for error in summary.errors)
    assert list((night.site.var / "state/spool").glob("*")) == []
    assert not list((night.site.var / "state/outbox").rglob("*.age"))
    assert not night.site.warehouse.exists()


@pytest.mark.parametrize("step", ["pulled", "gathered", "examined"])
def test_a_run_ends_when_its_time_is_up(step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it is at when the site's time for a run is over, it stops there, seals nothing, exit 20."""
    night = NightSite.of(tmp_path / "site", small_sample())

    def late(reached: str, _done: int, _of: int) -> None:
        if reached == step:
            monkeypatch.setattr("sync.steps.time.monotonic", lambda: 1e12)

    summary = run_sync(night.site, Wish(accept_growth=True, accept_flagged=ACCEPTED_BY), late)
    assert summary.error is not None
    assert (summary.error.code, summary.exit_code) == ("E807", 20)
    assert not night.site.warehouse.exists()
