"""Counts that came as counts: made and protected before they left a provider, shown here as they came.

Nothing is counted, rounded or hidden again: of what stands behind such a number nobody here knows anything.
"""

import polars as pl

from canonical import COUNTED
from feed.dimensions import ALL, BOROUGH
from feed.facts import Facts
from feed.observations import OBSERVATIONS
from feed.periods import Period

TABLE, KPI = "domestic_abuse", "K40"
ROUNDED, HIDDEN, LACKING = "rounded", "suppressed", "not_available"
SHOWN = (
    "Counted and protected before it left the provider's side: below {}, none included, a number is hidden; "
    "else it is rounded to the nearest {}."
)
NOT_SHOWN = (
    "Hidden before it left the provider's side: it is below {}, none included, or one that is could be "
    "worked out from it."
)
NOT_LOADED = "No counts have been loaded for this period: those of a quarter leave weeks after it has ended."


def protected_counts(facts: Facts, period: Period) -> pl.DataFrame:
    """Return the counts of the quarters within the period, as OBSERVATIONS; one row that says if none came.

    Returns: one figure per count, K40.COUNT, for the whole borough; hidden ones with no value.
    """
    found = [_of_flow(facts, schema, period) for schema in _schemas(facts)]
    rows = [frame for frame in found if not frame.is_empty()]
    told = pl.concat(rows) if rows else _nothing(period)
    return told.select(
        pl.col(name).cast(kind) if name in told.columns else pl.lit(None, kind).alias(name)
        for name, kind in OBSERVATIONS.items()
    ).sort("kpi", "period_start")


def _schemas(facts: Facts) -> list[str]:
    """Return the flows of counts that the warehouse has, by name."""
    said = (
        "SELECT table_schema FROM information_schema.tables WHERE table_catalog = current_database() "
        f"AND table_name = '{COUNTED}' AND table_type = 'BASE TABLE' ORDER BY table_schema"
    )
    return [str(schema) for (schema,) in facts.rows(said)]


def _of_flow(facts: Facts, schema: str, period: Period) -> pl.DataFrame:
    first, last = period.start.isoformat(), period.end.isoformat()
    rows = facts.frame(
        f'SELECT * FROM "{schema}"."{COUNTED}" WHERE period_start >= DATE \'{first}\' '
        f"AND period_end <= DATE '{last}'"
    )
    seen = (pl.col("shown") == ROUNDED) & (pl.col("value") >= pl.col("suppressed_below"))
    return rows.with_columns(is_shown=seen.fill_null(value=False)).select(
        pl.lit(TABLE).alias("table"),
        (pl.lit(f"{KPI}.") + pl.col("count_id")).alias("kpi"),
        pl.lit("count").alias("statistic"),
        "period",
        "period_start",
        "period_end",
        pl.lit(BOROUGH).alias("breakdown"),
        pl.lit(ALL).alias("category"),
        "label",
        pl.when("is_shown").then("value").alias("value"),
        "unit",
        pl.when("is_shown").then(pl.lit(ROUNDED)).otherwise(pl.lit(HIDDEN)).alias("shown"),
        pl.when("is_shown")
        .then(pl.format(SHOWN, "suppressed_below", "rounded_to"))
        .otherwise(pl.format(NOT_SHOWN, "suppressed_below"))
        .alias("note"),
    )


def _nothing(period: Period) -> pl.DataFrame:
    said = {
        "table": TABLE,
        "kpi": KPI,
        "statistic": "count",
        "period": period.label,
        "period_start": period.start,
        "period_end": period.end,
        "breakdown": BOROUGH,
        "category": ALL,
        "label": "People affected by domestic abuse, and people worried about their own behaviour",
        "unit": "people",
        "shown": LACKING,
        "note": NOT_LOADED,
    }
    return pl.DataFrame({name: [value] for name, value in said.items()})
