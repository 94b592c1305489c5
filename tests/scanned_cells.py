"""Reads what a release published back from its bytes alone, and finds every number that few are behind.

What is asked of a number is written here a second time, from the profile of the assessment: nothing is read
from the feed.
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from tests.independent.feed_kpis import Behind, Key

LARGEST_HIDDEN, BELOW_OF_LOTS, NEAREST = 7, 10, 5
LOTS, OF_LOTS = ("L1-ASM", "L7-CAR"), ("lot", "to_lot")
ORGANISATIONS = ("organisations", "sources", "ways of hearing")
"""Units of counts that need no protection: nobody helped is one."""
SENSITIVE = ("K35", "K35.swemwbs")
"""Figures of which none and all are telling too."""
FEW = {"median": 16, "p90": 80, "reached_by_eight": 16, "mean": 30, "sum": 8}
NUMBERS = ("value", "numerator", "denominator", "lower", "upper")
MAY_BE_SEEN = ("exact", "rounded")
COUNTED_BEFORE = ("K37", "K40")
"""Figures that came from the sync side protected: of the borough, by quarter."""


@dataclass(frozen=True)
class Cell:
    """One published row, and the file it stands in."""

    file: str
    row: Mapping[str, Any]

    @property
    def key(self) -> Key:
        """Return figure, statistic, period, breakdown and category."""
        kpi, statistic, period, breakdown, category = (
            self.row[name] for name in ("kpi", "statistic", "period", "breakdown", "category")
        )
        return kpi, statistic, period, breakdown, category

    def number(self, name: str) -> float | None:
        """Return a number of the row; none where the cell is empty."""
        told = self.row[name]
        return None if told is None or told == "" else float(told)

    @property
    def where(self) -> str:
        """Return where it stands."""
        return f"{self.file}: {' '.join(self.key)}"


def cells_of(path: Path) -> list[Cell]:
    """Return every row of figures in a file of a release, or in every view of the one that Power BI opens."""
    if path.suffix != ".duckdb":
        return list(_figures(path.name, rows_of(path)))
    found: list[Cell] = []
    with duckdb.connect(str(path), read_only=True) as connection:
        tables = connection.execute(
            "SELECT table_schema, table_name FROM information_schema.tables ORDER BY ALL"
        ).fetchall()
        for schema, name in tables:
            rows = connection.execute(f'SELECT * FROM "{schema}"."{name}"').pl().iter_rows(named=True)
            found += _figures(f"{path.name} {schema}.{name}", rows)
    return found


def rows_of(path: Path) -> Iterator[Mapping[str, Any]]:
    """Return the rows of a CSV or a Parquet file."""
    if path.suffix == ".parquet":
        return pl.read_parquet(path).iter_rows(named=True)
    return iter(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"))))


def _figures(file: str, rows: Iterable[Mapping[str, Any]]) -> Iterator[Cell]:
    for row in rows:
        if {"statistic", "numerator", "shown"} <= row.keys():
            yield Cell(file, row)


class Raw:
    """Who is behind each number, counted apart from the feed."""

    def __init__(self, behind: Mapping[Key, Behind]) -> None:
        self._behind = behind
        self._known = {(key[0], key[1], key[3]) for key in behind}

    def of(self, key: Key) -> Behind | None:
        """Return who is behind a number: nobody, where no row is in its category; none where nobody knows."""
        if key in self._behind:
            return self._behind[key]
        return (0, 0, 0, 0) if (key[0], key[1], key[3]) in self._known else None


def leaks(cells: Iterable[Cell], raw: Raw) -> list[str]:
    """Return each published number that few people are behind, or that is not what was counted."""
    return [f"{cell.where}: {why}" for cell in cells for why in _wrong(cell, raw)]


def _wrong(cell: Cell, raw: Raw) -> Iterator[str]:
    told = {name: number for name in NUMBERS if (number := cell.number(name)) is not None}
    if cell.row["shown"] not in MAY_BE_SEEN:
        of_none = cell.row["shown"] == "not_available" and not any(told.values())
        yield from (f"hidden, and {name} is there" for name in told if not of_none)
    if not told or cell.row["unit"] in ORGANISATIONS:
        return
    if cell.key[0].startswith(COUNTED_BEFORE):
        yield from _wrong_of_counted_before(cell, told)
        return
    behind = raw.of(cell.key)
    if behind is None:
        yield "nobody knows who is behind it"
        return
    rows, people, whole_rows, whole_people = behind
    statistic = cell.key[1]
    if statistic in FEW:
        yield from _wrong_of_statistic(statistic, rows, people)
        return
    yield from _wrong_of_count(cell, "count" if statistic == "count" else "numerator", rows, people)
    if whole_rows is not None and whole_people is not None and statistic != "count":
        yield from _wrong_of_count(cell, "denominator", whole_rows, whole_people)
        yield from _wrong_of_rest(cell, rows, whole_rows)


def _wrong_of_counted_before(cell: Cell, told: Mapping[str, float]) -> Iterator[str]:
    if cell.key[3:] != ("borough", "all") or "-Q" not in cell.key[2]:
        yield "counted before, and not of the borough in a quarter"
    if any(number < BELOW_OF_LOTS or number % NEAREST for number in told.values()):
        yield "counted before, and small or not rounded"


def _wrong_of_statistic(statistic: str, rows: int, people: int) -> Iterator[str]:
    is_none = statistic == "sum" and not rows
    fewest_people = min(FEW[statistic], 8) if statistic == "mean" else FEW[statistic]
    if not is_none and (rows < FEW[statistic] or people < fewest_people):
        yield "a statistic of few"


def _wrong_of_count(cell: Cell, what: str, rows: int, people: int) -> Iterator[str]:
    """Yield what is wrong with a count that is published: the value itself, or one of two numbers."""
    told = cell.number("value" if what == "count" else what)
    if told is None:
        return
    is_borough = cell.key[3] == "borough"
    small = BELOW_OF_LOTS - 1 if cell.key[3] in OF_LOTS and cell.key[4] in LOTS else LARGEST_HIDDEN
    if 0 < rows <= small or 0 < people <= small:
        yield f"{what}: few are behind it"
    if told == 0 and rows:
        yield f"{what}: none is told, and there are some"
    if abs(told - rows) > (NEAREST - 1) // 2:
        yield f"{what}: not what was counted"
    if not is_borough and what != "denominator" and told % NEAREST:
        yield f"{what}: of a breakdown, and not rounded"
    if cell.key[3] != "borough" and cell.key[4] == "borough_only":
        yield f"{what}: of lots that are told of the borough only"
    if cell.key[0] in SENSITIVE and not is_borough and what != "denominator" and rows == 0:
        yield f"{what}: none, where none is telling"


def _wrong_of_rest(cell: Cell, rows: int, whole: int) -> Iterator[str]:
    """Yield what is wrong with what a share leaves: both numbers exact, and few between them."""
    both = (cell.number("numerator"), cell.number("denominator"))
    if both == (rows, whole) and cell.row["shown"] == "exact" and 0 < whole - rows <= LARGEST_HIDDEN:
        yield "the rest: few are left between two exact numbers"


def quality_leaks(sheet: Path, run: Path, cells: Iterable[Cell]) -> list[str]:
    """Return what the quality sheet tells and may not, in one of its forms.

    Given: the summary of the run, which knows how many records were withheld and held; the published rows.
    """
    flows = json.loads(run.read_bytes())["flows"]
    entities = next(flow["entities"] for flow in flows if flow["flow"] == "commissioning")
    complete = {(cell.key[0], cell.number("value")) for cell in cells if cell.key[1] == "completeness"}
    return [
        f"{sheet.name}: {row['part']} {row['subject']} {row['item']}"
        for row in rows_of(sheet)
        if (number := Cell(sheet.name, row).number("value")) is not None
        and not _may_be_told(row, number, entities, complete)
    ]


def _may_be_told(
    row: Mapping[str, Any],
    number: float,
    entities: Mapping[str, Any],
    complete: set[tuple[str, float | None]],
) -> bool:
    part, subject = row["part"], row["subject"]
    if part == "completeness":
        return (subject, number) in complete
    if part in {"withheld", "held"}:
        exact = entities[subject][part]
        near = abs(number - exact) <= (NEAREST - 1) // 2 and number % NEAREST == 0
        return near and (exact == 0 or exact > LARGEST_HIDDEN)
    return bool(part == "freshness" and row["item"] in {"days since", "last batch"})
