"""Odd words in every column of the example's mappings: none ends the run, none is emptied without a word."""

from functools import cache

import polars as pl
import pytest

from canonical import spec, unreadable_bit
from mappings.compile import Compiled
from tests.unit.mappings.test_shifted_rows import EVERY, compiled, rows_of

# Digits of other scripts, numbers too large for their field, almost-numbers, and marks nobody sees.
ODD = (
    "2\uff10", "\uff11\uff12", "\u0660", "\u00bd", "\u00b2", "\u2163", "0\uff11/02/2022", "01/02/19\uff142",
    "01/02/2022 1\uff12:30", "1\uff12:30", "1\u0662:3\u0663", "\u00a3\uff11\uff15\uff10", "5\uff13.4",
    "1.", "5-", "-1", "1e5", "10.5", "1_000", "\u2212", "999.9999999", "99999999999", "999,999,999,999",
    "1" * 40, "+447700900123", "12:60", "24:00", "31/02/2022", "29/02/2023", "99/99/9999", "0000-00-00",
    "\u200b", "Ye\u200bs", "YES\u00a0", "No\ufeff", "\x1b[2J", "\x9b2J", "a,b", "\uff0c",
)  # fmt: skip


@cache
def odd_rows(export: str) -> tuple[Compiled, pl.DataFrame, list[tuple[str, str]]]:
    """Return a row of the export for each of its columns and each odd word, and which these are."""
    header, rows = rows_of(export)
    ready = compiled(export)
    cases = [(name, word) for name in ready.columns for word in ODD]
    made = [dict(zip(header, rows[0], strict=True)) | {name: word} for name, word in cases]
    batch = pl.DataFrame(made, schema=dict.fromkeys(ready.columns, pl.String))
    return ready, batch.with_columns(_row=pl.int_range(pl.len(), dtype=pl.UInt32)), cases


@pytest.mark.parametrize("export", EVERY)
def test_no_word_of_any_column_ends_the_run_or_is_emptied_without_being_told(export: str) -> None:
    """Each filled cell becomes a value or an unreadable field. Parts of a split cell may be missing."""
    ready, batch, cases = odd_rows(export)
    mapped = ready.apply(batch)
    silent = []
    for plan in ready.mapping.entities:
        table = mapped.entities[plan.entity].unique("_row", keep="none")
        for part in plan.fields:
            said = part.declared
            if said.column is None or said.splitter is not None or part.name not in spec(plan.entity).fields:
                continue
            unread = (pl.col("_unreadable") & pl.lit(1 << unreadable_bit(plan.entity, part.name))) != 0
            lost = table.filter(pl.col(part.name).is_null() & ~unread)["_row"]
            silent += [(part.name, ascii(cases[row][1])) for row in lost if cases[row][0] == said.column]
    assert silent == []


@pytest.mark.parametrize("export", EVERY)
def test_no_word_of_any_column_ends_the_search_for_shifted_cells(export: str) -> None:
    """What looks at the cells before they are believed reads every odd word without a fault."""
    ready, batch, _ = odd_rows(export)
    evidence = ready.evidence(tuple(batch.columns[:-1]), "source hub, export one")
    ready.apply(batch, evidence)
    assert evidence.told.unread
