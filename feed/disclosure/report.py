"""The report of small numbers, for information governance alone: what is hidden, why, and how well."""

import numpy as np
import polars as pl

from feed.disclosure.attack import Attacked, Exposed
from feed.disclosure.cells import BOROUGH, HIDDEN, KEY
from feed.spreadsheet import csv_bytes

COLUMNS = ["count", "period", "breakdown", "category", "shown", "why", "at_least", "at_most", "tables"]
SMALL = "small itself"
ANOTHER = "it would give another away, or few people are behind it"
SILENT = "even whether there are any would give another away"
APART = "a lot that is counted for the borough only"
ROUNDED = "exact, it would give another away"
WHY = {"suppressed": SMALL, "secondary": ANOTHER, "withheld": SILENT, "borough_only": APART}


def small_numbers(published: pl.DataFrame, attacked: Attacked, exposed: list[Exposed]) -> bytes:
    """Return the report as CSV.

    Given:   PUBLISHED with why each cell is hidden; the attack on it; what it found.
    Returns: a row per cell that is hidden, and per total that is rounded, with the range that an attacker has
             of it: it is at least so wide; then a row per number that is given away, with its tables.
    """
    hidden = pl.col("shown").is_in(HIDDEN)
    rounded = (pl.col("breakdown") == BOROUGH) & (pl.col("shown") == "rounded")
    cells = published.filter(hidden | rounded).join(
        _ranges(attacked), on=KEY, how="left", maintain_order="left"
    )
    why = pl.when(rounded).then(pl.lit(ROUNDED)).otherwise(pl.col("shown").replace_strict(WHY, default=""))
    rows = cells.select(*KEY, "shown", why.alias("why"), "low", "high").rows()
    blocked = [
        ("", "", "", "", "blocked", one.kind, _end(one.low), _end(one.high), "; ".join(one.tables))
        for one in exposed
    ]
    return csv_bytes(COLUMNS, [*((*row[:6], _end(row[6]), _end(row[7]), "") for row in rows), *blocked])


def _ranges(attacked: Attacked) -> pl.DataFrame:
    """Return the range of each cell of this release that was asked for."""
    count, found = attacked.known.targets.cells, attacked.found
    asked = pl.DataFrame(
        {
            "number": pl.Series(attacked.goals.rows.indices[:count], dtype=pl.UInt32),
            "low": found.low[:count],
            "high": found.high[:count],
        }
    )
    named = attacked.known.cells.filter(~pl.col("old")).select("number", *KEY)
    return named.join(asked, on="number").drop("number")


def _end(value: float | None) -> int | None:
    return None if value is None or not np.isfinite(value) else round(value)
