"""What the checks alone cost: `python -m benchmarks.checks [--rows N]`.

The exports are read and mapped first; then every partition is completed, checked and counted as in a night,
and what was found is recorded, in one process. CPU seconds are of the process with all its threads, which
other work on the machine changes less than the clock; told apart is what counting causes and fields takes.
Memory is the most that was held at once during the stage (`VmHWM`, set back before it). Last, findings
that were made up are recorded: a first night, one in which nothing changed, one in which a tenth was mended.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

from benchmarks.place import ROOT, made
from benchmarks.table import RESULTS, keep_apart

FINDINGS = 300_000
CAUSES, FIELDS, CHECKS = "counting causes", "counting fields", "checks and counting"
Spent = dict[str, float]


def main() -> None:
    """Measure one size, print it and keep it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--rows", type=int, default=100_000, help="referrals in the exports")
    parser.add_argument("--findings", type=int, default=FINDINGS, help="made-up findings to record")
    asked = parser.parse_args()
    work = ROOT / "var" / "benchmarks" / str(asked.rows)
    made(work, asked.rows)
    told = _examined(work / "site") | {
        "recording": _recorded(asked.findings),
        "findings_recorded": asked.findings,
    }
    print(json.dumps(told))
    keep_apart(RESULTS, "checks", asked.rows, "python -m benchmarks.checks", told)


def _examined(folder: Path) -> dict[str, Any]:
    """Return what the stage cost, from the mapped rows to the findings recorded."""
    import polars as pl

    from config.site import load_site
    from sync.examine import Examination
    from sync.index import index_of
    from sync.mending import Mending
    from sync.place import prepare
    from sync.pull import Asked, gather_sources
    from sync.steps import Steps
    from sync.summary import Summary
    from sync.window import Window

    spent: Spent = {}
    with prepare(load_site(folder), dry_run=False) as place:
        steps, summary = Steps(), Summary(place.run_id, datetime.now(UTC))
        gathered = gather_sources(place, Asked(None, accept_drop=True, accept_growth=True), steps, summary)
        index, _ = index_of(place, gathered, accept_drop=True)
        mending = Mending.of(place, gathered.values(), forgotten=pl.Series(dtype=pl.UInt64))
        _forget_the_peak()
        before = _memory("VmRSS")
        with _told_apart(spent):
            going = Examination(place, gathered, index, steps=steps, summary=summary, window=Window())
            records = _timed(spent, "examining", partial(_go_through, going))
            peak = _memory("VmHWM")
            _timed(spent, "recording what was found", partial(going.record_findings, mending, []))
    return {
        "records": records,
        "partitions": place.partitions + 1,
        "findings": sum(counts["failed"] for counts in summary.checks.values()),
        "cpu_seconds": {name: round(seconds, 2) for name, seconds in spent.items()},
        "mib_before": before,
        "most_mib": peak,
    }


def _go_through(going: Any) -> int:
    return sum(table.height for _, tables in going.partitions() for table in tables.values())


@contextmanager
def _told_apart(spent: Spent) -> Iterator[None]:
    """Count the CPU of the checks, and of what is counted beside them."""
    import quality
    from quality import inspection
    from sync import kernel

    parts = [
        (kernel.quality, "inspect", quality.inspect, CHECKS),
        (inspection.TraitCounting, "take", inspection.TraitCounting.take, CAUSES),
        (inspection.TraitCounting, "counts", inspection.TraitCounting.counts, CAUSES),
        (inspection, "count_fields", inspection.count_fields, FIELDS),
    ]
    with ExitStack() as told:
        for owner, name, work, label in parts:
            told.enter_context(patch.object(owner, name, _counted(spent, label, work)))
        yield


def _counted(spent: Spent, name: str, work: Callable[..., Any]) -> Callable[..., Any]:
    def counting(*given: Any, **named: Any) -> Any:
        return _timed(spent, name, partial(work, *given, **named))

    return counting


def _timed(spent: Spent, name: str, work: Callable[[], Any]) -> Any:
    began = time.process_time()
    try:
        return work()
    finally:
        spent[name] = spent.get(name, 0.0) + time.process_time() - began


def _recorded(many: int) -> dict[str, dict[str, float]]:
    """Return what three nights cost that record so many findings, and the most memory each held."""
    from quality import FindingStore

    found = _made_up(many)
    nights = {"first night": found, "nothing changed": found, "a tenth mended": found.slice(many // 10)}
    told = {}
    with tempfile.TemporaryDirectory() as folder:
        store = FindingStore(Path(folder) / "findings.sqlite")
        for number, (name, night) in enumerate(nights.items()):
            at = datetime(2022, 12, 1, 6, tzinfo=UTC) + timedelta(days=number)
            spent: Spent = {}
            _forget_the_peak()
            _timed(spent, name, partial(store.record, night, f"run {number}", ["hub"], at))
            told[name] = {"cpu_seconds": round(spent[name], 2), "most_mib": _memory("VmHWM")}
    return told


def _made_up(many: int) -> Any:
    """Return findings of four checks about as many records."""
    import polars as pl

    from quality import FINDINGS as SHAPE
    from quality import check_named

    names = ["PER-04", "PER-05", "PER-06", "PER-08"]
    kinds = pl.DataFrame(
        [(name, check_named(name).field) for name in names], schema=["check", "field"], orient="row"
    )
    rows = pl.DataFrame({"number": range(many)}).with_columns(kind=pl.col("number") % len(names))
    said = rows.join(kinds.with_row_index("kind").cast({"kind": pl.Int64}), on="kind")
    told = said.with_columns(
        source=pl.lit("hub"),
        entity=pl.lit("person"),
        reference=pl.format("HP{}", pl.col("number")),
        row=pl.col("number"),
        severity=pl.lit("error"),
        effect=pl.lit("none"),
        other=pl.lit(""),
    )
    return told.select(pl.col(name).cast(kind) for name, kind in SHAPE.items())


def _forget_the_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def _memory(name: str) -> int:
    """Return a line of the process's status, in MiB."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) // 1024 for line in lines if line.startswith(f"{name}:"))


if __name__ == "__main__":
    main()
