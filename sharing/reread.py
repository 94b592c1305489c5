"""The file that is about to be sealed, read again: it holds what the flow declares, and nothing else.

What is compared is taken from the bytes themselves, after they were written: columns, their types, rows, and
how many cells of each column are empty. A writer that put something else into them would be seen here.
"""

import io
from functools import cache

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from sharing.errors import ReleaseRefused
from sharing.release import Released, arrow_of


def require_as_declared(plain: bytes, released: Released, declared: dict[str, pl.DataType]) -> None:
    """See that the Parquet file holds these rows, in the declared columns and no other.

    Given:  the file's bytes; the rows it was made of; the columns the flow declares, in order, with types.
    Errors: ReleaseRefused, naming the flow, the entity and the column, never a value.
    """
    where = f"flow {released.flow}, {released.entity}: the file about to be sealed"
    found = _read(plain)
    if found is None:
        raise ReleaseRefused(f"{where} cannot be read again.")
    if found.schema_arrow.names != list(declared):
        raise ReleaseRefused(f"{where} has other columns than the flow declares.")
    if found.metadata.num_rows != len(released):
        raise ReleaseRefused(f"{where} has another number of rows.")
    for name, kind in declared.items():
        if found.schema_arrow.field(name).type != _arrow_type(kind):
            raise ReleaseRefused(f"{where} has another type in column {name}.")
    _require_as_empty(found.metadata, released, where)


def _read(plain: bytes) -> pq.ParquetFile | None:
    try:
        return pq.ParquetFile(io.BytesIO(plain))
    except (pa.ArrowException, OSError):
        return None


def _require_as_empty(said: pq.FileMetaData, released: Released, where: str) -> None:
    """Errors: ReleaseRefused, where a column has other empty cells than the rows that were released."""
    empty = dict.fromkeys(released.columns, 0)
    for group in range(said.num_row_groups):
        for column in range(said.num_columns):
            told = said.row_group(group).column(column)
            if told.statistics is None or not told.statistics.has_null_count:
                raise ReleaseRefused(f"{where} does not say how many cells of a column are empty.")
            empty[released.columns[column]] += told.statistics.null_count
    for name, count in released.empty_cells().items():
        if empty[name] != count:
            raise ReleaseRefused(f"{where} has other empty cells in column {name}.")


@cache
def _arrow_type(kind: pl.DataType) -> pa.DataType:
    """Return the type as Parquet has it, where text is text, however long."""
    made = arrow_of(pl.Series([], dtype=kind)).type
    return pa.string() if made == pa.large_string() else made
