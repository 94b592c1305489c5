"""Nights that are killed: copies of one site, a process to run them in, and what is left on disk."""

import json
import re
import shutil
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from audit.verify import Verified, verify
from sealing.keys import load_verifier
from tests.asked_process import AskedProcess
from tests.nights import ACCEPTED_BY, PROVENANCE

FLOWS = ("early_help", "commissioning")
RUN_ID = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{6}")
NOT_COMPARED = PROVENANCE | {"withdrawn_at"}


class NightRunner(AskedProcess):
    """Runs nights in processes of their own, on copies of one site."""

    def __init__(self, template: Path) -> None:
        self.template = template
        super().__init__("tests.night_runner", template, {"POLARS_MAX_THREADS": "1"})

    def copy(self, name: str, of: Path | None = None) -> Path:
        """Return a new site with the same rules, keys and exports."""
        folder = self.template.with_name(name)
        shutil.copytree(of or self.template, folder)
        return folder

    def night(self, site: Path, **request: Any) -> dict[str, Any]:
        """Return what one run answered; `signal` is 9 if it was killed."""
        wish = {"accept_growth": True, "accept_flagged": ACCEPTED_BY, **request.pop("wish", {})}
        return self.ask({"site": str(site), "wish": wish, **request})


@dataclass(frozen=True)
class Left:
    """What a site holds once its nights are over, instants and run ids left aside."""

    rows: dict[str, frozenset[str]]
    memory: dict[str, frozenset[tuple[Any, ...]]]
    sent: dict[str, list[tuple[int, int]]]
    books: list[tuple[str, int]]


def what_is_left(site: Path) -> Left:
    """Return the canonical rows, the memory, batch numbers with their rows, and what the warehouse loaded."""
    return Left(canonical_rows(site), _memory(site), _sent(site), _books(site))


def canonical_rows(site: Path) -> dict[str, frozenset[str]]:
    """Return every row of every released table, provenance left aside."""
    with closing(duckdb.connect(str(site / "var/warehouse.duckdb"), read_only=True)) as warehouse:
        columns: dict[str, list[str]] = {}
        for schema, table, column in warehouse.execute(
            "select table_schema, table_name, column_name from information_schema.columns"
            " where table_schema in ('early_help', 'commissioning') order by 1, 2, ordinal_position"
        ).fetchall():
            if column not in NOT_COMPARED:
                columns.setdefault(f'{schema}."{table}"', []).append(f'"{column}"')
        return {
            table: frozenset(
                map(str, warehouse.execute(f"select {', '.join(names)} from {table}").fetchall())
            )
            for table, names in columns.items()
        }


def _memory(site: Path) -> dict[str, frozenset[tuple[Any, ...]]]:
    folder = site / "var/state/memory"
    return {
        path.stem: frozenset(pl.read_parquet(path).iter_rows()) for path in sorted(folder.glob("*.parquet"))
    }


def _sent(site: Path) -> dict[str, list[tuple[int, int]]]:
    found: dict[str, list[tuple[int, int]]] = {}
    for flow in FLOWS:
        for path in sorted((site / "var/landing" / flow).glob("*/manifest.json")):
            said = json.loads(path.read_bytes())
            rows = sum(file["rows"] for file in said["files"])
            found.setdefault(flow, []).append((said["sequence"], rows))
    return found


def files_of(site: Path) -> set[str]:
    """Return the files under the site's var/, run ids in their names left aside."""
    paths = (path.relative_to(site).as_posix() for path in (site / "var").rglob("*") if path.is_file())
    return {RUN_ID.sub("RUN", path) for path in paths}


def _books(site: Path) -> list[tuple[str, int]]:
    with closing(duckdb.connect(str(site / "var/warehouse.duckdb"), read_only=True)) as warehouse:
        return warehouse.execute("select flow, sequence from viaduct_batches order by all").fetchall()


def log_of(site: Path) -> Verified:
    """Return what the disclosure log adds up to. Errors: DisclosureLogBroken."""
    return verify(site / "var/log", load_verifier("log", site / "keys"))


def assert_whole(site: Path, wanted: Left) -> None:
    """The site ended as the undisturbed one: same rows and memory, each number once, a log that verifies."""
    left = what_is_left(site)
    assert left.rows == wanted.rows
    assert left.sent == wanted.sent
    assert left.books == wanted.books
    assert left.memory == wanted.memory
    log = log_of(site)
    numbers = {flow: [number for number, _ in batches] for flow, batches in left.sent.items()}
    assert all(found == list(range(1, len(found) + 1)) for found in numbers.values())
    batches = sum(map(len, numbers.values()))
    assert (log.leaves["batch"], log.leaves["receipt"]) == (batches, batches)
    assert log.last_sequences == {flow: len(found) for flow, found in numbers.items()}
    assert not outbox(site), "the outbox holds something that nobody waits for"
    assert not list((site / "var").glob(".*.loading")), "a copy of the warehouse was left behind"


def outbox(site: Path) -> list[str]:
    """Return the names of what stands in the outboxes, half sealed or sealed."""
    return sorted(path.name for path in (site / "var/state/outbox").glob("*/*"))
