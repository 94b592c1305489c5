"""The released tables of the commissioning flow as facts, opened for reading only, in bounded memory."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from canonical import ENTITIES, spec
from canonical.sql import DUCKDB, warehouse_columns
from feed.award_facts import AWARD_FACTS
from feed.errors import CountsTooLarge, WarehouseNotThere
from feed.fact import Fact, Needs
from feed.hub_facts import HUB_FACTS
from feed.model import Area
from feed.move_facts import MOVE_FACTS
from feed.parts import HERE, ROWS_IN_PART, Part, columns_asked, number_of_parts
from feed.place import PLACE_VIEW, WARD_VIEW, names_of_neighbourhoods
from feed.record_facts import RECORD_FACTS, RECORD_VIEWS
from feed.service_facts import SERVICE_FACTS
from feed.single_service_facts import SINGLE_SERVICE_FACTS
from feed.wait_facts import WAIT_FACTS, WAIT_VIEWS
from feed.wellbeing_facts import WELLBEING_FACTS, WELLBEING_VIEWS

SCHEMA = "commissioning"
MEMORY_MB = 400
"""What counting may take beside a copy that is in memory already, however many rows there are."""
THREADS = 2
Opened = Path | duckdb.DuckDBPyConnection
"""A warehouse file, or a copy of the schema in memory, which is closed once it was read."""
WAREHOUSE_TYPES = dict(zip(warehouse_columns, ("VARCHAR", "BIGINT", "VARCHAR", "TIMESTAMPTZ"), strict=True))
ALL_FACTS = (
    *HUB_FACTS,
    *SERVICE_FACTS,
    *WAIT_FACTS,
    *MOVE_FACTS,
    *WELLBEING_FACTS,
    *AWARD_FACTS,
    *RECORD_FACTS,
    *SINGLE_SERVICE_FACTS,
)
FACTS: dict[str, Fact] = {fact.name: fact for fact in ALL_FACTS}

PERSON_VIEW = """SELECT person_id, min(linked_person_id) AS linked_person_id FROM all_person
    WHERE linked_person_id IS NOT NULL GROUP BY person_id"""
CASE_VIEW = """SELECT referral_id, min(lot_code) AS lot_code, min(referrer_type) AS referrer_type,
    min(age_band) AS age_band, min(received_on) AS received_on FROM all_referral GROUP BY referral_id"""
TRAIT_VIEW = """SELECT person_id, arg_max(gender, (recorded_on, characteristics_id::VARCHAR)) AS gender
    FROM all_characteristics WHERE gender IS NOT NULL GROUP BY person_id"""
SETTINGS = (
    f"threads = {THREADS}",
    "temp_directory = ''",
    "preserve_insertion_order = false",
    "enable_external_access = false",
    "TimeZone = 'UTC'",
)
"""Nothing is spilt: what is counted stands in the warehouse and in memory, and nowhere else."""
SHARED = {
    "feed_trait": TRAIT_VIEW,
    "feed_person": PERSON_VIEW,
    "feed_case": CASE_VIEW,
    "feed_ward": WARD_VIEW,
    "feed_place": PLACE_VIEW,
    **WELLBEING_VIEWS,
    **WAIT_VIEWS,
    **RECORD_VIEWS,
}
OF_FACTS = {name: fact.select() for name, fact in FACTS.items()}
READ_BY_FACTS = frozenset(columns_asked(OF_FACTS))


class Facts:
    """The facts of one warehouse: a view `fact_NAME` each, over `all_ENTITY`, the rows of the part at hand.

    Views `every_ENTITY` have every row with every field. A warehouse that is one part stands open from the
    beginning; of a larger one there are facts only while one of its parts is at hand.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        area: Area,
        borough_only: Sequence[str] = (),
        rows_in_part: int = ROWS_IN_PART,
    ) -> None:
        self.area = area
        self._connection = connection
        self._columns = self._read_columns()
        self._set(
            hub_source=area.hub_source,
            hub_lots=list(area.hub_lots),
            district=area.district,
            borough_only_lots=list(borough_only),
        )
        for entity in ENTITIES:
            self._view(f"every_{entity}", self._every_field(entity))
        self._parts = number_of_parts(self._number_of_rows(), rows_in_part)
        for statement in names_of_neighbourhoods(Part(number, self._parts) for number in range(self._parts)):
            self.run(statement)
        if self._parts == 1:
            for entity in ENTITIES:
                self._view(f"all_{entity}", f"FROM every_{entity}")
            self._tell(None)

    def each_part(self) -> Iterator[None]:
        """Leave the facts of one part after the other to be counted; together they are those of all rows."""
        if self._parts == 1:
            yield
            return
        columns = columns_asked({**SHARED, **OF_FACTS})
        for number in range(self._parts):
            part = Part(number, self._parts)
            for statement in part.statements(columns):
                self.run(statement)
            for entity in ENTITIES:
                if entity not in columns:
                    self._view(f"all_{entity}", f"FROM every_{entity}")
            self._tell(part)
            yield
            self._forget()

    def missing(self, needs: Needs) -> list[str]:
        """Return the fields that are needed and that the flow does not release."""
        return [
            f"{entity}.{field}"
            for entity, fields in needs.items()
            for field in fields
            if field not in self._columns.get(entity, frozenset())
        ]

    def tells(self, fact: Fact, split: str) -> bool:
        """Return whether the flow releases the field that the fact's category is read from."""
        entity, _, name = fact.field_of(split).partition(".")
        return name in self._columns.get(entity, frozenset())

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Return all rows of a statement put together from names of our own schema."""
        return self._connection.execute(sql).fetchall()

    def frame(self, sql: str) -> pl.DataFrame:
        """Return the counts that a statement makes as a table."""
        return self._connection.execute(sql).pl()

    def run(self, sql: str) -> None:
        """Run a statement that leaves a temporary table behind, or drops one."""
        self._connection.execute(sql)

    def _tell(self, part: Part | None) -> None:
        for name, statement in SHARED.items():
            self.run(f"CREATE TEMP TABLE {name} AS {statement}")
        for entity in columns_asked(SHARED) if part else ():
            if entity not in READ_BY_FACTS:
                self.run(f"DROP TABLE all_{entity}")
        for fact in FACTS.values():
            self._view(f"fact_{fact.name}", fact.select(part))

    def _forget(self) -> None:
        """Take away all that the part at hand left behind."""
        for (name,) in self.rows("SELECT view_name FROM duckdb_views() WHERE temporary AND NOT internal"):
            if name.startswith(("fact_", "all_")):
                self.run(f"DROP VIEW {name}")
        for (name,) in self.rows("SELECT table_name FROM duckdb_tables() WHERE temporary"):
            if name.startswith("all_") or name in {*SHARED, HERE}:
                self.run(f"DROP TABLE {name}")

    def _number_of_rows(self) -> int:
        """Return how many rows of the flow there are."""
        there = [entity for entity in ENTITIES if entity in self._columns]
        each = " UNION ALL ".join(f"SELECT count(*) AS many FROM {SCHEMA}.{entity}" for entity in there)
        return int(self.rows(f"SELECT coalesce(sum(many), 0) FROM ({each})")[0][0]) if each else 0

    def _read_columns(self) -> dict[str, frozenset[str]]:
        found: dict[str, set[str]] = {}
        for table, column in self.rows(
            f"SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = '{SCHEMA}'"
        ):
            found.setdefault(table, set()).add(column)
        return {table: frozenset(columns) for table, columns in found.items()}

    def _every_field(self, entity: str) -> str:
        types = {name: DUCKDB[field.kind] for name, field in spec(entity).fields.items()} | WAREHOUSE_TYPES
        there = self._columns.get(entity, frozenset())
        columns = [name if name in there else f"NULL::{kind} AS {name}" for name, kind in types.items()]
        source = f"{SCHEMA}.{entity}" if there else "(SELECT 1 WHERE false)"
        return f"SELECT {', '.join(columns)} FROM {source}"

    def _set(self, **values: Any) -> None:
        for name, value in values.items():
            self._connection.execute(f"SET VARIABLE {name} = ?", [value])

    def _view(self, name: str, statement: str) -> None:
        self._connection.execute(f"CREATE TEMP VIEW {name} AS {statement}")


@contextmanager
def facts_of(
    warehouse: Opened, area: Area, borough_only: Sequence[str] = (), rows_in_part: int = ROWS_IN_PART
) -> Iterator[Facts]:
    """Yield the facts of the warehouse.

    Given:   the lots that are counted for the borough only; how many rows are counted at once.
    Errors:  WarehouseNotThere, CountsTooLarge.
    """
    connection = opened(warehouse)
    too_large = False
    try:
        yield Facts(connection, area, borough_only, rows_in_part)
    except duckdb.OutOfMemoryException:
        too_large = True
    finally:
        connection.close()
    if too_large:
        raise CountsTooLarge(f"{MEMORY_MB:,} MB were not enough")


def opened(warehouse: Opened) -> duckdb.DuckDBPyConnection:
    """Return the warehouse opened for reading: no network, no spilled byte. Errors: WarehouseNotThere."""
    connection = _connected(warehouse)
    for setting in SETTINGS:
        connection.execute(f"SET {setting}")
    held = connection.execute("SELECT sum(memory_usage_bytes) FROM duckdb_memory()").fetchall()[0][0]
    connection.execute(f"SET memory_limit = '{MEMORY_MB + held // 1_000_000}MB'")
    return connection


def _connected(warehouse: Opened) -> duckdb.DuckDBPyConnection:
    if isinstance(warehouse, duckdb.DuckDBPyConnection):
        return warehouse
    if not warehouse.is_file():
        raise WarehouseNotThere(f"{warehouse.name} does not exist")
    try:
        return duckdb.connect(str(warehouse), read_only=True)
    except duckdb.Error as error:
        raise WarehouseNotThere(f"{warehouse.name} cannot be opened ({type(error).__name__})") from None
