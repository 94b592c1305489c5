"""Which areas the rows lie in together, reasons with their outcomes, lots with their providers.

Whether the one lies in the other, the rows of the period tell; disclosure control asks it.
"""

import polars as pl

from feed.fact import Fact
from feed.facts import Facts
from feed.periods import Period

WITHIN = (
    ("lsoa21", "ward"),
    ("lsoa21", "neighbourhood"),
    ("lsoa21", "imd_decile"),
    ("lsoa21", "area_kind"),
    ("ward", "neighbourhood"),
    ("ward", "area_kind"),
    ("neighbourhood", "area_kind"),
    ("imd_decile", "area_kind"),
    ("closure_reason", "cld_outcome"),
    ("closure_reason", "escalation"),
    ("lot", "provider"),
    ("wemwbs_by_9", "wemwbs_by_3"),
    ("swemwbs_by_3", "swemwbs_by_2"),
    ("swemwbs_by_2", "swemwbs_by_1"),
)
"""Which areas may lie in which, reasons in outcomes, lots in providers, and changes beyond a threshold in
those beyond a lower one; whether each does, the rows tell."""
TOGETHER = "together"
PAIRS = pl.Schema(dict.fromkeys(("child_breakdown", "child", "parent_breakdown", "parent"), pl.String()))


def splits_together(fact: Fact) -> tuple[str, ...]:
    """Return the fact's splits that may lie in one another."""
    return tuple(dict.fromkeys(name for pair in _pairs(fact) for name in pair))


def together_in(facts: Facts, fact: Fact, period: Period, table: str = "") -> pl.DataFrame:
    """Return which categories the rows of the period have together, PAIRS.

    Given: a table of the fact's rows of these months, where there is one.
    """
    pairs = _pairs(fact)
    if not pairs:
        return PAIRS.to_frame()
    columns = ", ".join(f"{name}::VARCHAR AS {name}" for name in splits_together(fact))
    by_day = fact.is_state or not table
    when = f"WHERE day BETWEEN DATE '{period.start}' AND DATE '{period.end}'" if by_day else ""
    sets = ", ".join(f"({child}, {parent})" for child, parent in pairs)
    rows = f"SELECT {columns} FROM {table or f'fact_{fact.name}'} {when}"
    found = facts.frame(f"SELECT * FROM ({rows}) GROUP BY GROUPING SETS ({sets})")
    return pl.concat(_of_pair(found, *pair) for pair in pairs)


def _pairs(fact: Fact) -> list[tuple[str, str]]:
    return [(child, parent) for child, parent in WITHIN if {child, parent} <= set(fact.splits)]


def _of_pair(found: pl.DataFrame, child: str, parent: str) -> pl.DataFrame:
    """Return the pair's own rows: in every other set of the grouping one of the two is not there."""
    return (
        found.select(child, parent)
        .drop_nulls()
        .select(
            pl.lit(child).alias("child_breakdown"),
            pl.col(child).alias("child"),
            pl.lit(parent).alias("parent_breakdown"),
            pl.col(parent).alias("parent"),
        )
    )
