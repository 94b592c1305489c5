"""The released tables of one period, as views that every figure counts from."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from feed.errors import WarehouseNotThere
from feed.model import Area, Breakdown, Completeness, Freshness, Period
from feed.suppression import cells

SCHEMA = "commissioning"
Opened = Path | duckdb.DuckDBPyConnection
"""A warehouse file, or a copy of the schema in memory, which is closed once it was read."""
DAY_OF = {
    "referral": "received_on",
    "advice": "given_on",
    "signposting": "signposted_on",
    "onward_referral": "made_on",
    "service_episode": "started_on",
}
HUB_REFERRAL = """lot_code IN (SELECT unnest(getvariable('hub_lots')))
    AND status IS DISTINCT FROM 'duplicate' AND parent_referral_id IS NULL"""
ANY_REFERRAL = "status IS DISTINCT FROM 'duplicate'"
HUB_WORK = "source_system = getvariable('hub_source')"


class Released:
    """One period of the commissioning schema, opened for reading only.

    The views `hub_referral`, `hub_advice`, `hub_signposting` and `hub_onward` hold the hub's own work in the
    period, `any_referral` what every provider received in it, `episode` the services that started in it; the
    same names with `_ever` leave the period open.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, period: Period, area: Area) -> None:
        self.period, self.area = period, area
        self._connection = connection
        self._columns = self._read_columns()
        self._set(
            period_start=period.start,
            period_end=period.end,
            hub_source=area.hub_source,
            hub_lots=list(area.hub_lots),
        )
        self._view("hub_referral", "referral", HUB_REFERRAL, ("lot_code", "status", "parent_referral_id"))
        self._view("any_referral", "referral", ANY_REFERRAL, ("source_system", "status", "person_id"))
        self._view("hub_advice", "advice", HUB_WORK, ("source_system",))
        self._view("hub_signposting", "signposting", HUB_WORK, ("source_system",))
        self._view("hub_onward", "onward_referral", HUB_WORK, ("source_system",))
        self._view("episode", "service_episode", "true", ())

    def missing(self, needs: dict[str, tuple[str, ...]]) -> list[str]:
        """Return the columns a figure needs that the flow does not release."""
        return [
            f"{table}.{column}"
            for table, columns in needs.items()
            for column in (*columns, DAY_OF.get(table))
            if column and column not in self._columns.get(table, frozenset())
        ]

    def has(self, table: str, column: str) -> bool:
        """Return whether the flow releases the column."""
        return column in self._columns.get(table, frozenset())

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Return all rows of a statement put together from names of our own schema."""
        return self._connection.execute(sql).fetchall()

    def number(self, sql: str) -> int:
        """Return the single whole number a statement counts."""
        return int(self.rows(sql)[0][0])

    def by_month(self, view: str, day: str, title: str, unit: str, where: str = "true") -> Breakdown:
        """Return how many rows fall in each month of the period, small counts hidden."""
        counted = dict(
            self.rows(f"SELECT strftime({day}, '%Y-%m'), count(*) FROM {view} WHERE {where} GROUP BY 1")
        )
        months = [(f"{month:%b %Y}", int(counted.get(f"{month:%Y-%m}", 0))) for month in self._months()]
        return Breakdown(id=f"{view}.month", title=title, unit=unit, kind="columns", cells=cells(months))

    def completeness(self, view: str, field: str, where: str = "true", note: str = "") -> Completeness:
        """Return in how many rows of the view the field is filled in."""
        present, rows = self.rows(f"SELECT count({field}), count(*) FROM {view} WHERE {where}")[0]
        return Completeness(field=field, present=present, rows=rows, note=note)

    def freshness(self) -> Freshness:
        """Return the last batch any table of the schema has seen."""
        seen = [
            f"SELECT batch_sequence, run_id, released_at FROM {SCHEMA}.{table}"
            for table, columns in sorted(self._columns.items())
            if {"batch_sequence", "run_id", "released_at"} <= columns
        ]
        if not seen:
            return Freshness()
        last = self.rows(
            f"SELECT batch_sequence, run_id, released_at::VARCHAR FROM ({' UNION ALL '.join(seen)}) "
            "ORDER BY batch_sequence DESC NULLS LAST, released_at DESC LIMIT 1"
        )
        return (
            Freshness(batch_sequence=last[0][0], run_id=last[0][1], released_at=last[0][2])
            if last
            else Freshness()
        )

    def _months(self) -> Iterator[date]:
        year, month = self.period.start.year, self.period.start.month
        while (year, month) <= (self.period.end.year, self.period.end.month):
            yield date(year, month, 1)
            year, month = (year, month + 1) if month < 12 else (year + 1, 1)

    def _read_columns(self) -> dict[str, frozenset[str]]:
        found: dict[str, set[str]] = {}
        for table, column in self.rows(
            f"SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = '{SCHEMA}'"
        ):
            found.setdefault(table, set()).add(column)
        return {table: frozenset(columns) for table, columns in found.items()}

    def _set(self, **values: Any) -> None:
        for name, value in values.items():
            self._connection.execute(f"SET VARIABLE {name} = ?", [value])

    def _view(self, name: str, table: str, where: str, uses: tuple[str, ...]) -> None:
        if self.missing({table: uses}):
            return
        self._connection.execute(
            f"CREATE TEMP VIEW {name}_ever AS SELECT * FROM {SCHEMA}.{table} WHERE {where}"
        )
        self._connection.execute(
            f"CREATE TEMP VIEW {name} AS SELECT * FROM {name}_ever "
            f"WHERE {DAY_OF[table]} BETWEEN getvariable('period_start') AND getvariable('period_end')"
        )


@contextmanager
def released(warehouse: Opened, period: Period, area: Area) -> Iterator[Released]:
    """Yield the released tables of the warehouse. Errors: WarehouseNotThere."""
    connection = _opened(warehouse)
    try:
        connection.execute("SET enable_external_access = false")
        connection.execute("SET TimeZone = 'UTC'")
        yield Released(connection, period, area)
    finally:
        connection.close()


def _opened(warehouse: Opened) -> duckdb.DuckDBPyConnection:
    if isinstance(warehouse, duckdb.DuckDBPyConnection):
        return warehouse
    if not warehouse.is_file():
        raise WarehouseNotThere(f"{warehouse.name} does not exist")
    try:
        return duckdb.connect(str(warehouse), read_only=True)
    except duckdb.Error as error:
        raise WarehouseNotThere(f"{warehouse.name} cannot be opened ({type(error).__name__})") from None
