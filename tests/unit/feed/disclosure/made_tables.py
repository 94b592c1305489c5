"""Small tables of counts, written as a person reads them."""

from collections.abc import Mapping

import polars as pl

from feed.counting import COUNTS
from feed.disclosure.cells import PUBLISHED
from feed.disclosure.profile import Profile

HES = Profile()
UNDER_FIVE = Profile("under-five", suppress_to=4, round_to=1, least_width=3)
APRIL, MAY, BOTH = "2022-04", "2022-05", "2022-04..2022-05"


def counts(
    cells: Mapping[str, int],
    *,
    count: str = "people_seen",
    breakdown: str = "ward",
    period: str = APRIL,
    people: Mapping[str, int] | None = None,
    total: int | None = None,
) -> pl.DataFrame:
    """Return the exact counts of one breakdown with the borough's, by default their sum."""
    rows = [
        (count, period, breakdown, category, number, (people or {}).get(category, number))
        for category, number in cells.items()
    ]
    whole = sum(cells.values()) if total is None else total
    rows.append((count, period, "borough", "all", whole, min(whole, sum(row[-1] for row in rows))))
    return pl.DataFrame(rows, schema=COUNTS, orient="row")


def over_time(months: Mapping[str, Mapping[str, int]], count: str = "people_seen") -> pl.DataFrame:
    """Return two months and the two together, by ward and for the borough."""
    (first, april), (last, may) = months.items()
    both = {category: april[category] + may[category] for category in april}
    parts = ((first, april), (last, may), (BOTH, both))
    return pl.concat(counts(cells, count=count, period=period) for period, cells in parts)


def shown(frame: pl.DataFrame, breakdown: str = "ward", period: str = APRIL) -> dict[str, str]:
    """Return what stands in each cell of one table: its number, or how it is hidden."""
    mine = frame.filter((pl.col("breakdown") == breakdown) & (pl.col("period") == period))
    return {
        row["category"]: row["shown"] if row["value"] is None else str(row["value"])
        for row in mine.iter_rows(named=True)
    }


def published(*rows: tuple[str, str, str, str, int | None, str]) -> pl.DataFrame:
    """Return PUBLISHED, row by row: count, period, breakdown, category, value, shown."""
    return pl.DataFrame(rows, schema=PUBLISHED, orient="row")
