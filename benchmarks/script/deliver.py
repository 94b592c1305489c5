"""Steps 9 to 11: sealed files, a loaded warehouse, and what to remember."""

import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pyrage

ROWS_PER_FILE = 250_000
MEMORY = pa.schema([("entity", pa.string()), ("key", pa.binary()), ("fingerprint", pa.binary())])
STAMPED = "1::BIGINT AS batch_sequence, 'tonight' AS run_id, now() AS released_at"


@contextmanager
def warehouse(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield the warehouse inside one transaction, durable when it ends."""
    with duckdb.connect(path, config={"memory_limit": "1GB"}) as connection:
        connection.execute("BEGIN TRANSACTION")
        yield connection
        connection.execute("COMMIT")
        connection.execute("CHECKPOINT")


class Courier:
    """One flow's way from released rows to the warehouse."""

    def __init__(self, flow: str, place: Path, warehouse: duckdb.DuckDBPyConnection) -> None:
        self._flow, self._files = flow, place / flow
        self._files.mkdir(parents=True)
        self._identity = pyrage.x25519.Identity.generate()
        self._memory = pq.ParquetWriter(place / f"memory-{flow}.parquet", MEMORY, compression="zstd")
        self._warehouse = warehouse
        self._warehouse.execute(f"CREATE SCHEMA {flow}")
        self._new: set[str] = set()
        self._numbers = 0

    def carry(self, entity: str, rows: pl.DataFrame) -> None:
        """Seal the rows, open them again on the other side, load them, and note what went."""
        if rows.is_empty():
            return
        key = rows.columns[0]
        first_half = pl.col(key).bin.slice(0, 8).bin.reinterpret(dtype=pl.UInt64, endianness="big")
        rows = rows[rows.select(first_half.arg_sort()).to_series()]
        self._remember(entity, rows.select(key, "_fingerprint"))
        released = rows.drop("_fingerprint").with_columns(source_system=pl.lit("hub"))
        for piece in released.iter_slices(ROWS_PER_FILE):
            path, digest = self._seal(entity, piece)
            self._load(entity, key, path, digest)

    def close(self) -> None:
        """Finish the memory."""
        self._memory.close()

    def _seal(self, entity: str, rows: pl.DataFrame) -> tuple[Path, str]:
        buffer = io.BytesIO()
        arrays = [_arrow(rows[name]) for name in rows.columns]
        pq.write_table(pa.table(arrays, names=rows.columns), buffer, compression="zstd", store_schema=False)
        plain = buffer.getvalue()
        self._numbers += 1
        path = self._files / f"{entity}-{self._numbers:04}.parquet.age"
        path.write_bytes(pyrage.encrypt(plain, [self._identity.to_public()]))
        return path, hashlib.sha256(plain).hexdigest()

    def _load(self, entity: str, key: str, path: Path, digest: str) -> None:
        plain = pyrage.decrypt(path.read_bytes(), [self._identity])
        if hashlib.sha256(plain).hexdigest() != digest:
            raise SystemExit(f"{path.name} is not what was sealed")
        self._warehouse.register("incoming", pq.read_table(io.BytesIO(plain)))
        table = f'{self._flow}."{entity}"'
        if entity not in self._new:
            self._new.add(entity)
            self._warehouse.execute(f"CREATE TABLE {table} AS SELECT *, {STAMPED} FROM incoming")
        else:
            self._warehouse.execute(
                f"MERGE INTO {table} AS held USING (SELECT *, {STAMPED} FROM incoming) AS new "
                f"ON held.{key} = new.{key} WHEN MATCHED THEN UPDATE WHEN NOT MATCHED THEN INSERT"
            )
        self._warehouse.unregister("incoming")

    def _remember(self, entity: str, rows: pl.DataFrame) -> None:
        named = rows.select(
            pl.lit(entity).alias("entity"), rows.to_series(0).alias("key"), fingerprint="_fingerprint"
        )
        self._memory.write_table(named.to_arrow().cast(MEMORY))


def _arrow(column: pl.Series) -> pa.Array:
    if column.dtype != pl.Binary:
        return column.to_arrow()
    fixed = column.to_arrow().cast(pa.large_binary()).cast(pa.binary(16))
    return pa.ExtensionArray.from_storage(pa.uuid(), fixed)
