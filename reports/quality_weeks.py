"""What the data team's page says week by week: how complete records stood, and what providers were asked."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from reports import charts
from reports.worklist_words import working_time

MOST_WEEKS, MOST_LINES, FEWEST_WEEKS, FEWEST_SHOWN = 12, 8, 2, 10
WEEKS_OF_ASKING = 6
Row = dict[str, Any]


def chart_of_weeks(weeks: pl.DataFrame, names: Mapping[str, str]) -> charts.Chart | None:
    """Return how complete all records of each provider were, by the Monday of the week; none of one week."""
    shown = weeks["week"].unique().sort().to_list()[-MOST_WEEKS:]
    if len(shown) < FEWEST_WEEKS:
        return None
    whole = pl.col("applies") >= FEWEST_SHOWN
    share = pl.when(whole).then((pl.col("answered") * 1000 // pl.col("applies")) / 10)
    totals = weeks.group_by("provider", "week").agg(pl.col("answered", "applies").sum())
    shares = {
        (provider, week): told for provider, week, told in totals.select("provider", "week", share).rows()
    }
    providers = weeks["provider"].unique().sort().to_list()[:MOST_LINES]
    series = [
        (names.get(name, name), [_point(f"{week.day} {week:%b}", shares.get((name, week))) for week in shown])
        for name in providers
    ]
    return charts.lines("by-week", "How complete all records were, week by week", "per cent", series)


def _point(label: str, value: float | None) -> charts.Point:
    return charts.Point(label, value, "not known" if value is None else f"{value:g}%")


def asked_by_week(burden: pl.DataFrame, names: Mapping[str, str]) -> tuple[list[str], list[Row]]:
    """Return the last weeks, and of each provider how many findings it was asked to mend in each of them."""
    weeks: list[str] = burden.sort("day")["week"].unique(maintain_order=True).to_list()[-WEEKS_OF_ASKING:]
    told = {
        (provider, week): _said(findings, minutes)
        for provider, week, findings, minutes in burden.group_by("provider", "week")
        .agg(pl.col("findings", "minutes").sum())
        .iter_rows()
    }
    providers = sorted({provider for provider, week in told if week in weeks})
    rows = [
        {"name": names.get(name, name), "weeks": [told.get((name, week), "no list") for week in weeks]}
        for name in providers
    ]
    return weeks, rows


def _said(findings: int, minutes: float) -> str:
    return f"{findings:,}, {working_time(minutes)}" if findings else "nothing"
