"""The one type that may be written down: rows that a flow has decided to release."""

import io
from typing import Any, NoReturn

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from sealing.digests import sha256
from sharing.errors import ReleaseRefused
from sharing.keyed import SIZE
from sharing.row_text import heading, row_bytes

_ONLY_FROM_A_FLOW = object()


class Released:
    """Rows of one entity as their recipient will see them.

    Only a Flow makes one (`Flow.released`, `Flow.withdrawn`), and it has no way out but Parquet.
    """

    __slots__ = ("_table", "entity", "flow")

    def __init__(self, flow: str, entity: str, table: pl.DataFrame, key: object = None) -> None:
        if key is not _ONLY_FROM_A_FLOW:
            raise ReleaseRefused(f"flow {flow}, {entity}: only a flow can release rows.")
        self.flow = flow
        self.entity = entity
        self._table = table

    def __repr__(self) -> str:
        return f"Released(flow={self.flow!r}, entity={self.entity!r}, rows={self._table.height})"

    def __len__(self) -> int:
        return self._table.height

    def __reduce__(self) -> NoReturn:
        raise ReleaseRefused(f"flow {self.flow}, {self.entity}: released rows leave as Parquet only.")

    @property
    def columns(self) -> list[str]:
        """Return the names of the columns, in order."""
        return self._table.columns

    def empty_cells(self) -> dict[str, int]:
        """Return how many cells of each column are empty."""
        return {name: self._table[name].null_count() for name in self._table.columns}

    def commitments(self, secrets: pl.Series, operation: str) -> pl.Series:
        """Return per row, in the order of the rows, the hash that commits to it: 32 bytes.

        Given: per row the 32-byte secret of its person in this batch. The hash is SHA-256 over the secret,
               the digest of what the columns are (`heading`), and the row (`row_bytes`).
        """
        said = heading(self._table, self.entity, operation)
        return sha256(row_bytes(self._table, secrets, said))

    def to_parquet(self) -> bytes:
        """Return the rows as one Parquet file, zstd, keys as UUID; the same rows give the same bytes."""
        arrays = [arrow_of(self._table[name]) for name in self._table.columns]
        keys = {name for name in self._table.columns if self._table[name].dtype == pl.Binary}
        buffer = io.BytesIO()
        pq.write_table(
            pa.table(arrays, names=self._table.columns),
            buffer,
            # Keys are digests: nothing makes them smaller, and trying costs a quarter of the writing.
            use_dictionary=[name for name in self._table.columns if name not in keys],
            compression={name: "NONE" if name in keys else "ZSTD" for name in self._table.columns},
            store_schema=False,
        )
        return buffer.getvalue()


def release(flow: str, entity: str, table: pl.DataFrame) -> Released:
    """Return the rows as Released; for flows, once they have looked at every row."""
    return Released(flow, entity, table, _ONLY_FROM_A_FLOW)


def arrow_of(column: pl.Series) -> Any:
    """Return a column as Parquet has it: keys as UUID, all else as it is."""
    if column.dtype != pl.Binary:
        return column.to_arrow()
    fixed = column.to_arrow().cast(pa.large_binary()).cast(pa.binary(SIZE))
    return pa.ExtensionArray.from_storage(pa.uuid(), fixed)
