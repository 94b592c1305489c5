"""The days between which a child is of the age that a code list gives."""

import polars as pl

from canonical import code_rows

Window = tuple[pl.Expr, pl.Expr]


def windowed(name: str) -> list[str]:
    """Return the codes of the list that have a window by age."""
    return [row["code"] for row in code_rows(name) if row["from_months"]]


def window(name: str, code: pl.Expr, born: pl.Expr) -> Window:
    """Return the first day of each one's window, and the first day after it; null where there is none.

    Given:  a list whose rows say from and before which age, in completed months and days.
    """
    return _day(name, "from", code, born), _day(name, "before", code, born)


def _day(name: str, end: str, code: pl.Expr, born: pl.Expr) -> pl.Expr:
    months, days = (
        code.replace_strict(
            {row["code"]: int(row[f"{end}_{unit}"]) for row in code_rows(name) if row[f"{end}_{unit}"]},
            default=None,
            return_dtype=pl.Int32,
        )
        for unit in ("months", "days")
    )
    return born.dt.offset_by(months.cast(pl.String) + "mo") + pl.duration(days=days)
