"""The same cell in two releases: when another number may be published."""

from datetime import date

import polars as pl

from feed.disclosure.cells import KEY, latest
from feed.disclosure.profile import Profile

MONTHS_OF = {"monthly": 1, "quarterly": 3}


def next_day(released_on: date, profile: Profile) -> date:
    """Return the first day on which what was released then may be released with other numbers."""
    months = MONTHS_OF[profile.calendar]
    first = released_on.year * 12 + (released_on.month - 1) // months * months + months
    return date(first // 12, first % 12 + 1, 1)


def changed(now: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """Return the cells that stand otherwise than they were released last."""
    then = before.select(*KEY, "released_on", then="value", then_shown="shown")
    both = now.join(then, on=KEY)
    return both.filter(pl.col("value").ne_missing(pl.col("then")) | (pl.col("shown") != pl.col("then_shown")))


def too_soon(now: pl.DataFrame, before: pl.DataFrame, profile: Profile, today: date) -> dict[str, date]:
    """Return the tables with other numbers than were released, and from when on they may be published."""
    tables: dict[str, date] = {}
    days = changed(now, latest(before)).select(_table(), "released_on").unique(maintain_order=True)
    for table, released_on in days.iter_rows():
        day = next_day(date.fromisoformat(released_on), profile)
        if today < day:
            tables[table] = max(day, tables.get(table, day))
    return tables


def _table() -> pl.Expr:
    return pl.format("{} by {}, {}", "count_id", "breakdown", "period").alias("table")
