"""The file about to be sealed is read again: what a writer puts into it beside what is declared is seen."""

import io
from collections.abc import Callable
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from sharing import Released, ReleaseRefused
from sharing.flow import Flow
from tests.unit.sharing.records import flow, whole_person

WRITTEN = Released.to_parquet


def people(of: Flow) -> Released:
    """Return the released people of one invented person."""
    decided = of.decide(whole_person())["person"]
    return of.released("person", decided.filter(pl.col("_fate") == 0))


def test_what_a_flow_writes_is_what_it_declares() -> None:
    """Rows of each entity, and withdrawals, pass."""
    of = flow("early_help")
    for entity, table in of.decide(whole_person()).items():
        if entity in of.released_columns:
            kept = table.filter(pl.col("_fate") == 0)
            assert len(of.as_file(of.released(entity, kept))) > 100
            assert len(of.as_file(of.withdrawn(entity, kept["_key"]))) > 100


def beside(table: pa.Table) -> pa.Table:
    return table.append_column("given_name_too", table["given_name"])


def another_order(table: pa.Table) -> pa.Table:
    return table.select(table.column_names[::-1])


def twice(table: pa.Table) -> pa.Table:
    return pa.concat_tables([table, table])


def emptied(table: pa.Table) -> pa.Table:
    at = table.column_names.index("given_name")
    return table.set_column(at, "given_name", pa.nulls(table.num_rows, pa.string()))


def as_text(table: pa.Table) -> pa.Table:
    at = table.column_names.index("birth_date")
    return table.set_column(at, "birth_date", pc.cast(table["birth_date"], pa.string()))


@pytest.mark.parametrize(
    "bug", [beside, another_order, twice, emptied, as_text], ids=lambda bug: bug.__name__
)
def test_a_writer_that_writes_something_else_is_stopped(
    bug: Callable[[pa.Table], pa.Table], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A column too many, another order, a row twice, a cell emptied, another type: nothing is sealed."""

    def wrong(released: Released) -> bytes:
        buffer = io.BytesIO()
        pq.write_table(bug(pq.read_table(io.BytesIO(WRITTEN(released)))), buffer, store_schema=False)
        return buffer.getvalue()

    of = flow("early_help")
    released = people(of)
    monkeypatch.setattr(Released, "to_parquet", wrong)
    with pytest.raises(ReleaseRefused, match="the file about to be sealed") as stopped:
        of.as_file(released)
    assert stopped.value.exit_code == 30


@pytest.mark.parametrize("content", [b"", b"PAR1", b"no parquet at all"])
def test_a_file_that_cannot_be_read_again_is_stopped(content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a file is none."""
    of: Any = flow("early_help")
    released = people(of)
    monkeypatch.setattr(Released, "to_parquet", lambda _self: content)
    with pytest.raises(ReleaseRefused, match="cannot be read again"):
        of.as_file(released)
