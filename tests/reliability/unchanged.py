"""What a site holds, byte for byte, and what a night that refused its source may change of it.

Allowed: a new run summary and statement; leaves of the disclosure log that say that a run took place and
that nothing was sent, with the checkpoints over them; and the order of rows in the file of fates, which is
written anew each night with the same rows. Everything else (warehouse, landing zone, memory, outbox, chain,
safety memory, what was pulled last, findings, keys, declared files) is the same to the byte, and no file is
new or gone. Where rows of an export were lost, the finding that says so (SUB-04) is told, and no other.
"""

import hashlib
import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from connectors.errors import HalfExport, RowCountDiffers

FINDINGS = "var/state/findings.sqlite"
SEEN_AGAIN = "the night in which open findings were last seen"
ROWS_LOST = "findings that say no more than that rows of an export were lost"
TELLS_OF_LOSS = {error.code for error in (HalfExport, RowCountDiffers)}
QUIET = {"run", "nothing_sent"}
LOG = ("var/log/leaves.jsonl", "var/log/checkpoints.jsonl", "var/log/checkpoint")


@dataclass(frozen=True)
class Held:
    """Everything on disk under a site."""

    digests: dict[str, str]
    fates: dict[str, frozenset[tuple[Any, ...]]]
    leaves: tuple[str, ...]
    findings: frozenset[tuple[Any, ...]]

    @classmethod
    def of(cls, site: Path) -> "Held":
        """Return what the site holds now."""
        paths = {path.relative_to(site).as_posix(): path for path in site.rglob("*") if path.is_file()}
        digests = {
            name: hashlib.sha256(path.read_bytes()).hexdigest()
            for name, path in paths.items()
            if name not in LOG and not name.startswith(("var/runs/", "var/statements/", "var/state/fates/"))
        }
        fates = {
            name: frozenset(pl.read_parquet(path).iter_rows())
            for name, path in paths.items()
            if name.startswith("var/state/fates/")
        }
        leaves = tuple((site / LOG[0]).read_text(encoding="utf-8").splitlines())
        return cls(digests, fates, leaves, _findings(site / FINDINGS))

    def changes(self, later: "Held") -> list[str]:
        """Return, in words, what the later state holds that it should not, and what it lacks."""
        names = sorted({*self.digests, *later.digests})
        changed = [name for name in names if self.digests.get(name) != later.digests.get(name)]
        if FINDINGS in changed and self.findings == later.findings:
            changed[changed.index(FINDINGS)] = SEEN_AGAIN
        if FINDINGS in changed and self._has_lost_rows(later):
            changed[changed.index(FINDINGS)] = ROWS_LOST
        changed += [name for name in self.fates if self.fates[name] != later.fates.get(name)]
        if later.leaves[: len(self.leaves)] != self.leaves:
            changed.append("an earlier leaf of the disclosure log")
        new = [json.loads(leaf) for leaf in later.leaves[len(self.leaves) :]]
        changed += [f"a leaf that says {leaf['kind']}" for leaf in new if leaf["kind"] not in QUIET]
        return changed

    def _has_lost_rows(self, later: "Held") -> bool:
        """Return whether all that is new are findings that rows of an export were lost, and none is gone."""
        new = {row[1:4:2] for row in later.findings - self.findings}
        return self.findings <= later.findings and new == {("submission", "SUB-04")}


def said_of(code: str | None) -> list[str]:
    """Return what a refused night may change: nothing, or the finding that rows were lost."""
    return [ROWS_LOST] if code in TELLS_OF_LOSS else []


def _findings(path: Path) -> frozenset[tuple[Any, ...]]:
    """Return every finding but for the night in which it was last seen."""
    if not path.exists():
        return frozenset()
    told = "source, entity, record, check_id, field, severity, effect, state, first_seen, ended_at"
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as store:
        return frozenset(store.execute(f"SELECT {told} FROM finding").fetchall())
