"""The oracle of conservation: it counts the bytes that were served and reads the warehouse with its own SQL.

It asks the program nothing. What the program says of itself (its fates, its findings) is held against the
bytes: each row has one fate and no more, each cell is where it belongs or kept back by a rule with a name.
"""

import hmac
import sqlite3
from collections import Counter, defaultdict
from contextlib import closing
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from tests.conservation.cells import LINKS, arrived
from tests.conservation.danger import in_danger
from tests.conservation.rules import Assessment, Block, Target
from tests.conservation.served import Served, cell

Snapshots = dict[str, dict[str, Served]]
KEY_COLUMNS = {"organisation": "org_id", "service_episode": "episode_id", "outcome_measure": "measure_id"}
MOST_TOLD = 20


@dataclass
class Counts:
    """What was counted: rows and their fates, cells and theirs, and what is wrong, by reference and field."""

    rows: int = 0
    no_fate: int = 0
    two_fates: int = 0
    fates: Counter[str] = field(default_factory=Counter)
    cells: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def add(self, other: "Counts") -> None:
        """Add another night's counts."""
        self.rows += other.rows
        self.no_fate += other.no_fate
        self.two_fates += other.two_fates
        self.fates.update(other.fates)
        self.cells.update(other.cells)
        self.wrong += other.wrong

    def object_to(self, words: str) -> None:
        """Note something that is wrong."""
        if len(self.wrong) < MOST_TOLD:
            self.wrong.append(words)


class Keys:
    """The released keys of one flow, made anew from its secret."""

    def __init__(self, site: Path, flow: str) -> None:
        secret = (site / f"var/keys/pseudonym-{flow}.key").read_text(encoding="ascii").splitlines()[1]
        said = f"viaduct/1\x1frecord\x1f{flow}\x1f1".encode()
        self._secret = hmac.digest(bytes.fromhex(secret), said, "sha256").hex().encode()
        self._known: dict[tuple[str, str, str], str] = {}

    def of(self, entity: str, source: str, reference: str) -> str:
        """Return the key of a record, as hexadecimal digits."""
        asked = entity, source, reference
        if asked not in self._known:
            message = f"{source}\x1f{source}\x1f{entity}\x1f{reference}".encode()
            self._known[asked] = hmac.digest(self._secret, message, "sha256")[:16].hex()
        return self._known[asked]


class Oracle:
    """What holds between the bytes of the last accepted pulls and what lies on the council's side."""

    def __init__(self, site: Path, assessment: Assessment) -> None:
        self.site, self.assessment = site, assessment
        self.keys = {flow: Keys(site, flow) for flow in assessment.flows}

    def count(self, snapshots: Snapshots) -> Counts:
        """Return the counts of a night: every row of every accepted export, in every flow."""
        counts, emptied = Counts(), self._emptied()
        for source, exports in snapshots.items():
            danger = in_danger(exports)
            for served in exports.values():
                counts.rows += served.rows
                counts.fates.update(repeated=len(served.again), rejected=len(served.nameless))
            for flow in self.assessment.flows:
                OneFlow(self, flow, source, danger, emptied, counts).count(exports)
        return counts

    def _emptied(self) -> dict[tuple[str, str, str, str], str]:
        """Return the check that emptied a field, by source, entity, record and field."""
        asked = "select source, entity, record, field, check_id from finding where state = 'open'"
        with closing(sqlite3.connect(self.site / "var/state/findings.sqlite")) as store:
            return {(s, e, r, f): check for s, e, r, f, check in store.execute(asked)}

    def fates(self, flow: str, source: str) -> dict[tuple[str, str], list[str]]:
        """Return what the program says of the records that stayed behind, by entity and key."""
        path = self.site / f"var/state/fates/{flow}.parquet"
        asked = "select entity, lower(hex(key)), fate from read_parquet(?) where source = ?"
        found: dict[tuple[str, str], list[str]] = defaultdict(list)
        with closing(duckdb.connect()) as memory:
            for entity, key, fate in memory.execute(asked, [str(path), source]).fetchall():
                found[entity, key].append(fate)
        return found

    def rows(self, flow: str, source: str) -> dict[str, dict[str, dict[str, str | None]]]:
        """Return what the warehouse holds of a source, by entity, key and column; every cell as text."""
        found: dict[str, dict[str, dict[str, str | None]]] = {}
        with closing(duckdb.connect(str(self.site / "var/warehouse.duckdb"), read_only=True)) as warehouse:
            asked = "select table_name from information_schema.tables where table_schema = ?"
            for (entity,) in warehouse.execute(asked, [flow]).fetchall():
                if entity == "withdrawn_records":
                    continue
                told = warehouse.execute(
                    f"select columns(*)::varchar from {flow}.{entity} where source_system = ?", [source]
                )
                columns = [column[0] for column in told.description]
                own = columns.index(KEY_COLUMNS.get(entity, f"{entity}_id"))
                found[entity] = {
                    row[own].replace("-", ""): dict(zip(columns, row, strict=True)) for row in told.fetchall()
                }
        return found


