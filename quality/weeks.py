"""One line of totals for each source and week, as its last whole night found it; counts and nothing else."""

from datetime import date, timedelta

import polars as pl

COUNTS = ("applies", "answered", "entered", "valid", "passed", "failed", "unknown")
WEEKS = pl.Schema(
    {"source": pl.String(), "week": pl.Date(), "counted_on": pl.Date(), **dict.fromkeys(COUNTS, pl.UInt32())}
)


def line_of_week(source: str, fields: pl.DataFrame, answers: pl.DataFrame, day: date) -> pl.DataFrame:
    """Return the totals of a night: WEEKS, one row, in the week that begins on the Monday before.

    Given: FIELD_COUNTS and ANSWERS of the source.
    """
    answered = ("refused", "not_known", "invalid", "valid")
    parts = {
        "applies": ("unreadable", "blank", *answered),
        "answered": answered,
        "entered": ("valid", "invalid", "unreadable"),
        "valid": ("valid",),
    }
    totals = {
        name: int(fields.select(pl.sum_horizontal(pl.col(of).sum())).item()) for name, of in parts.items()
    }
    totals |= {name: int(answers[name].sum()) for name in ("passed", "failed", "unknown")}
    line = {"source": source, "week": day - timedelta(days=day.weekday()), "counted_on": day, **totals}
    return pl.DataFrame([line], schema=WEEKS)


def with_line(weeks: pl.DataFrame, line: pl.DataFrame, oldest: date) -> pl.DataFrame:
    """Return the weeks with the line in place of an earlier one of its week; none counted before the day."""
    others = weeks.join(line, on=["source", "week"], how="anti").filter(pl.col("counted_on") >= oldest)
    return pl.concat([others, line]).sort("source", "week")
