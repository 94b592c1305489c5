"""How the values of a released row are written in JSON, column by column, for what commits to the row.

Writing an instant costs more than hashing the row. Of many rows each day is put into words once, and each
second of a day once for as long as we run: the words are the same, and are found by their number.
"""

from functools import cache

import polars as pl

FEW_ROWS, CLOSE_TOGETHER = 4_000, 100_000
DAY_US, SECOND_US, SECONDS = 86_400_000_000, 1_000_000, 86_400
DAY, CLOCK = "%Y-%m-%d", "T%H:%M:%S%.6fZ"


def written(table: pl.DataFrame) -> list[pl.Expr]:
    """Return the columns as their values are written in JSON, in the order of their names.

    Keys become hexadecimal digits, days and instants ISO 8601, decimals text; null stays null.
    """
    return [_written(table[name]).alias(name) for name in sorted(table.columns)]


def _written(values: pl.Series) -> pl.Expr:
    kind, column = values.dtype, pl.col(values.name)
    if kind == pl.Binary:
        return column.bin.encode("hex")
    if isinstance(kind, pl.Datetime):
        looked_up = _instants(values.to_physical()) if kind.time_unit == "us" else None
        return column.dt.strftime(DAY + CLOCK) if looked_up is None else looked_up
    if kind == pl.Date:
        looked_up = _days(values.to_physical())
        return column.dt.strftime(DAY) if looked_up is None else looked_up
    return column.cast(pl.String) if kind.is_decimal() else column


def _instants(number: pl.Series) -> pl.Expr | None:
    """Return day and clock, each from its list; None where there is a part of a second, or no saving."""
    days = _days(number // DAY_US) if len(number) > FEW_ROWS and _whole_seconds(number) else None
    if days is None:
        return None
    return days + pl.lit(_clock().gather((number % DAY_US // SECOND_US).cast(pl.UInt32)))


def _whole_seconds(number: pl.Series) -> bool:
    return not bool((number % SECOND_US != 0).any())


def _days(number: pl.Series) -> pl.Expr | None:
    """Return the days of these numbers in words; None where a list of all days between would be no saving."""
    least, most = number.min(), number.max()
    if len(number) <= FEW_ROWS or not isinstance(least, int) or not isinstance(most, int):
        return None
    if most - least >= CLOSE_TOGETHER:
        return None
    words = pl.int_range(least, most + 1, dtype=pl.Int32, eager=True).cast(pl.Date).dt.strftime(DAY)
    return pl.lit(words.gather((number.cast(pl.Int64) - least).cast(pl.UInt32)))


@cache
def _clock() -> pl.Series:
    """Return every second of a day as it is written, midnight first."""
    seconds = pl.int_range(0, SECONDS, dtype=pl.Int64, eager=True) * SECOND_US
    return seconds.cast(pl.Datetime("us")).dt.strftime(CLOCK)
