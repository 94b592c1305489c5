"""What deciding and logging cost of a night's CPU: `python -m benchmarks.deciding_and_logging [--rows N]`.

One first night in this process, measured by the CPU time of the process with all its threads, which other
work on the machine changes less. Deciding is the stage of that name but for two things that are told apart:
the pseudonyms of what leaves, and the fingerprints by which a later night knows what has changed. Logging is
the stage `log`, and what is done for it while rows are sealed: tags, commitments, and the tree over the
people.
"""

import argparse
import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from benchmarks.place import ROOT, made
from benchmarks.table import RESULTS, keep_apart

PEOPLE, PSEUDONYMS, FINGERPRINTS = "people of the log", "pseudonyms", "fingerprints"
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
    """Count CPU in place of wall seconds in every stage, and apart what the dearest parts cost."""
    import sharing.flow
    from sharing.references import Keyring
    from sync import steps
    from sync.told import Told

    @contextmanager
    def stage(_: Any, name: str) -> Iterator[None]:
        began = time.process_time()
        try:
            yield
        finally:
            spent[name] = spent.get(name, 0.0) + time.process_time() - began

    counted = [(Told, name, PEOPLE) for name in FOR_THE_LOG]
    counted += [(Keyring, "_keyed", PSEUDONYMS), (sharing.flow, "fingerprints", FINGERPRINTS)]
    with ExitStack() as measured:
        measured.enter_context(patch.object(steps.Steps, "stage", stage))
        for owner, name, label in counted:
            counting = _counted(spent, label, getattr(owner, name))
            measured.enter_context(patch.object(owner, name, counting))
        yield


def shares(spent: dict[str, float], whole: float) -> dict[str, float]:
    """Return the share of the night that each of the four had; deciding is its stage without the others."""
    own = spent.get("decide", 0.0) - spent.get(PSEUDONYMS, 0.0) - spent.get(FINGERPRINTS, 0.0)
    logging = spent.get("log", 0.0) + spent.get(PEOPLE, 0.0)
    parts = {"deciding": own, "logging": logging, "deciding and logging": own + logging}
    parts |= {name: spent.get(name, 0.0) for name in (PSEUDONYMS, FINGERPRINTS)}
    return {name: round(seconds / whole, 3) for name, seconds in parts.items()}


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
    told = {name: round(seconds, 2) for name, seconds in spent.items()}
    said = {"rows_released": released, "cpu_seconds": round(whole, 2), "shares": shares(spent, whole)}
    print(json.dumps(said | told))
    keep_apart(RESULTS, "deciding_and_logging", rows, "python -m benchmarks.deciding_and_logging", said)


def _leaves(site: Path) -> list[dict[str, Any]]:
    lines = (site / "var" / "log" / "leaves.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


if __name__ == "__main__":
    main()
