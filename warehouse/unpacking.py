"""Unpack one file of a batch within bounds, whatever its end says of it and however small it is packed."""

from collections.abc import Callable
from io import BytesIO
from typing import TypeVar

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

Found = TypeVar("Found")
TEXTS = (pa.string(), pa.large_string(), pa.string_view())
LARGEST_UNPACKED = 1 << 30
MOST_ROWS = 4_000_000
"""What a file of at most 64 MiB may unpack to, in bytes and in rows; ours hold far less."""
ROWS_AT_ONCE = 1 << 18
NO_MEMORY = ("not enough memory", "Allocation error")
"""What zstd says of it, which pyarrow passes on as a fault of reading."""
BY_PREFIX = "DELTA_BYTE_ARRAY"
"""A packing that repeats the text before, so that few bytes may stand for any number; we never write it."""


def parquet_file(plain: bytes) -> pq.ParquetFile | None:
    """Return the file, its end read and no row of it; None if it is none. Errors: MemoryError."""
    return _or_none(lambda: pq.ParquetFile(BytesIO(plain)))


def says_it_is_bounded(said: pq.FileMetaData) -> bool:
    """Return whether the file says of itself, before a row is read, that it unpacks to what it may."""
    groups = [said.row_group(number) for number in range(said.num_row_groups)]
    columns = [group.column(number) for group in groups for number in range(group.num_columns)]
    rows = max(sum(group.num_rows for group in groups), said.num_rows)
    unpacked = max(
        sum(group.total_byte_size for group in groups),
        sum(column.total_uncompressed_size for column in columns),
    )
    by_prefix = any(BY_PREFIX in column.encodings for column in columns)
    return bool(rows <= MOST_ROWS and unpacked <= LARGEST_UNPACKED and not by_prefix)


def unpacked(plain: bytes, parquet: pq.ParquetFile) -> pa.Table | None:
    """Return its rows; None if they cannot be read, or if their texts are more than they may be.

    Errors:  MemoryError.
    """
    if not _or_none(lambda: _texts_are_bounded(plain, parquet)):
        return None
    return _or_none(lambda: parquet.read(use_threads=False))


def _or_none(read: Callable[[], Found]) -> Found | None:
    """Return what was read; None where the file is at fault.

    Errors:  MemoryError, where the host is: that says nothing of the file.
    """
    try:
        return read()
    except (pa.ArrowException, OSError, ValueError, MemoryError) as error:
        host = _is_of_the_host(error)
    if host:
        raise MemoryError
    return None


def _is_of_the_host(error: Exception) -> bool:
    """Return whether it is memory, or a thread, that was lacking: pyarrow has more than one kind for it."""
    unknown = type(error) is pa.ArrowException
    return isinstance(error, MemoryError) or unknown or any(word in str(error) for word in NO_MEMORY)


def _texts_are_bounded(plain: bytes, parquet: pq.ParquetFile) -> bool:
    """Return whether the texts, each counted as often as it stands in a row, are no more than they may be.

    A text that stands in many rows is packed once. So they are read as they are packed, and counted.
    """
    texts = [column.name for column in parquet.schema_arrow if column.type in TEXTS]
    packed = pq.ParquetFile(BytesIO(plain), read_dictionary=texts)
    size = 0
    for batch in packed.iter_batches(ROWS_AT_ONCE, columns=texts, use_threads=False) if texts else ():
        size += sum(map(_size, batch.columns))
        if size > LARGEST_UNPACKED:
            return False
    return True


def _size(texts: pa.DictionaryArray) -> int:
    """Return the bytes of the texts if each stood where it is pointed at."""
    lengths = pc.take(pc.binary_length(texts.dictionary), texts.indices)
    return int(pc.sum(lengths).as_py() or 0)
