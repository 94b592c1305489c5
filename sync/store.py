"""Where mapped records wait for pass two: in memory while they fit, else encrypted on disk."""

import io
from collections import defaultdict

import polars as pl

from connectors.spool import Spool, Spooled, SpoolWriter


class Store:
    """The records of one source, by partition and entity.

    With one partition the tables stay as they are; with more they wait in the encrypted spool.
    """

    def __init__(self, partitions: int, spool: Spool) -> None:
        self.partitions = partitions
        self._spool = spool if partitions > 1 else None
        self._tables: dict[tuple[int, str], list[pl.DataFrame]] = defaultdict(list)
        self._writers: dict[tuple[int, str], SpoolWriter] = {}
        self._closed: dict[tuple[int, str], Spooled] = {}

    def add(self, partition: int, entity: str, table: pl.DataFrame) -> None:
        """Keep rows of an entity for the partition."""
        if self._spool is None:
            self._tables[partition, entity].append(table)
            return
        writer = self._writers.setdefault((partition, entity), self._spool.writer())
        writer.write_blob(_as_bytes(table))

    def close(self) -> None:
        """Finish writing; from now on partitions can be read."""
        self._closed = {key: writer.close() for key, writer in self._writers.items()}
        self._writers = {}

    def read(self, partition: int) -> dict[str, list[pl.DataFrame]]:
        """Return, and let go of, the partition's tables by entity."""
        read = {e: self._tables.pop((p, e)) for p, e in list(self._tables) if p == partition}
        for number, entity in [key for key in self._closed if key[0] == partition]:
            spooled = self._closed.pop((number, entity))
            read[entity] = [pl.read_ipc(io.BytesIO(blob)) for blob in spooled.blobs()]
            spooled.discard()
        return read


def _as_bytes(table: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    table.write_ipc(buffer, compat_level=pl.CompatLevel.newest())
    return buffer.getvalue()
