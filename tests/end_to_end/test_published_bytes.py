"""Read back from its bytes, no file of a release has a count of fewer than eight, and nor has its page."""

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from feed.release.contract import NAME as CONTRACT
from feed.release.datapackage import NAME
from tests.contracts_asked import Job, asked
from tests.nights import NightSite

PERIOD = "2022-23-Q1"
SMALL = {str(number) for number in range(1, 8)}
COUNTED = {"numerator", "denominator"}
ORGANISATIONS = {"organisations", "sources", "ways of hearing"}
"""Units of counts that need no protection: nobody helped is one."""


@pytest.fixture
def release(hub_published: NightSite) -> Path:
    """Return what a site of some hundred people published, so that most of its cells are small."""
    return hub_published.site.var / "feed" / PERIOD


def test_the_release_keeps_its_contract(release: Path) -> None:
    """Every table of a real night's figures, asked by a tool that knows nothing of Viaduct."""
    (told,), (descriptor,) = asked([Job(release / CONTRACT, "csv")], [release / NAME])
    assert (told.result, told.findings, descriptor) == ("passed", [], [])
    assert told.passed > 300


def test_no_small_count_stands_in_any_published_file(release: Path) -> None:
    """Every table, in both forms, cell by cell; the page has no number that is not in a table."""
    rows = [row for path in sorted(release.glob("*.csv")) for row in figures_of(path)]
    assert sum(row["shown"] == "suppressed" for row in rows) > 200, "there is enough to hide"
    assert [row for row in rows if small_counts(row)] == []
    parquet = [row for path in sorted(release.glob("*.parquet")) for row in rows_of(path)]
    assert len(parquet) == len(rows)
    assert [row for row in parquet if small_counts(row)] == []
    page = (release / "index.html").read_text(encoding="utf-8")
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
