"""What was released and received: per flow and record a keyed digest, and never a value."""

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from canonical import ENTITIES
from sync.errors import StateUnreadable

ENTITY = pl.Enum(list(ENTITIES))
SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "bucket": pl.UInt16,
    "source": pl.String,
    "entity": ENTITY,
    "key": pl.Binary,
    "fingerprint": pl.Binary,
    "treatment": pl.UInt64,
    "batch": pl.UInt32,
    "person": pl.UInt64,
}
ARROW = pa.schema(
    [
        ("bucket", pa.uint16()),
        ("source", pa.string()),
        ("entity", pa.string()),
        ("key", pa.binary()),
        ("fingerprint", pa.binary()),
        ("treatment", pa.uint64()),
        ("batch", pa.uint32()),
        ("person", pa.uint64()),
    ]
)
EXPIRED = 0
"""The batch of a record that the recipient no longer has, because its time there is over."""
ROWS_IN_GROUP = 100_000
BUFFER_BYTES = 1 << 20


def encoding(schema: pa.Schema) -> dict[str, Any]:
    """Return how pyarrow is to write the columns: digests as they are, for nothing makes them smaller."""
    digests = {field.name for field in schema if pa.types.is_binary(field.type)}
    others = [name for name in schema.names if name not in digests]
    packing = {name: "NONE" if name in digests else "zstd" for name in schema.names}
    level = dict.fromkeys(others, 1)
    return {
        "use_dictionary": others,
        "compression": packing,
        "compression_level": level,
        "write_statistics": ["bucket"],
    }


@cache
def empty() -> pl.DataFrame:
    """Return a memory of nothing."""
    return pl.DataFrame(schema=SCHEMA)


def expired_path(memory: Path) -> Path:
    """Return where it is kept which records of this memory have expired: key, and through which batch."""
    return memory.parent.parent / "expired" / memory.name


