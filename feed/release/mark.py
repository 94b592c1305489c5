"""Whether anything that a release is made from is another than at the edition in force: one digest."""

import hashlib
import json
from functools import cache
from pathlib import Path

import polars as pl

from feed.counting import RawCounts

PROGRAM = Path(__file__).parent.parent


def mark_of(raw: RawCounts, *told: object) -> str:
    """Return the digest of exact counts, of what is told beside them, and of the program that publishes them.

    It is kept on the council's side, beside the warehouse that the counts are of, and nowhere else.
    """
    made = hashlib.sha256(_program().encode())
    for frame in (raw.counts, raw.spreads, raw.sums):
        made.update(frame.sort(pl.all()).write_csv().encode())
    beside = [raw.missing, {"/".join(key): field for key, field in raw.untold.items()}, raw.empty, *told]
    made.update(json.dumps(beside, sort_keys=True, default=repr).encode())
    return made.hexdigest()


@cache
def _program() -> str:
    """Return the digest of every file of this room: whoever computes otherwise publishes otherwise."""
    files = (path for path in sorted(PROGRAM.rglob("*")) if path.suffix in {".py", ".yaml"})
    digests = [hashlib.sha256(path.read_bytes()).hexdigest() for path in files]
    return hashlib.sha256("\n".join(digests).encode()).hexdigest()
