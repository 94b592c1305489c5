"""What publishing the figures costs: `python -m benchmarks.feed [--rows N ...]`.

The sample's night is run once. What it released is copied, every entity in its proportion and each copy of
other people, until there are so many referrals in the same eight months; then `feed` publishes them, in a
process of its own, as the verb does. CPU seconds are of that process with all its threads. Memory is the most
that was held during a stage (`VmHWM`, set back at its beginning). A stage does not count what is done within
it by another. With several sizes the last is told beside the first: how many times its time and memory.
"""

import argparse
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

from benchmarks.place import ROOT
from benchmarks.table import RESULTS, keep_apart

WORK = ROOT / "var" / "benchmarks" / "feed"
PERIOD = "2022-04..2022-11"
FLOW = "commissioning"
ONCE = ("organisation", "service", "withdrawn_records")
"""Tables of the flow that are the same however many people there are."""
KEPT = (
    "service_id",
    "target_service_id",
    "to_service_id",
    "org_id",
    "to_org_id",
    "by_org_id",
    "referrer_org_id",
)
COMMAND = "python -m benchmarks.feed"
REST = "the rest"


@dataclass
class Stage:
    """What one stage cost by itself."""

    cpu_seconds: float = 0.0
    wall_seconds: float = 0.0
    most_mib: int = 0


