"""Partitions: each bucket is in exactly one; what waits for its turn comes back as it was, sealed on disk."""

import os
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from connectors.spool import Spool
from sync.buckets import BUCKETS, ORPHANS, bucket_range, partition_of
from sync.store import Store

ROWS = pl.DataFrame({"_reference": ["HP1", "HP2", None], "given_name": ["Zqforann", "Zqforbea", "Zqforcid"]})


@given(partitions=st.integers(1, 64))
def test_every_bucket_is_in_one_partition_and_the_ranges_say_which(partitions: int) -> None:
    """The ranges follow each other without a gap, and hold the buckets that the expression puts there."""
    ranges = [bucket_range(number, partitions) for number in range(partitions + 1)]
    covered = [bucket for first, last in ranges for bucket in range(first, last + 1)]
    assert covered == [*range(BUCKETS), ORPHANS]
    buckets = pl.DataFrame({"bucket": pl.Series(covered, dtype=pl.UInt16)})
    parts = buckets.select(part=partition_of(pl.col("bucket"), partitions))["part"].to_list()
    told = [number for number, (first, last) in enumerate(ranges) for _ in range(first, last + 1)]
    assert parts == told


@pytest.mark.parametrize("partitions", [1, 4])
def test_what_is_kept_comes_back_once(tmp_path: Path, partitions: int) -> None:
    """Each partition gives its tables in the order they came, equal to the cell, and then no more."""
    with Spool(tmp_path, in_memory_bytes=0) as spool:
        store = Store(partitions, spool)
        store.add(0, "person", ROWS)
        store.add(0, "person", ROWS.head(0))
        store.add(partitions, "contact", ROWS.tail(1))
        store.close()
        read = store.read(0)
        assert list(read) == ["person"]
        assert_frame_equal(read["person"][0], ROWS)
        assert_frame_equal(read["person"][1], ROWS.head(0))
        assert store.read(0) == {}
        assert_frame_equal(store.read(partitions)["contact"][0], ROWS.tail(1))


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="Files without a name cannot be read here.")
def test_what_waits_on_disk_is_not_in_clear(tmp_path: Path) -> None:
    """With several partitions the rows stand on disk, and no name of theirs can be read there."""
    with Spool(tmp_path, in_memory_bytes=0) as spool:
        store = Store(2, spool)
        store.add(1, "person", ROWS)
        store.close()
        handles = [handle for handle in Path("/proc/self/fd").iterdir() if _within(handle, tmp_path)]
        content = b"".join(handle.read_bytes() for handle in handles)
        assert len(content) > 100
        assert b"Zqfor" not in content
        assert b"given_name" not in content


def _within(handle: Path, folder: Path) -> bool:
    try:
        return os.fspath(handle.readlink()).startswith(os.fspath(folder))
    except OSError:
        return False
