"""What a site holds, read by this suite's own eyes: compared with a site that nobody disturbed."""

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import polars as pl

from tests.killed_nights import canonical_rows, log_of

FLOWS = ("early_help", "commissioning")
Rows = frozenset[tuple[Any, ...]]


@dataclass(frozen=True)
class Left:
    """All that a night leaves which the next nights or the readers go by; instants and run ids left aside."""

    warehouse: dict[str, frozenset[str]]
    batches: dict[str, list[Any]]
    books: list[Any]
    leaves: dict[str, int]
    memory: dict[str, Rows]
    treatments: dict[str, Any]
    fates: dict[str, Rows]
    safety: dict[str, Rows]
    pulls: Any
    findings: Rows

    def differences(self, other: "Left") -> list[str]:
        """Return the names of what differs."""
        names = [one.name for one in fields(self)]
        return [name for name in names if getattr(self, name) != getattr(other, name)]


def what_is_left(site: Path) -> Left:
    """Return what the site holds now. Errors: those of what cannot be read; DisclosureLogBroken."""
    state = site / "var/state"
    return Left(
        warehouse=canonical_rows(site),
        batches={flow: batches(site, flow) for flow in FLOWS},
        books=books(site),
        leaves=leaves(site),
        memory=_tables(state / "memory"),
        treatments={
            path.stem: json.loads(path.read_bytes()) for path in (state / "treatments").glob("*.json")
        },
        fates=_tables(state / "fates"),
        safety=_tables(state / "safety") | _tables(state / "safety/cases"),
        pulls=json.loads((state / "pulls.json").read_bytes()),
        findings=_findings(state / "findings.sqlite"),
    )


def batches(site: Path, flow: str) -> list[Any]:
    """Return the flow's landed batches in order: number, and what each file brings by its digest in clear."""
    found = []
    for path in sorted((site / "var/landing" / flow).glob("*/manifest.json")):
        said = json.loads(path.read_bytes())
        files = [(one["entity"], one["operation"], one["rows"], one["plain_sha256"]) for one in said["files"]]
        found.append((said["sequence"], sorted(files)))
    return found


def books(site: Path) -> list[Any]:
    """Return which batches the warehouse has loaded, with their rows; none where there is no warehouse."""
    import duckdb

    if not (site / "var/warehouse.duckdb").exists():
        return []
    with closing(duckdb.connect(str(site / "var/warehouse.duckdb"), read_only=True)) as warehouse:
        return warehouse.execute(
            "select flow, sequence, rows_upserted, rows_withdrawn from viaduct_batches order by all"
        ).fetchall()


def leaves(site: Path) -> dict[str, int]:
    """Return how many batches and answers a log that verifies holds. Errors: DisclosureLogBroken."""
    told = log_of(site)
    return {kind: told.leaves.get(kind, 0) for kind in ("batch", "receipt", "refusal")} | told.last_sequences


def _tables(folder: Path) -> dict[str, Rows]:
    return {
        path.stem: frozenset(pl.read_parquet(path).iter_rows()) for path in sorted(folder.glob("*.parquet"))
    }


def _findings(path: Path) -> Rows:
    with closing(sqlite3.connect(path)) as store:
        return frozenset(
            store.execute("select source, entity, record, check_id, field, state, times_opened from finding")
        )