@dataclass
class Stages:
    """The stages of a run, the one that goes on last on the stack; each instant belongs to one of them."""

    spent: dict[str, Stage] = field(default_factory=dict)
    _going: list[str] = field(default_factory=lambda: [REST])
    _since: tuple[float, float] = field(default_factory=lambda: (time.process_time(), time.perf_counter()))

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Count what the block costs to the stage."""
        self.settle()
        self._going.append(name)
        try:
            yield
        finally:
            self.settle()
            self._going.pop()

    def settle(self) -> None:
        """Count what was spent until now to the stage that goes on."""
        now = (time.process_time(), time.perf_counter())
        spent = self.spent.setdefault(self._going[-1], Stage())
        spent.cpu_seconds += now[0] - self._since[0]
        spent.wall_seconds += now[1] - self._since[1]
        spent.most_mib = max(spent.most_mib, _memory("VmHWM"))
        self._since = now
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def main() -> None:
    """Make the warehouses, measure the feed of each in a process of its own, print it and keep it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[100_000], help="referrals in the warehouse")
    parser.add_argument("--once", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.once:
        print(json.dumps(_published(asked.once)))
        return
    told = [measured(rows) for rows in asked.rows]
    for rows, each in zip(asked.rows, told, strict=True):
        print(json.dumps(each, indent=1))
        keep_apart(RESULTS, "feed", rows, COMMAND, each)
    if len(told) > 1:
        print(times(told[0], told[-1]))


def measured(referrals: int) -> dict[str, Any]:
    """Return what publishing the figures of so many referrals took, in a process of its own."""
    site, rows = _site(referrals)
    said = subprocess.run(
        [sys.executable, "-m", "benchmarks.feed", "--once", str(site)],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    told: dict[str, Any] = rows | json.loads(said.stdout.splitlines()[-1])
    return told


def times(one: dict[str, Any], other: dict[str, Any]) -> str:
    """Return how many times the one's rows, time and memory the other took, as a line."""
    names = {"rows_of_the_flow": "the rows", "cpu_seconds": "the CPU seconds", "most_mib": "the memory"}
    return ", ".join(f"{other[name] / one[name]:.2f} times {words}" for name, words in names.items())


def _site(referrals: int) -> tuple[Path, dict[str, Any]]:
    """Return a site whose warehouse holds so many referrals, and how many rows it holds in all."""
    sample, site = WORK / "sample", WORK / str(referrals)
    if not (sample / "var" / "warehouse.duckdb").exists():
        words = [sys.executable, "run_sync.py", "demo", "--folder", str(sample)]
        subprocess.run(words, cwd=ROOT, check=True, capture_output=True)
    shutil.rmtree(site, ignore_errors=True)
    left = shutil.ignore_patterns("landing", "log", "logs", "feed", "reports", "state", "drops", "*.duckdb")
    shutil.copytree(sample, site, ignore=left)
    return site, multiplied(sample / "var" / "warehouse.duckdb", site / "var" / "warehouse.duckdb", referrals)


def multiplied(sample: Path, made: Path, referrals: int) -> dict[str, Any]:
    """Write the sample's warehouse with so many referrals, and the rest in proportion; return the rows."""
    import duckdb

    tables = f"SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = '{sample.stem}_1'"
    with duckdb.connect(str(made), config={"memory_limit": "2GB", "threads": 2}) as new:
        new.execute(f"ATTACH '{sample}' AS {sample.stem}_1 (READ_ONLY)")
        there = new.execute(f"SELECT count(*) FROM {sample.stem}_1.{FLOW}.referral").fetchall()[0][0]
        rows = {}
        for schema, table in new.execute(tables).fetchall():
            new.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
            select = f"SELECT * FROM {sample.stem}_1.{schema}.{table}"
            if schema == FLOW and table not in ONCE:
                select = _copies(new, f"{sample.stem}_1", table, referrals / there)
            new.execute(f"CREATE TABLE {schema}.{table} AS {select}")
            rows[f"{schema}.{table}"] = new.execute(f"SELECT count(*) FROM {schema}.{table}").fetchall()[0][0]
    of_flow = {name.partition(".")[2]: many for name, many in rows.items() if name.startswith(f"{FLOW}.")}
    return {"referrals": of_flow["referral"], "rows_of_the_flow": sum(of_flow.values())}


def _copies(new: Any, sample: str, table: str, times: float) -> str:
    """Return what selects the table so many times, the last time in part; each copy has keys of its own."""
    columns = new.execute(
        "SELECT column_name, data_type FROM duckdb_columns() WHERE database_name = ? AND schema_name = ? "
        "AND table_name = ? ORDER BY column_index", [sample, FLOW, table],
    ).fetchall()  # fmt: skip
    select = ", ".join(
        f"md5({name}::VARCHAR || copy)::UUID AS {name}" if kind == "UUID" and name not in KEPT else name
        for name, kind in columns
    )
    person = "person_id" if any(name == "person_id" for name, _ in columns) else columns[0][0]
    share = f"copy < floor({times}) OR hash({person}) % 1000 < ({times} % 1) * 1000"
    return f"SELECT {select} FROM {sample}.{FLOW}.{table}, range({int(times) + 1}) copies(copy) WHERE {share}"


def _published(folder: Path) -> dict[str, Any]:
    """Return what publishing the period of the site's warehouse cost, stage by stage."""
    from commands.publishing import publish_feed
    from config.site import load_site
    from feed.periods import parse

    site = load_site(folder)
    stages = Stages()
    stages.settle()
    stages.spent.clear()
    with _told_apart(stages):
        published = publish_feed(site, parse(PERIOD))
    stages.settle()
    spent = {
        name: {"cpu_seconds": round(stage.cpu_seconds, 2), "wall_seconds": round(stage.wall_seconds, 2)}
        | {"most_mib": stage.most_mib}
        for name, stage in stages.spent.items()
    }
    return {
        "numbers": _numbers(published.folder),
        "bytes": sum(path.stat().st_size for path in published.folder.iterdir()),
        "cpu_seconds": round(sum(stage.cpu_seconds for stage in stages.spent.values()), 2),
        "wall_seconds": round(sum(stage.wall_seconds for stage in stages.spent.values()), 2),
        "most_mib": max(stage.most_mib for stage in stages.spent.values()),
        "stages": spent,
    }


def _numbers(folder: Path) -> int:
    import polars as pl

    rows = (pl.read_parquet(path) for path in folder.glob("*.parquet"))
    return sum(len(each) for each in rows if "kpi" in each.columns and "value" in each.columns)


@contextmanager
def _told_apart(stages: Stages) -> Iterator[None]:
    """Count the stages of the feed apart, by the functions that do them."""
    import commands.publishing
    import feed.disclosure.door
    import feed.publish
    import feed.views.show
    from feed.disclosure.released import Released

    publish: Any = feed.publish
    parts: list[tuple[Any, str, str]] = [
        (publish, "count_all", "counting"),
        (feed.disclosure.door, "protect", "planning what is hidden"),
        (feed.disclosure.door, "exposures", "attacking it"),
        (Released, "before", "remembering"),
        (Released, "enter", "remembering"),
        (Released, "settle", "remembering"),
        (publish, "observe", "figures"),
        (publish, "build_release", "writing"),
        (commands.publishing, "_pages", "page"),
        (feed.views.show, "show_published", "views"),
    ]
    with ExitStack() as told:
        told.enter_context(patch.object(publish, "facts_of", partial(_opened, stages, publish.facts_of)))
        for owner, name, label in parts:
            told.enter_context(patch.object(owner, name, _counted(stages, label, getattr(owner, name))))
        yield


def _counted(stages: Stages, name: str, work: Callable[..., Any]) -> Callable[..., Any]:
    def counting(*given: Any, **named: Any) -> Any:
        with stages.stage(name):
            return work(*given, **named)

    return counting


@contextmanager
def _opened(stages: Stages, work: Callable[..., AbstractContextManager[Any]], *given: Any) -> Iterator[Any]:
    with ExitStack() as stack:
        with stages.stage("opening"):
            opened = stack.enter_context(work(*given))
        yield opened


def _memory(name: str) -> int:
    """Return a line of the process's status, in MiB."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) // 1024 for line in lines if line.startswith(f"{name}:"))


if __name__ == "__main__":
    main()
