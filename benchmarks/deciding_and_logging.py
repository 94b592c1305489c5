"""What deciding and logging cost of a night's CPU: `python -m benchmarks.deciding_and_logging [--rows N]`.

One first night in this process, measured by the CPU time of the process with all its threads, which other
work on the machine changes less. Deciding is the stage of that name; logging is the stage `log`,
and what is done for it while rows are sealed: tags, salts, commitments, and the tree over the people.
"""

import argparse
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.place import ROOT, made

FOR_THE_LOG = ("begin", "take", "end", "tree")


def _counted(spent: dict[str, float], name: str, work: Callable[..., Any]) -> Callable[..., Any]:
    def counting(*given: Any, **named: Any) -> Any:
        began = time.process_time()
        try:
            return work(*given, **named)
        finally:
            spent[name] = spent.get(name, 0.0) + time.process_time() - began

    return counting


@contextmanager
def _measured(spent: dict[str, float]) -> Iterator[None]:
    """Count CPU in place of wall seconds in every stage, and what the people's leaves cost."""
    from sync import steps
    from sync.told import Told

    @contextmanager
    def stage(_: Any, name: str) -> Iterator[None]:
        began = time.process_time()
        try:
            yield
        finally:
            spent[name] = spent.get(name, 0.0) + time.process_time() - began

    kept = steps.Steps.stage, {name: getattr(Told, name) for name in FOR_THE_LOG}
    steps.Steps.stage = stage  # type: ignore[method-assign,assignment]
    for name, work in kept[1].items():
        setattr(Told, name, _counted(spent, "people of the log", work))
    try:
        yield
    finally:
        steps.Steps.stage = kept[0]  # type: ignore[method-assign]
        for name, work in kept[1].items():
            setattr(Told, name, work)


def main() -> None:
    """Run the night, and print what it cost and which share deciding and logging had."""
    from benchmarks.jobs.viaduct import run

    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--rows", type=int, default=100_000, help="referrals in the exports")
    rows = parser.parse_args().rows
    work = ROOT / "var" / "benchmarks" / str(rows)
    made(work, rows)
    spent: dict[str, float] = {}
    began = time.process_time()
    with _measured(spent):
        run(work / "exports", work / "site")
    whole = time.process_time() - began
    logged = [leaf for leaf in _leaves(work / "site") if leaf["kind"] == "batch"]
    released = sum(file["rows"] for leaf in logged for file in leaf["files"])
    share = sum(spent.get(name, 0.0) for name in ("decide", "log", "people of the log")) / whole
    told = {name: round(seconds, 2) for name, seconds in spent.items()}
    print(
        json.dumps(
            {"rows_released": released, "cpu_seconds": round(whole, 2), "share": round(share, 3)} | told
        )
    )


def _leaves(site: Path) -> list[dict[str, Any]]:
    lines = (site / "var" / "log" / "leaves.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


if __name__ == "__main__":
    main()
