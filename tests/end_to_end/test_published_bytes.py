"""Read back from its bytes, no file of a release has a count of fewer than eight, and nor has its page."""

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from commands.publishing import publish_feed
from feed.periods import parse
from tests.nights import NightSite

PERIOD = "2022-04..2022-11"
SMALL = {str(number) for number in range(1, 8)}
COUNTED = {"numerator", "denominator"}
ORGANISATIONS = {"organisations", "sources", "ways of hearing"}
"""Units of counts that need no protection: nobody helped is one."""


@pytest.fixture(scope="session")
def settled(hub_settled: NightSite) -> NightSite:
    """Return a site of some hundred people, so that most of its cells are small."""
    return hub_settled


def test_no_small_count_stands_in_any_published_file(night: NightSite) -> None:
    """Every table, in both forms, cell by cell; the page has no number that is not in a table."""
    folder = publish_feed(night.site, parse(PERIOD)).folder
    rows = [row for path in sorted(folder.glob("*.csv")) for row in figures_of(path)]
    assert sum(row["shown"] == "suppressed" for row in rows) > 500, "there is enough to hide"
    assert [row for row in rows if small_counts(row)] == []
    parquet = [row for path in sorted(folder.glob("*.parquet")) for row in rows_of(path)]
    assert len(parquet) == len(rows)
    assert [row for row in parquet if small_counts(row)] == []
    page = (folder / "index.html").read_text(encoding="utf-8")
    known = {row["value"] for row in rows if row["statistic"] != "count" or row["unit"] in ORGANISATIONS}
    assert set(re.findall(r"<td[^>]*>\s*([1-7])\s*</td>", page)) <= known


def small_counts(row: dict[str, str]) -> set[str]:
    """Return the columns of a row in which a small count stands."""
    if row["unit"] in ORGANISATIONS:
        return set()
    counts = {"value"} if row["statistic"] == "count" else set()
    return {column for column in counts | COUNTED if row[column] in SMALL}


def figures_of(path: Path) -> Iterator[dict[str, str]]:
    """Yield the rows of a table of figures, as text; of another table none."""
    for row in csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"))):
        if {"statistic", "numerator"} <= row.keys():
            yield row


def rows_of(path: Path) -> Iterator[dict[str, str]]:
    """Yield the same of a Parquet file."""
    table = pl.read_parquet(path)
    if {"statistic", "numerator"} <= set(table.columns):
        for row in table.iter_rows(named=True):
            yield {name: _text(value) for name, value in row.items()}


def _text(value: object) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