class OneFlow:
    """One flow and one source of it, held against the rows that were served."""

    def __init__(
        self,
        oracle: Oracle,
        flow: str,
        source: str,
        danger: set[str],
        emptied: dict[Any, str],
        counts: Counts,
    ) -> None:
        self._oracle, self._flow, self._source = oracle, flow, source
        self._danger, self._emptied, self._counts = danger, emptied, counts
        self._fates, self._rows = oracle.fates(flow, source), oracle.rows(flow, source)
        self._key = cache(lambda entity, name: oracle.keys[flow].of(entity, source, name))
        self._seen: set[tuple[str, str]] = set()

    def count(self, exports: dict[str, Served]) -> None:
        """Count every row of the exports, and what neither comes from one nor has a right to be there."""
        for served in exports.values():
            self._export(served)
        there = {(entity, key) for entity, rows in self._rows.items() for key in rows}
        for entity, _ in (there | self._fates.keys()) - self._seen:
            self._counts.object_to(f"{self._flow}: a {entity} of {self._source} comes from no row")

    def _export(self, served: Served) -> None:
        primary = served.mapping.blocks[0].entity
        leaves: set[int] = set()
        cells: dict[int, dict[str, str]] = defaultdict(dict)
        for block in served.mapping.blocks:
            for name, line in served.records(block).items():
                fate = self._fate(block.entity, name)
                if block.entity == primary:
                    self._counts.fates[f"{self._flow} {fate}"] += 1
                if fate == "released":
                    leaves |= {line} if block.entity == primary else set()
                    self._record(block, name, served.read[line], cells[line])
        for line in served.read:
            if line in leaves:
                self._sum(served, cells[line])
            else:
                self._counts.cells["of rows kept back"] += len(served.header)

    def _fate(self, entity: str, name: str) -> str:
        """Return the one fate of a record; one that has none, or two, is counted."""
        key = self._key(entity, name)
        self._seen.add((entity, key))
        said, there = self._fates.get((entity, key), []), key in self._rows.get(entity, {})
        if not said and not there:
            self._counts.no_fate += 1
            self._counts.object_to(f"{self._flow}: {entity} {name} has no fate")
        if len(said) > 1 or (said == ["withheld"] and there):
            self._counts.two_fates += 1
            self._counts.object_to(f"{self._flow}: {entity} {name} has two fates")
        return said[0] if said else "released" if there else "lost"

    def _record(self, block: Block, name: str, row: dict[str, str], cells: dict[str, str]) -> None:
        """Hold each cell that the record is made of against the warehouse; say what became of it."""
        shown = self._oracle.assessment.released(self._flow, block.entity)
        hidden = self._oracle.assessment.hidden(self._flow, block.entity)
        there = self._rows[block.entity][self._key(block.entity, name)]
        flagged = row.get("Org Person ID", "").strip().upper() in self._danger
        for target in block.targets:
            column = shown.get(target.field)
            if column is None:
                cells.setdefault(target.column, "withheld: not in the flow")
                continue
            wanted = self._wanted(block, target, row[target.column], column)
            if flagged and column in hidden:
                became, right = f"withheld: rule {hidden[column]}", there[column] is None
            elif there[column] is None and wanted is not None:
                check = self._emptied.get((self._source, block.entity, name, target.field))
                became, right = f"withheld: check {check}", check is not None
            else:
                became, right = "allowed", there[column] == wanted
            if not right:
                self._counts.object_to(f"{self._flow}: {block.entity}.{column} of {name} is not its cell")
            if became == "allowed" or cells.get(target.column) != "allowed":
                cells[target.column] = became

    def _wanted(self, block: Block, target: Target, words: str, column: str) -> str | None:
        if target.converter in {"reference", "parent_reference"}:
            reference = (cell(words) or "").upper()
            linked = block.entity if target.field == KEY_COLUMNS.get(block.entity) else LINKS[target.field]
            return _dashed(self._key(linked, reference)) if reference else None
        return arrived(target, words, column)

    def _sum(self, served: Served, cells: dict[str, str]) -> None:
        """Cells = allowed + withheld by a rule + dropped because the column is unknown."""
        unknown = set(served.unknown)
        for column in served.header:
            fate = (
                "unknown column dropped" if column in unknown else cells.get(column, "withheld: never taken")
            )
            self._counts.cells[fate] += 1


def _dashed(digits: str) -> str:
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
