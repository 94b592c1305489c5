"""The columns of every published table of figures: one shape, so that tables can be put under one another."""

import polars as pl

from feed.release.sheet import Column, Kind, Rule, Sheet

SHOWN = (
    "exact",
    "rounded",
    "suppressed",
    "secondary",
    "borough_only",
    "withheld",
    "few",
    "not_available",
)
"""How a figure may be read; see the dictionary."""
OPEN = ("exact", "rounded")
SHOWN_MEANS = {
    "exact": "as counted: borough totals, counts of organisations, and what is computed from them",
    "rounded": "a count to the nearest 5, or computed from such counts",
    "suppressed": "empty: too few people or rows stand behind it, or it would give another such cell away",
    "secondary": "empty: with it another number could be worked out",
    "borough_only": "empty: for this service nothing below the borough is published",
    "withheld": "empty: not even told whether there are any",
    "few": "empty: too few cases for a median, a mean or a percentage that can be relied on",
    "not_available": "empty: the flow does not carry what it is computed from, or nothing was counted",
}
KEY = ("table", "kpi", "statistic", "period", "breakdown", "category")
MEASURES = ("value", "numerator", "denominator", "lower", "upper")
"""The numbers of a row, each of which a reader may quote."""


def _column(name: str, kind: Kind, meaning: str, *, required: bool = True) -> Column:
    return Column(name, kind, meaning, required)


COLUMNS = (
    _column("table", Kind.TEXT, "The table the row stands in."),
    _column("kpi", Kind.TEXT, "The figure; dictionary.csv says what it counts."),
    _column("statistic", Kind.TEXT, "Which number of the figure: count, percent, median, p90 and so on."),
    _column("period", Kind.TEXT, "2022-04 a month, 2022-23-Q1 a financial quarter, or the whole period."),
    _column("period_start", Kind.DATE, "The first day that counts."),
    _column("period_end", Kind.DATE, "The last day that counts."),
    _column("breakdown", Kind.TEXT, "By what the figure is split; borough where it is not."),
    _column("category", Kind.TEXT, "The code of the part; all where the figure is not split."),
    _column("label", Kind.TEXT, "The same in words."),
    _column("value", Kind.NUMBER, "The number; empty where it is not shown.", required=False),
    _column("unit", Kind.TEXT, "What the number is of."),
    _column("numerator", Kind.WHOLE, "Of a percentage or ratio: what was counted.", required=False),
    _column(
        "denominator", Kind.WHOLE, "Of a percentage, a ratio or a statistic: of how many.", required=False
    ),
    _column("lower", Kind.NUMBER, "The lower end of the 95 % interval.", required=False),
    _column("upper", Kind.NUMBER, "The upper end of the 95 % interval.", required=False),
    Column("shown", Kind.TEXT, "How the number may be read, or why it is empty.", codes=SHOWN),
    _column("note", Kind.TEXT, "What a reader must know of this row.", required=False),
)
RULES = (
    Rule(
        "a number is there exactly where it may be read",
        "A row that is exact or rounded has its value; every other row has none.",
        "(shown IN ('exact', 'rounded')) <> (value IS NOT NULL)",
    ),
    Rule(
        "what is not shown has no parts either",
        "Where the value is empty, no numerator, denominator or interval gives it away.",
        "value IS NULL AND coalesce(denominator, 1) > 0 AND (numerator IS NOT NULL "
        "OR denominator IS NOT NULL OR lower IS NOT NULL OR upper IS NOT NULL)",
    ),
    Rule(
        "a rounded count ends in 0 or 5",
        "A count that is rounded is a multiple of 5.",
        "shown = 'rounded' AND statistic = 'count' AND value % 5 <> 0",
    ),
    Rule(
        "a period ends after it begins",
        "period_start is not later than period_end.",
        "period_start > period_end",
    ),
)


def observed(table: str, title: str, meaning: str, rows: pl.DataFrame) -> Sheet:
    """Return the rows of one table of figures as a sheet; a unit is a word, which no spreadsheet quotes."""
    like = Sheet(table, title, meaning, COLUMNS, KEY, rows, RULES)
    mine = rows.filter(pl.col("table") == table)
    return Sheet.of(mine.with_columns(pl.col("unit").replace({"%": "percent"})), like)
