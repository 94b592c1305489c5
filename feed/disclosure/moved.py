"""The same cell in two releases: what the difference tells, and when another number may be published."""

from datetime import date

import polars as pl

from feed.disclosure.attack import Exposed
from feed.disclosure.cells import KEY, latest
from feed.disclosure.profile import Profile

MONTHS_OF = {"monthly": 1, "quarterly": 3}


def next_day(released_on: date, profile: Profile) -> date:
    """Return the first day on which what was released then may be released with other numbers."""
    months = MONTHS_OF[profile.calendar]
    first = released_on.year * 12 + (released_on.month - 1) // months * months + months
    return date(first // 12, first % 12 + 1, 1)


def changed(now: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """Return the cells that stand otherwise than they were released, with what was known of them then."""
    then = before.select(
        *KEY, "released_on", then="value", then_shown="shown", then_lower="lower", then_upper="upper"
    )
    both = now.join(then, on=KEY)
    return both.filter(pl.col("value").ne_missing(pl.col("then")) | (pl.col("shown") != pl.col("then_shown")))


def differences(now: pl.DataFrame, before: pl.DataFrame, profile: Profile) -> list[Exposed]:
    """Return every table of which a cell has surely moved by few people, so that the few are known.

    Given: every edition that is remembered, not only the last.
    """
    moved = changed(now, before).with_columns(
        low=pl.col("lower") - pl.col("then_upper"), high=pl.col("upper") - pl.col("then_lower")
    )
    narrow = pl.col("high") - pl.col("low") < profile.least_width
    least = pl.max_horizontal(pl.col("low"), -pl.col("high"))
    told = moved.filter(narrow & least.is_between(1, profile.suppress_to))
    return [
        Exposed("moved", (f"{table}, released before",), low, high)
        for table, low, high in told.group_by(_table(), maintain_order=True)
        .agg(pl.col("low").min(), pl.col("high").max())
        .iter_rows()
    ]


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
