"""One flow at a database that dlt writes into: what it shows now, sending rows, and counting what arrived.

What dlt needs on the disk (rows among it) lies in a private folder that is gone afterwards. It sends nothing
to its makers, logs nothing, and reads no settings but those it is given here.
"""

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dlt
import pyarrow as pa
from dlt.common.exceptions import DltException

GONE = "viaduct_gone"
STATE = "viaduct_state"
MERGE = "delete-insert"
WHOLE = "insert-from-staging"
FAULTS: tuple[type[Exception], ...] = (DltException, OSError, pa.ArrowException)
Counts = tuple[int, ...]


@contextmanager
def quiet(folder: Path) -> Iterator[None]:
    """Let dlt work in the folder, tell nobody and log nothing, while the block runs."""
    settings = {
        "RUNTIME__DLTHUB_TELEMETRY": "false",
        "RUNTIME__LOG_LEVEL": "CRITICAL",
        "DLT_DATA_DIR": str(folder / "data"),
        "DLT_PROJECT_DIR": str(folder),
        "LOAD__TRUNCATE_STAGING_DATASET": "true",
    }
    before = {name: os.environ.get(name) for name in settings}
    os.environ.update(settings)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@dataclass(frozen=True)
class Sent:
    """One table on its way: how to ask for its rows, its key, and whether they take the place of all rows."""

    name: str
    rows: Callable[[], pa.RecordBatchReader]
    key: tuple[str, ...]
    whole: bool


@dataclass(frozen=True)
class Shown:
    """What a destination says that it shows of a flow."""

    state: str
    batch_sequence: int
    certificates: int


class Line:
    """One flow at a destination. Errors of every method: those of FAULTS, whose words may hold a value."""

    def __init__(self, kind: str, credentials: str, flow: str, folder: Path) -> None:
        self._flow = flow
        self._place = _destination(kind, credentials)
        self._pipeline = dlt.pipeline(
            f"viaduct_{flow}", destination=self._place, dataset_name=flow, pipelines_dir=str(folder)
        )
        self._pipeline.sync_destination()
        able = self._place.capabilities()
        self.merges = MERGE in (able.supported_merge_strategies or [])
        self._whole = {"disposition": "replace"} | (
            {"strategy": WHOLE} if WHOLE in (able.supported_replace_strategies or []) else {}
        )

    def shown(self) -> Shown | None:
        """Return what the destination shows; None where nothing was ever finished there."""
        if self._pipeline.default_schema_name is None or STATE not in self._pipeline.default_schema.tables:
            return None
        with self._pipeline.sql_client() as client:
            name = client.make_qualified_table_name(STATE)
            found = client.execute_sql(f"SELECT state, batch_sequence, certificates FROM {name}")
        return Shown(*found[0]) if found else None

    def send(self, tables: Sequence[Sent]) -> None:
        """Send the tables; each changes in one step where the destination can."""
        self._pipeline.run([self._resource(table) for table in tables])

    def tell(self, shown: Shown) -> None:
        """Say what the destination shows from now on."""
        row = pa.Table.from_pylist([vars(shown)])
        self._pipeline.run(row, table_name=STATE, write_disposition={"disposition": "replace"})

    def counts(self, name: str, columns: Sequence[str]) -> Counts:
        """Return how many rows the table has there, and how many of them have something in each column."""
        if name not in self._pipeline.default_schema.tables:
            return ()
        with self._pipeline.sql_client() as client:
            each = ", ".join(f"count({client.escape_column_name(column)})" for column in columns)
            table = client.make_qualified_table_name(name)
            found = client.execute_sql(f"SELECT count(*), {each} FROM {table}")
        return tuple(map(int, found[0])) if found else ()

    def _resource(self, table: Sent) -> Any:
        how = self._whole if table.whole else {"disposition": "merge", "strategy": MERGE}
        return dlt.resource(
            _parts(table.rows),
            name=table.name,
            primary_key=list(table.key),
            write_disposition=how,
            columns={GONE: {"hard_delete": True, "data_type": "bool"}} if not table.whole else None,
        )


def _parts(asked: Callable[[], pa.RecordBatchReader]) -> Iterator[pa.Table]:
    """Yield the rows, asked for when their turn has come; of none an empty table, which empties another."""
    rows = asked()
    yield rows.schema.empty_table()
    for batch in rows:
        yield pa.Table.from_batches([batch])


def _destination(kind: str, credentials: str) -> Any:
    """Return dlt's destination of that name. Errors: DltException, ValueError."""
    given: Mapping[str, Any] = json.loads(credentials) if credentials.startswith("{") else {}
    if given:
        return getattr(dlt.destinations, kind)(**given)
    if kind == "filesystem":
        return dlt.destinations.filesystem(bucket_url=credentials)
    return getattr(dlt.destinations, kind)(credentials=credentials)
