"""The benchmarks compare like with like; nothing is timed here."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from benchmarks import place
from benchmarks.checks import _examined
from benchmarks.exports import FLAWS
from benchmarks.jobs import JOBS, script, viaduct
from benchmarks.measure import Measured, best
from benchmarks.table import aims, keep_apart, merge, shown

ROWS = 1_000
PROVENANCE = {"batch_sequence", "run_id", "released_at"}
TABLES = """
select schema_name || '."' || table_name || '"' from duckdb_tables()
where database_name = 'own' and schema_name in ('early_help', 'commissioning')
  and table_name <> 'withdrawn_records'
"""


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bench")
    place.made(folder, ROWS)
    (folder / "script").mkdir()
    return folder


@pytest.fixture(scope="module")
def failed(work: Path) -> dict[str, dict[str, int]]:
    return {
        "viaduct": viaduct.run(work / "exports", work / "site"),
        "script": script.run(work / "exports", work / "script"),
    }


@pytest.fixture
def both(work: Path, failed: dict[str, dict[str, int]]) -> Iterator[Any]:
    with closing(duckdb.connect()) as warehouses:
        warehouses.execute(f"attach '{work}/site/var/warehouse.duckdb' as own (read_only)")
        warehouses.execute(f"attach '{work}/script/warehouse.duckdb' as other (read_only)")
        yield warehouses


def test_three_rows_in_a_hundred_are_flawed_and_every_flaw_is_found(
    work: Path, failed: dict[str, dict[str, int]]
) -> None:
    """The planted flaws are what the checks find, no more and no fewer.

    Advice given in a contact that belongs to no referral belongs to none itself.
    """
    planted = {}
    for export, checks in FLAWS.items():
        if export != "needs":
            rows = pl.read_csv(work / "exports" / f"{export}.csv", infer_schema=False).height
            planted[export] = (sum(failed["viaduct"][check] for check in checks), rows * 3 // 100)
    planted["needs"] = (failed["viaduct"]["REF-15"], ROWS * 3 // 100)
    assert all(found == expected for found, expected in planted.values()), planted
    found = set(failed["viaduct"]) - {"LNK-01", "ADV-02"}
    assert found == {check for checks in FLAWS.values() for check in checks}


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="memory is measured on Linux")
def test_what_is_measured_of_the_checks_alone_is_the_work_of_a_night(
    work: Path, failed: dict[str, dict[str, int]]
) -> None:
    """The benchmark of the checks finds what a night finds, and what is told of a whole provider besides."""
    told = _examined(work / "site")
    assert told["findings"] >= sum(failed["viaduct"].values()) > 100
    assert set(told["cpu_seconds"]) == {
        "examining", "checks and counting", "counting causes", "counting fields", "recording what was found",
    }  # fmt: skip


def test_the_script_finds_what_viaduct_finds(failed: dict[str, dict[str, int]]) -> None:
    """Every check fails as often in the script as in Viaduct."""
    assert failed["script"] == failed["viaduct"]


def test_the_script_releases_what_viaduct_releases(both: Any) -> None:
    """Both warehouses hold the same rows with the same values, keys aside: each has secrets of its own."""
    tables = [name for (name,) in both.execute(TABLES).fetchall()]
    assert len(tables) == 28
    for table in tables:
        columns = _columns(both, "own", table), _columns(both, "other", table)
        lacking = set(columns[0]) - set(columns[1]) - LINKED
        # A field that no export fills is left out of the script's tables.
        assert not [name for name in lacking if _count(both, "own", table, name)], table
        for name in columns[1]:
            assert _count(both, "own", table, name) == _count(both, "other", table, name), (table, name)
        plain = ", ".join(name for name, kind in columns[1].items() if kind != "UUID")
        other = both.execute(f"select {plain} from own.{table} except all select {plain} from other.{table}")
        assert not other.fetchall(), table


# The script links nobody's records; of one provider alone there is nothing to link them with.
LINKED = {"linked_person_id"}


def _columns(both: Any, database: str, table: str) -> dict[str, str]:
    described = both.execute(f"describe {database}.{table}").fetchall()
    return {name: kind for name, kind, *_ in described if name not in PROVENANCE}


def _count(both: Any, database: str, table: str, column: str) -> Any:
    found = both.execute(
        f"select count({column}), count(distinct {column}), count(*) from {database}.{table}"
    )
    filled, distinct, rows = found.fetchone()
    return (filled, distinct, rows) if filled else 0


def test_results_are_merged_by_job_and_size(tmp_path: Path) -> None:
    """A new measurement takes the place of the old one of its job and size, and of no other."""
    results = tmp_path / "results.json"
    merge(results, [Measured("viaduct", 5, 2.0, 3.0, 100.0), Measured("imports", 5, 1.0, 1.0, 50.0)])
    found = merge(results, [Measured("viaduct", 5, 1.5, 2.0, 90.0)])
    said = json.loads(results.read_text(encoding="utf-8"))
    assert [(one["job"], one["cpu_seconds"]) for one in said] == [("imports", 1.0), ("viaduct", 1.5)]
    assert set(said[0]) == {"job", "rows", "cpu_seconds", "wall_seconds", "peak_mib"}
    assert "1.50 times" in shown(found, 5)
    assert aims(found) == ""
    apart = keep_apart(results, "person_history", 5, "python -m x", {"cpu_seconds": 0.7})
    assert apart.keys() == {*found, ("person_history", 5)}
    assert "person_history" not in shown(apart, 5)
    assert (
        keep_apart(results, "person_history", 5, "python -m x", {"cpu_seconds": 0.6}).keys() == apart.keys()
    )


def test_the_run_that_cost_least_counts() -> None:
    """Other work on the machine only ever adds, so the smallest of several is the nearest to the truth."""
    runs = [Measured("script", 5, cpu, cpu, 1.0) for cpu in (2.0, 1.0, 3.0)]
    assert best(runs).cpu_seconds == 1.0
    assert set(JOBS) == {"viaduct", "script", "dlt_arrow", "dlt_rows", "imports"}
