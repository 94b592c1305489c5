"""Counts that came as counts: made and protected before they left a provider, shown here as they came.

Nothing is counted, rounded or hidden again: of what stands behind such a number nobody here knows anything.
"""

import polars as pl

from canonical import COUNTED
from feed.declared import Declarations
from feed.dimensions import ALL, BOROUGH
from feed.facts import Facts
from feed.observations import OBSERVATIONS, category_label
from feed.periods import Period

ROUNDED, EXACT, HIDDEN, LACKING = "rounded", "exact", "suppressed", "not_available"
ANSWERS = "answers"
SHOWN = (
    "Counted and protected before it left the provider's side: below {}, none included, a number is hidden; "
    "else it is rounded to the nearest {}."
)
SHOWN_WHOLE = (
    "Counted before it left the provider's side: different answers, each given by at least {} people in the "
    "quarter. Rarer ones are not among them."
)
NO_ANSWER = "Hidden before it left the provider's side: no answer was given by {} people in the quarter."
NOT_SHOWN = (
    "Hidden before it left the provider's side: it is below {}, none included, or one that is could be "
    "worked out from it."
)
NOT_LOADED = "No counts have been loaded for this period: those of a quarter leave weeks after it has ended."

EMPTY = pl.Schema(
    {
        "count_id": pl.String(),
        "period": pl.String(),
        "period_start": pl.Date(),
        "period_end": pl.Date(),
        "value": pl.Float64(),
        "shown": pl.String(),
        "note": pl.String(),
    }
)


def protected_counts(facts: Facts, period: Period, declared: Declarations) -> pl.DataFrame:
    """Return the received figures of the quarters within the period, as OBSERVATIONS.

    Returns: for the whole borough; hidden ones with no value. A count that no figure names is not told, and
             of a figure of which no count came one row says so.
    """
    named = [
        (topic.topic, kpi.id, kpi.received, kpi.unit)
        for topic in declared.topics
        for kpi in topic.kpis
        if kpi.kind == "received"
    ]
    figures = pl.DataFrame(named, ["table", "kpi", "count_id", "unit"], orient="row")
    came = pl.concat([EMPTY.to_frame(), *(_of_flow(facts, flow, period) for flow in _flows(facts))])
    told = figures.join(came, on="count_id", how="left", maintain_order="left").with_columns(
        pl.col("period").fill_null(period.label),
        pl.col("period_start").fill_null(period.start),
        pl.col("period_end").fill_null(period.end),
        pl.col("shown").fill_null(LACKING),
        pl.col("note").fill_null(NOT_LOADED),
        statistic=pl.lit("count"),
        breakdown=pl.lit(BOROUGH),
        category=pl.lit(ALL),
        label=pl.lit(category_label(BOROUGH, ALL)),
    )
    return told.select(
        pl.col(name).cast(kind) if name in told.columns else pl.lit(None, kind).alias(name)
        for name, kind in OBSERVATIONS.items()
    ).sort("table", "kpi", "period_start", maintain_order=True)


def _flows(facts: Facts) -> list[str]:
    """Return the flows of counts that the warehouse has, by name."""
    said = (
        "SELECT table_schema FROM information_schema.tables WHERE table_catalog = current_database() "
        f"AND table_name = '{COUNTED}' AND table_type = 'BASE TABLE' ORDER BY table_schema"
    )
    return [str(schema) for (schema,) in facts.rows(said)]


def _of_flow(facts: Facts, flow: str, period: Period) -> pl.DataFrame:
    """Return what came of one flow: what is not a rounded number above the rule's own bound is not shown.

    A number of answers is no number of people, and stands as it is.
    """
    first, last = period.start.isoformat(), period.end.isoformat()
    rows = facts.frame(
        f'SELECT * FROM "{flow}"."{COUNTED}" WHERE period_start >= DATE \'{first}\' '
        f"AND period_end <= DATE '{last}'"
    )
    answers = (pl.col("unit") == ANSWERS).fill_null(value=False)
    rounded = ~answers & (pl.col("shown") == ROUNDED) & (pl.col("value") >= pl.col("suppressed_below"))
    exact = answers & (pl.col("shown") == EXACT) & (pl.col("value") > 0)
    seen = (rounded | exact).fill_null(value=False)
    return rows.select(
        "count_id",
        "period",
        "period_start",
        "period_end",
        value=pl.when(seen).then("value").cast(pl.Float64),
        shown=pl.when(seen).then("shown").otherwise(pl.lit(HIDDEN)),
        note=pl.when(seen & answers)
        .then(pl.format(SHOWN_WHOLE, "suppressed_below"))
        .when(answers)
        .then(pl.format(NO_ANSWER, "suppressed_below"))
        .when(seen)
        .then(pl.format(SHOWN, "suppressed_below", "rounded_to"))
        .otherwise(pl.format(NOT_SHOWN, "suppressed_below")),
    ).cast(EMPTY)
