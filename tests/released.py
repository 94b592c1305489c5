"""What the council's side holds, from outside: rows by CRM reference, tombstones, opened batches."""

import io
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import UUID

import duckdb
import polars as pl

from canonical import spec
from sealing import keys
from sealing.envelope import open_sealed
from sharing import Flow
from sync.explain import explain
from sync.place import look
from tests.nights import PROVENANCE, NightSite

FLOWS = ("early_help", "commissioning")


class Council:
    """The warehouse as it is now, addressed by the references that a provider sees; read once."""

    def __init__(self, night: NightSite) -> None:
        self.night = night
        self._flows = {flow: _compiled(night, flow) for flow in FLOWS}
        self._tables: dict[tuple[str, str], list[dict[str, Any]]] = {}
        self._keyed: dict[tuple[str, str], dict[UUID, dict[str, Any]]] = {}
        self._stayed: dict[str, dict[tuple[str, UUID], tuple[str, str]]] = {}

    def key(self, flow: str, entity: str, source: str, reference: str) -> UUID:
        """Return the key under which the flow releases the record."""
        return UUID(bytes=self._flows[flow].keys(entity, source, pl.Series([reference]))[0])

    def keys(self, flow: str, entity: str, source: str, references: list[str]) -> dict[UUID, str]:
        """Return the references by their keys in the flow."""
        found = self._flows[flow].keys(entity, source, pl.Series(references, dtype=pl.String))
        return {UUID(bytes=key): name for key, name in zip(found, references, strict=True)}

    def rows(self, flow: str, entity: str) -> list[dict[str, Any]]:
        """Return every row of a released table, by column."""
        if (flow, entity) not in self._tables:
            with closing(duckdb.connect(str(self.night.site.warehouse), read_only=True)) as warehouse:
                found = warehouse.execute(f"select * from {flow}.{entity}")
                columns = [column[0] for column in found.description]
                self._tables[flow, entity] = [
                    dict(zip(columns, row, strict=True)) for row in found.fetchall()
                ]
        return self._tables[flow, entity]

    def row(self, flow: str, entity: str, source: str, reference: str) -> dict[str, Any] | None:
        """Return the record's row, by column, or nothing."""
        if (flow, entity) not in self._keyed:
            name = spec(entity).key[0]
            self._keyed[flow, entity] = {row[name]: row for row in self.rows(flow, entity)}
        return self._keyed[flow, entity].get(self.key(flow, entity, source, reference))

    def tombstone(self, flow: str, entity: str, source: str, reference: str) -> bool:
        """Return whether the record was there and has been withdrawn."""
        key = self.key(flow, entity, source, reference)
        return any(
            (row["entity"], row["key"]) == (entity, key) for row in self.rows(flow, "withdrawn_records")
        )

    def stayed(self, flow: str, entity: str, source: str, reference: str) -> tuple[str, str]:
        """Return the fate and reason of a record that the last run did not send."""
        if flow not in self._stayed:
            rows = pl.read_parquet(self.night.site.var / "state" / "fates" / f"{flow}.parquet")
            self._stayed[flow] = {
                (row["entity"], UUID(bytes=row["key"])): (row["fate"], row["reason"])
                for row in rows.iter_rows(named=True)
                if row["key"] is not None
            }
        return self._stayed[flow][entity, self.key(flow, entity, source, reference)]

    def count(self, flow: str, entity: str, where: str = "true") -> int:
        """Return how many rows of a released table meet the condition."""
        return int(self.night.query(f"select count(*) from {flow}.{entity} where {where}")[0][0])


_KEYED: dict[bytes, Flow] = {}


def _compiled(night: NightSite, flow: str) -> Flow:
    """Return the flow as it names records, which depends on its pseudonym key alone."""
    secret = (night.folder / "var" / "keys" / f"pseudonym-{flow}.key").read_bytes()
    if secret not in _KEYED:
        with look(night.site) as place:
            _KEYED[secret] = place.compile_flow(place.dpia, flow)
    return _KEYED[secret]


def warehouse_rows(night: NightSite) -> dict[str, set[tuple[Any, ...]]]:
    """Return every row of every released table, provenance left aside."""
    with closing(duckdb.connect(str(night.site.warehouse), read_only=True)) as warehouse:
        tables: dict[str, list[str]] = {}
        for schema, name, column in warehouse.execute(
            "select table_schema, table_name, column_name from information_schema.columns"
            " where table_schema in ('early_help', 'commissioning') order by all"
        ).fetchall():
            kept = tables.setdefault(f"{schema}.{name}", [])
            if column not in PROVENANCE | {"withdrawn_at"}:
                kept.append(column)
        return {
            table: set(warehouse.execute(f"select {', '.join(columns)} from {table}").fetchall())
            for table, columns in tables.items()
        }


def why(night: NightSite, source: str, reference: str) -> dict[tuple[str, str], dict[str, Any]]:
    """Return what `explain` answers of a record, by flow and entity."""
    with look(night.site) as place:
        told = explain(place, reference, source)["sources"][0]
    return {(flow["flow"], record["entity"]): record for flow in told["flows"] for record in flow["records"]}


def opened(night: NightSite) -> dict[str, pl.DataFrame]:
    """Return every file ever landed, decrypted with the council's key, by its path."""
    site = night.site
    identity = keys.load_identity(site.keys.private)
    landing = Path(str(site.landing))
    return {
        path.relative_to(landing).as_posix(): pl.read_parquet(
            io.BytesIO(open_sealed(path.read_bytes(), identity))
        )
        for path in sorted(landing.rglob("*.parquet.age"))
    }


def landed(night: NightSite) -> dict[str, bytes]:
    """Return every file of the landing zone with its bytes."""
    landing = Path(str(night.site.landing))
    return {
        path.relative_to(landing).as_posix(): path.read_bytes()
        for path in sorted(landing.rglob("*"))
        if path.is_file()
    }


def tree(folder: Path) -> dict[str, bytes]:
    """Return every file under a folder with its bytes."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def counts(summary: Any, flow: str) -> dict[str, dict[str, int]]:
    """Return, per entity, what the flow sent and withdrew, where it did either."""
    said = next(one for one in summary.to_json()["flows"] if one["flow"] == flow)
    told = {
        entity: {name: numbers[name] for name in ("released", "withdrawn") if numbers[name]}
        for entity, numbers in said["entities"].items()
    }
    return {entity: numbers for entity, numbers in told.items() if numbers}


def state(summary: Any, flow: str) -> str:
    """Return how far the flow's batch came."""
    return str(next(one for one in summary.to_json()["flows"] if one["flow"] == flow)["state"])
