"""A reader of lakes for tests: it follows the pointer as another system does, with no code of the product."""

import hashlib
import json
import uuid
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

Rows = list[tuple[Any, ...]]


def read_lake(folder: Path) -> dict[str, Rows]:
    """Return the rows of every table that the pointer names, by FLOW.TABLE; each file is as it says."""
    found: dict[str, Rows] = {}
    for flow, state in json.loads((folder / "current.json").read_text())["flows"].items():
        for name, table in state["tables"].items():
            if table["version"] is not None:
                found[f"{flow}.{name}"] = _of_version(folder / table["path"], table)
                continue
            content = (folder / table["path"]).read_bytes()
            assert hashlib.sha256(content).hexdigest() == table["sha256"]
            rows = pq.read_table(folder / table["path"])
            assert (rows.num_rows, len(content)) == (table["rows"], table["bytes"])
            assert rows.column_names == list(table["columns"]) or set(rows.column_names) == {
                *table["columns"]
            }
            found[f"{flow}.{name}"] = in_order(tuple(row.values()) for row in rows.to_pylist())
    return found


def _of_version(path: Path, table: dict[str, Any]) -> Rows:
    """Return the rows of that version of a Delta table."""
    from deltalake import DeltaTable

    files = [path / Path(uri).name for uri in DeltaTable(path, version=table["version"]).file_uris()]
    assert sum(file.stat().st_size for file in files) == table["bytes"]
    rows = [row for file in files for row in pq.ParquetFile(file).read().to_pylist()]
    assert len(rows) == table["rows"]
    return in_order(tuple(row[name] for name in table["columns"]) for row in rows)


def read_warehouse(path: Path) -> dict[str, Rows]:
    """Return the rows of every table of the flows, and of the list of batches, in the words of a lake."""
    tables = "SELECT table_schema, table_name FROM information_schema.tables WHERE table_schema <> 'main'"
    with closing(duckdb.connect(path, read_only=True)) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        found = {
            f"{flow}.{name}": in_order(connection.execute(f'SELECT * FROM {flow}."{name}"').fetchall())
            for flow, name in connection.execute(tables).fetchall()
        }
        for (flow,) in connection.execute("SELECT DISTINCT flow FROM viaduct_batches").fetchall():
            found[f"{flow}.batches"] = in_order(
                connection.execute(
                    "SELECT sequence, batch_id, run_id, dpia_id, dpia_version, released_at, loaded_at, "
                    "rows_upserted, rows_withdrawn FROM viaduct_batches WHERE flow = ?",
                    [flow],
                ).fetchall()
            )
    return found


def every_value(folder: Path) -> set[str]:
    """Return every text in any Parquet file below the folder, named by the pointer or not."""
    files = [path for path in folder.rglob("*.parquet") if path.is_file()]
    return {
        str(value)
        for file in files
        for row in pq.ParquetFile(file).read().to_pylist()
        for value in row.values()
    }


def in_order(rows: Any) -> Rows:
    """Return the rows sorted; keys as text, instants in UTC."""
    return sorted((tuple(map(_said, row)) for row in rows), key=str)


def _said(value: Any) -> Any:
    if isinstance(value, uuid.UUID):
        return str(value)
    return value.isoformat() if hasattr(value, "isoformat") else value
