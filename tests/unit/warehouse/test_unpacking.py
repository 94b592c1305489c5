"""A file is unpacked within bounds, whatever its end says of it and however small it is packed."""

from io import BytesIO
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from warehouse import unpacking

LONG = "n" * 1000
ROWS = 300


def packed(texts: list[str | None], kind: pa.DataType, **how: Any) -> bytes:
    """Return a file of one column of texts, and one of numbers."""
    content = BytesIO()
    table = pa.table({"text": pa.array(texts, kind), "number": pa.array(range(len(texts)), pa.int32())})
    pq.write_table(table, content, compression="zstd", **how)
    return content.getvalue()


def read(plain: bytes) -> pa.Table | None:
    """Return the file's rows as a load takes them."""
    parquet = unpacking.parquet_file(plain)
    assert parquet is not None
    return unpacking.unpacked(plain, parquet)


@pytest.mark.parametrize("how", [{}, {"use_dictionary": False}], ids=["once", "each"])
@pytest.mark.parametrize("kind", unpacking.TEXTS, ids=str)
def test_a_text_that_stands_in_many_rows_is_counted_in_each_before_it_is_unpacked(
    kind: pa.DataType, how: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of every kind of text, to the byte, over more than one piece; an empty cell counts nothing."""
    plain = packed([LONG, None] * (ROWS // 2), kind, **how)
    monkeypatch.setattr(unpacking, "ROWS_AT_ONCE", 64)
    monkeypatch.setattr(unpacking, "LARGEST_UNPACKED", len(LONG) * ROWS // 2)
    table = read(plain)
    assert table is not None
    assert (table.num_rows, table.schema.field("text").type) == (ROWS, kind)
    monkeypatch.setattr(unpacking, "LARGEST_UNPACKED", len(LONG) * ROWS // 2 - 1)
    monkeypatch.setattr(pq.ParquetFile, "read", None)
    assert read(plain) is None


def test_a_gigabyte_of_one_text_is_refused_without_a_part_of_that(monkeypatch: pytest.MonkeyPatch) -> None:
    """One text in a million rows: the limit as it is, and what is taken to say so."""
    row = pa.DictionaryArray.from_arrays(pa.array([0] * 1_200_000, pa.int32()), pa.array([LONG]))
    content = BytesIO()
    pq.write_table(pa.table({"text": row}), content, compression="zstd", store_schema=False)
    plain, pool = content.getvalue(), pa.default_memory_pool()
    allowed = max(pool.max_memory(), pool.bytes_allocated() + (256 << 20))
    parquet = unpacking.parquet_file(plain)
    assert parquet is not None
    assert len(plain) < 1 << 18
    assert unpacking.says_it_is_bounded(parquet.metadata)
    monkeypatch.setattr(pq.ParquetFile, "read", None)
    assert unpacking.unpacked(plain, parquet) is None
    assert pool.max_memory() <= allowed


def test_texts_packed_by_the_one_before_are_not_read() -> None:
    """What it unpacks to is known by unpacking it alone, and no sender of ours packs so."""
    by_prefix = {"text": unpacking.BY_PREFIX, "number": "PLAIN"}
    for how, bounded in (({"column_encoding": by_prefix}, False), ({}, True)):
        parquet = unpacking.parquet_file(packed([LONG], pa.string(), use_dictionary=False, **how))
        assert parquet is not None
        assert unpacking.says_it_is_bounded(parquet.metadata) is bounded


SHORT = {
    "malloc": pa.lib.ArrowMemoryError("malloc of size 64 failed"),
    "python": MemoryError(),
    "thread": pa.ArrowException("Unknown error: Failed to launch worker thread"),
    "zstd": OSError("ZSTD decompression failed: Allocation error : not enough memory"),
}


@pytest.mark.parametrize("how", SHORT)
@pytest.mark.parametrize("place", ["__init__", "iter_batches", "read"])
def test_a_lack_of_memory_is_told_as_what_it_is(
    place: str, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says nothing of the file, though pyarrow counts it among the faults of files."""
    plain = packed([LONG], pa.string())

    def short(*_args: object, **_kwargs: object) -> None:
        raise SHORT[how]

    monkeypatch.setattr(pq.ParquetFile, place, short)
    with pytest.raises(MemoryError) as told:
        read(plain)
    assert told.value.__context__ is None


def test_a_file_that_cannot_be_read_is_none() -> None:
    """A page that is not what it was is the file's own fault, and no lack of the host."""
    plain = bytearray(packed([f"{LONG}{number}" for number in range(ROWS)], pa.string()))
    plain[4:400] = bytes(396)
    assert read(bytes(plain)) is None
    assert unpacking.parquet_file(b"PAR1 is not enough PAR1") is None
