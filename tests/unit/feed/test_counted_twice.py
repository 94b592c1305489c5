"""Every figure equals what an independent computation makes of the same rows, odd ones among them."""

from pathlib import Path

import duckdb
import polars as pl
import pytest

from feed.counting import RawCounts, count_all
from feed.declared import declarations
from feed.facts import facts_of
from feed.model import Area
from feed.observations import observe
from feed.periods import Period, parse
from tests.feed_made import Maker
from tests.feed_rows import write_rows
from tests.independent.feed_kpis import TOPICS, Counter, Key, Told, figures, rows_of
from tests.today import SEED

BOROUGH_ONLY = ("L1-ASM", "L7-CAR")


def open_to_all(raw: RawCounts) -> pl.DataFrame:
    """Return the counts as though nobody had to be protected."""
    return raw.counts.select(
        "count_id", "period", "breakdown", "category", value="count", shown=pl.lit("exact")
    )


def told_by_the_feed(warehouse: Path, period: Period) -> dict[Key, Told]:
    with facts_of(warehouse, Area(), BOROUGH_ONLY) as facts:
        raw = count_all(facts, period)
    rows = observe(open_to_all(raw), raw).filter(~pl.col("note").str.starts_with("Not available"))
    return {
        (row["kpi"], row["statistic"], row["period"], row["breakdown"], row["category"]): (
            row["value"],
            row["numerator"],
            row["denominator"],
        )
        for row in rows.filter(pl.col("table").is_in(TOPICS)).iter_rows(named=True)
    }


def told_apart(warehouse: Path, period: Period) -> dict[Key, Told]:
    """Return the same figures, counted in plain Python."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        rows = rows_of(connection)
    first, last = ((day.year, day.month) for day in (period.start, period.end))
    return figures(Counter(rows, first, last, period.label, borough_only=BOROUGH_ONLY))


@pytest.mark.parametrize(
    ("turn", "referrals", "label"),
    [(0, 400, "2022-04..2022-11"), (1, 60, "2022-23-Q1"), (2, 3, "2022-04"), (3, 150, "2021-22")],
)
def test_every_figure_is_counted_twice_and_is_the_same(
    tmp_path: Path, turn: int, referrals: int, label: str
) -> None:
    """Cell by cell: nulls, unknown codes, duplicates, portal copies, rows that hang on nothing."""
    warehouse = write_rows(tmp_path / "w.duckdb", Maker(SEED * 10 + turn, referrals).tables())
    ours, theirs = (told(warehouse, parse(label)) for told in (told_by_the_feed, told_apart))
    assert ours == theirs


def test_the_second_computation_knows_every_figure(tmp_path: Path) -> None:
    """A figure that is declared and not counted twice is seen here."""
    warehouse = write_rows(tmp_path / "w.duckdb", Maker(1, 40).tables())
    counted = {key[0] for key in told_apart(warehouse, parse("2022-23"))}
    topics = (topic for topic in declarations().topics if topic.topic in TOPICS)
    declared = {kpi.id for topic in topics for kpi in topic.kpis if not kpi.because and not kpi.received}
    assert counted == declared
