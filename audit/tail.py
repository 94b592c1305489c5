"""The end of the log, read backwards: whoever asks of the last nights need not read all that came before."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

from pydantic_core import from_json

from audit.checkpoint import ORIGIN, Checkpoint
from audit.heads import head_of
from audit.kept import CHECKPOINTS, LEAVES, broken, read_kept
from audit.ledger import OfNoRun
from sealing.signing import Verifier

BLOCK = 64 * 1024
OF_NO_RUN = frozenset(one.model_fields["kind"].default for one in get_args(OfNoRun))
"""Kinds of leaf that are logged outside any run, under a name of their own."""


@dataclass
class LeavesOfRun:
    """What the log holds of one run, and how large it was with the last of it."""

    run: str
    size: int
    leaves: list[dict[str, Any]] = field(default_factory=list, repr=False)


def lines_from_the_end(path: Path) -> Iterator[bytes]:
    """Yield the whole lines of a file, the last one first; it is read in blocks, as far as is asked."""
    with path.open("rb") as file:
        at, rest = file.seek(0, 2), b""
        while at:
            step = min(BLOCK, at)
            at -= step
            file.seek(at)
            rest, *lines = (file.read(step) + rest).split(b"\n")
            yield from filter(None, reversed(lines))
        if rest:
            yield rest


def runs_since(
    folder: Path, size: int, told_up_to: Callable[[str], int | None], oldest: str = ""
) -> list[LeavesOfRun]:
    """Return the runs of which the log says something new, each whole, ordered by the last that it says.

    Given: the log's folder and signed size, for who holds the lock of the run; what returns, of a run, up to
           which size of the log all is told, or None; and the name before which a run is not asked for.
           What is new begins where the latest run with such a size says; with none, all of the log is new.
    """
    found: dict[str, LeavesOfRun] = {}
    begun: set[str] = set()
    new_from: int | None = None
    for index, head, line in _of_runs(folder, size):
        run, begins = head["run"], head["kind"] == "run"
        if new_from is None and begins:
            new_from = index + 1 if run < oldest else told_up_to(run)
            found = {name: one for name, one in found.items() if new_from is None or one.size > new_from}
        if run in found or new_from is None or index >= new_from:
            found.setdefault(run, LeavesOfRun(run, index + 1)).leaves.insert(0, from_json(line))
            begun |= {run} if begins else set()
        if new_from is not None and index <= new_from and found.keys() <= begun:
            break
    return sorted((one for one in found.values() if one.run >= oldest), key=lambda one: one.size)


def leaves_of_run(folder: Path, size: int, run: str) -> LeavesOfRun | None:
    """Return what the log of this signed size holds of the run; None where it never began."""
    told = LeavesOfRun(run, 0)
    for index, head, line in _of_runs(folder, size):
        if head["run"] == run:
            told.size = told.size or index + 1
            told.leaves.insert(0, from_json(line))
            if head["kind"] == "run":
                return told
    return None


def checkpoint_at(folder: Path, size: int, verifier: Verifier, origin: str = ORIGIN) -> Checkpoint:
    """Return the checkpoint that was signed when the log had this size. Errors: DisclosureLogBroken."""
    for line in lines_from_the_end(folder / CHECKPOINTS):
        kept = read_kept(line, origin, verifier)
        if kept is None or kept[0].size < size:
            break
        if kept[0].size == size:
            return kept[0]
    raise broken(f"{CHECKPOINTS}: no checkpoint of size {size} that our key signed.")


def _of_runs(folder: Path, size: int) -> Iterator[tuple[int, dict[str, Any], str]]:
    """Yield index, head and text of the signed leaves that runs wrote, the last one first."""
    for back, content in enumerate(lines_from_the_end(folder / LEAVES), start=1):
        if back <= size:
            line = content.decode("utf-8", "replace")
            head = head_of(line, size - back + 1)
            if head["kind"] not in OF_NO_RUN:
                yield size - back, head, line
