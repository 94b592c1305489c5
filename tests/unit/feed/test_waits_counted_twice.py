"""Waits and movement equal what an independent computation makes of the same rows, odd ones among them."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pytest

from feed.counting import RawCounts, count_all
from feed.declared import declarations
from feed.facts import facts_of
from feed.model import Area
from feed.periods import Period, parse
from tests.feed_rows import SCHEMA, write_rows
from tests.feed_waits_made import Maker, Row
from tests.independent import waits_and_moves as apart
from tests.today import SEED

ENTITIES = ("person", "address", "referral", "contact", "service_episode")


def counted(warehouse: Path, period: Period) -> RawCounts:
    with facts_of(warehouse, Area()) as facts:
        return count_all(facts, period)


def rows_of(warehouse: Path) -> dict[str, list[Row]]:
    """Return every row of the entities that waits and movement are counted from."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return {
            entity: connection.execute(f"SELECT * FROM {SCHEMA}.{entity}").pl().to_dicts()
            for entity in ENTITIES
        }


def by_hand(
    rows: Mapping[str, Sequence[Row]], label: str
) -> tuple[apart.Counter, dict[str, apart.PeriodDays]]:
    """Return the second computation of the rows, and the days of each period written down for it."""
    return apart.Counter(rows), PERIODS[label]


PERIODS: dict[str, dict[str, apart.PeriodDays]] = {
    "2022-23-Q1": {
        "2022-23-Q1": (date(2022, 4, 1), date(2022, 6, 30), True),
        "2022-04": (date(2022, 4, 1), date(2022, 4, 30), False),
        "2022-05": (date(2022, 5, 1), date(2022, 5, 31), False),
        "2022-06": (date(2022, 6, 1), date(2022, 6, 30), False),
    },
    "2024-01..2024-03": {
        "2024-01..2024-03": (date(2024, 1, 1), date(2024, 3, 31), True),
        "2023-24-Q4": (date(2024, 1, 1), date(2024, 3, 31), True),
        "2024-01": (date(2024, 1, 1), date(2024, 1, 31), False),
        "2024-02": (date(2024, 2, 1), date(2024, 2, 29), False),
        "2024-03": (date(2024, 3, 1), date(2024, 3, 31), False),
    },
    "2022-10": {"2022-10": (date(2022, 10, 1), date(2022, 10, 31), True)},
}
"""Spring and autumn, when the clocks change, and a leap year."""


def told(raw: RawCounts) -> dict[apart.Cell, tuple[int, int]]:
    """Return the counts of waits and movement that are not zero."""
    mine = raw.counts.filter(pl.col("count_id").is_in(list(apart.COUNTS)) & (pl.col("count") > 0))
    return {tuple(row[:4]): (row[4], row[5]) for row in mine.iter_rows()}


def spreads(
    raw: RawCounts,
) -> dict[tuple[str, str, str, str, str], tuple[int, int, int | None, float | None]]:
    mine = raw.spreads.filter(pl.col("kpi").is_in(list(apart.SPREADS)))
    keys = ("kpi", "statistic", "period", "breakdown", "category")
    return {
        tuple(row[name] for name in keys): (
            row["n"],
            row["people"],
            row["beside"],
            pytest.approx(row["value"]),
        )
        for row in mine.iter_rows(named=True)
    }


@pytest.mark.parametrize(
    ("turn", "first", "referrals", "label"),
    [
        (0, date(2021, 8, 1), 260, "2022-23-Q1"),
        (1, date(2023, 4, 1), 200, "2024-01..2024-03"),
        (2, date(2022, 8, 1), 40, "2022-10"),
    ],
)
def test_every_wait_and_every_move_is_counted_twice(
    tmp_path: Path, turn: int, first: date, referrals: int, label: str
) -> None:
    """Cell by cell, count and people; n, people, those beside, and value of every statistic."""
    warehouse = write_rows(tmp_path / "w.duckdb", Maker(SEED * 10 + turn, first, referrals).tables())
    raw = counted(warehouse, parse(label))
    counter, periods = by_hand(rows_of(warehouse), label)
    assert told(raw) == apart.counted(counter, periods)
    assert apart.spread(counter, periods) == spreads(raw)
    assert set(raw.counts["period"]) == set(periods)


def test_the_second_computation_knows_every_count_and_spread() -> None:
    """What is declared of waits and movement and not counted twice is seen here."""
    topics = [topic for topic in declarations().topics if topic.topic in {"waits", "movement"}]
    assert {count.id for topic in topics for count in topic.counts} <= {*apart.COUNTS}
    assert {kpi.id for topic in topics for kpi in topic.kpis if kpi.kind == "spread"} == {*apart.SPREADS}


def test_what_is_declared_of_how_counts_hang_together_is_true(tmp_path: Path) -> None:
    """A part is no more than its whole; a count that is a cell is it; what lacks a cell has all the rest."""
    tables = Maker(SEED, date(2021, 8, 1), 150).tables()
    raw = counted(write_rows(tmp_path / "w.duckdb", tables), parse("2022-23-Q1"))
    quarter = raw.counts.filter(pl.col("period") == "2022-23-Q1")
    number = {(row[0], row[2], row[3]): row[4] for row in quarter.iter_rows()}
    told = {key[0] for key in number}
    for count in (count for name, count in declarations().counts.items() if name in told):
        mine = number[count.id, "borough", "all"]
        for (name, *cell), many in number.items():
            if name == count.id and (count.part_of, *cell) in number:
                assert many <= number[str(count.part_of), cell[0], cell[1]], (count.id, cell)
        for place, lacks in ((count.is_cell, False), (count.without_cell, True)):
            if place:
                cell_of = number.get((place.count, place.breakdown, place.category), 0)
                rest = number[place.count, "borough", "all"] - cell_of
                assert mine == (rest if lacks else cell_of), count.id
    assert {"referrals_stepped_up", "work_open_long", "starts_within_28"} <= told
