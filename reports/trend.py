"""How a provider's findings came and went, week by week, from the changes that the store keeps."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from common.clock import LONDON
from feed.model import in_words
from quality.life import LIVING
from reports import charts

WEEKS = 12
LIVES = [state.value for state in LIVING]


@dataclass(frozen=True)
class Week:
    """Seven days: what was opened in them, what was closed, what was open when they ended."""

    ends_on: date
    opened: int
    closed: int
    open: int


def trend_of(events: pl.DataFrame, sources: Collection[str], today: date, weeks: int = WEEKS) -> list[Week]:
    """Return the last weeks, the earliest first; none before the first finding of these sources.

    Given: changes as `FindingStore.events()` gives them: source, at, from, to. A finding that was swept away
           has neither its opening nor its closing there, so what stands open tonight is counted right.
    """
    mine = events.filter(pl.col("source").is_in(list(sources)))
    day = pl.col("at").str.to_datetime(time_zone="UTC").dt.convert_time_zone(LONDON.key).dt.date()
    lived, lives = pl.col("from").is_in(LIVES), pl.col("to").is_in(LIVES)
    moves = mine.select(
        day=day, opened=(~lived & lives).cast(pl.Int64), closed=(lived & ~lives).cast(pl.Int64)
    )
    moves = moves.with_columns(weeks_ago=(pl.lit(today) - pl.col("day")).dt.total_days() // 7)
    if moves.is_empty():
        return []
    by_week = {
        ago: (opened, closed)
        for ago, opened, closed in moves.group_by("weeks_ago")
        .agg(pl.col("opened").sum(), pl.col("closed").sum())
        .iter_rows()
    }
    return _weeks(by_week, today)[-weeks:]


def chart_of(weeks: Sequence[Week]) -> charts.Chart:
    """Return the weeks as a chart of lines, with the numbers behind it."""
    named = [
        ("Open at the end of the week", [week.open for week in weeks]),
        ("New", [week.opened for week in weeks]),
        ("Closed", [week.closed for week in weeks]),
    ]
    labels = [_label(week.ends_on) for week in weeks]
    series = [
        (name, [charts.Point(label, many, f"{many:,}") for label, many in zip(labels, told, strict=True)])
        for name, told in named
    ]
    chart = charts.lines("trend", "Findings, week by week", "findings", series)
    chart.header = ["Week to", *(name for name, _ in named)]
    chart.rows = [[in_words(week.ends_on), *row[1:]] for week, row in zip(weeks, chart.rows, strict=True)]
    return chart


def _weeks(by_week: dict[int, tuple[int, int]], today: date) -> list[Week]:
    standing, found = 0, []
    for ago in range(max(by_week), -1, -1):
        opened, closed = by_week.get(ago, (0, 0))
        standing += opened - closed
        found.append(Week(today - timedelta(days=7 * ago), opened, closed, standing))
    return found


def _label(day: date) -> str:
    return f"{day.day} {day:%b}"