class Memory:
    """The memory of one flow, read bucket by bucket so that it need not fit in RAM."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._expired = expired_path(path)

    @property
    def exists(self) -> bool:
        """Return whether this flow has ever been received."""
        return self.path.exists()

    def count(self) -> int:
        """Return how many records are remembered. Errors: StateUnreadable."""
        return self._file().metadata.num_rows if self.exists else 0

    def counts(self) -> dict[str, int]:
        """Return how many records of each source the recipient has."""
        if not self.exists:
            return {}
        there = self._rows().filter(pl.col("batch") != EXPIRED)
        return dict(there.group_by("source").len().collect().iter_rows())

    def buckets(self, first: int, last: int) -> pl.DataFrame:
        """Return what is remembered of the buckets first to last. Errors: StateUnreadable."""
        return self._read(lambda rows: rows.filter(pl.col("bucket").is_between(first, last)))

    def elsewhere(self, keys: pl.Series, first: int, last: int) -> pl.DataFrame:
        """Return what is remembered under these keys in other buckets than first to last.

        Given: keys that may have moved; few among many, as nights go. Errors: StateUnreadable.
        """
        if keys.is_empty():
            return empty()
        wanted = pl.LazyFrame({"key": keys})
        other = ~pl.col("bucket").is_between(first, last)
        return self._read(lambda rows: rows.filter(other).join(wanted, on="key", how="semi"))

    def _read(self, chosen: Callable[[pl.LazyFrame], pl.LazyFrame]) -> pl.DataFrame:
        if not self.exists:
            return empty()
        try:
            rows = chosen(self._rows())
            return rows.with_columns(pl.col("entity").cast(ENTITY)).collect()
        except (pl.exceptions.PolarsError, OSError):
            pass
        raise StateUnreadable(f"state/memory/{self.path.name}")

    def people(self) -> pl.Series:
        """Return the digests of the people of whom anything is remembered. Errors: StateUnreadable."""
        about = pl.col("person").is_not_null()
        return self._read(lambda rows: rows.filter(about).select("person", "entity"))["person"].unique()

    def people_there(self) -> pl.Series:
        """Return the digests of the people whom the recipient has anything of. Errors: StateUnreadable."""
        there = pl.col("person").is_not_null() & (pl.col("batch") != EXPIRED)
        return self._read(lambda rows: rows.filter(there).select("person", "entity"))["person"].unique()

    def there_of(self, keys: pl.Series, people: pl.Series) -> pl.DataFrame:
        """Return what the recipient has under these keys, or of these people. Errors: StateUnreadable."""
        of_people = pl.col("person").is_in(people.implode()).fill_null(value=False)
        asked = pl.col("key").is_in(keys.implode()) | of_people
        return self._read(lambda rows: rows.filter(asked & (pl.col("batch") != EXPIRED)))

    def there_of_anybody(self) -> pl.DataFrame:
        """Return what the recipient has that is about a person. Errors: StateUnreadable."""
        about = pl.col("person").is_not_null() & (pl.col("batch") != EXPIRED)
        return self._read(lambda rows: rows.filter(about))

    def find(self, keys: list[bytes]) -> pl.DataFrame:
        """Return what is remembered under these released keys."""
        if not self.exists:
            return empty()
        return self._rows().filter(pl.col("key").is_in(keys)).collect()

    def everything(self) -> pl.DataFrame:
        """Return all that is remembered; for the one night on which every key changes."""
        return self._read(lambda rows: rows)

    def keys(self) -> pl.DataFrame:
        """Return DataFrame[key, batch] of every record that the recipient has. Errors: StateUnreadable."""
        return self._read(lambda rows: rows.filter(pl.col("batch") != EXPIRED)).select("key", "batch")

    def unmarked(self) -> pl.DataFrame:
        """Return DataFrame[key] of the records whose own batch does not say yet that they have expired."""
        if not self.exists:
            return empty().select("key")
        rows = pl.scan_parquet(self.path).filter(pl.col("batch") != EXPIRED)
        return rows.select("key").collect()

    def _rows(self) -> pl.LazyFrame:
        """Return what is remembered; what has expired since its batch came is of batch EXPIRED."""
        rows = pl.scan_parquet(self.path)
        if not self._expired.exists():
            return rows
        gone = pl.read_parquet(self._expired).lazy()
        met = rows.join(gone, on="key", how="left", maintain_order="left")
        over = (pl.col("batch") <= pl.col("through")).fill_null(value=False)
        batch = pl.when(over).then(pl.lit(EXPIRED, pl.UInt32)).otherwise("batch").alias("batch")
        return met.with_columns(batch).select(list(SCHEMA))

    def _file(self) -> pq.ParquetFile:
        try:
            return pq.ParquetFile(self.path)
        except (pa.ArrowException, OSError):
            pass
        raise StateUnreadable(f"state/memory/{self.path.name}")


class NextMemory:
    """The memory as it will be once the batch is received, written beside the batch, bucket by bucket."""

    def __init__(self, path: Path) -> None:
        # The writer itself would write every header of every column by a call of its own.
        self._file = pa.output_stream(str(path), compression=None, buffer_size=BUFFER_BYTES)
        self._writer = pq.ParquetWriter(self._file, ARROW, **encoding(ARROW))
        self.rows = 0

    def add(self, rows: pl.DataFrame) -> None:
        """Append rows of the memory schema."""
        if rows.is_empty():
            return
        ordered = rows.select(list(SCHEMA)).with_columns(pl.col("entity").cast(pl.String))
        self._writer.write_table(ordered.to_arrow().cast(ARROW), row_group_size=ROWS_IN_GROUP)
        self.rows += rows.height

    def close(self) -> None:
        """Finish the file."""
        self._writer.close()
        self._file.close()


def in_groups(rows: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame]]:
    """Yield the rows of each entity."""
    for (entity,), part in rows.partition_by("entity", as_dict=True).items():
        yield str(entity), part
