"""Which partition a record belongs to: whole people stay together, whoever reads them first."""

import polars as pl

BUCKETS = 256
ORPHANS = 256


def person_bucket(person: pl.Expr) -> pl.Expr:
    """Return the bucket (0-255) of a person's digest; the same on every run while the memory key lasts."""
    return (person % BUCKETS).cast(pl.UInt16)


def partition_of(bucket: pl.Expr, partitions: int) -> pl.Expr:
    """Return the partition (0 .. partitions-1, orphans = partitions) of a bucket."""
    place = (bucket.cast(pl.UInt32) * partitions) // BUCKETS
    return pl.when(bucket >= ORPHANS).then(partitions).otherwise(place).cast(pl.UInt16)


def bucket_range(partition: int, partitions: int) -> tuple[int, int]:
    """Return the first and last bucket of a partition; the last partition is the orphans'."""
    if partition == partitions:
        return ORPHANS, ORPHANS
    first = -(-partition * BUCKETS // partitions)
    last = -(-(partition + 1) * BUCKETS // partitions) - 1
    return first, last
