"""The table of checks: whom each was asked of, how often it fired, what became of disputes, what is tuned."""

from typing import TYPE_CHECKING

import polars as pl

from quality.checks import catalogue
from quality.life import Reason, State

if TYPE_CHECKING:
    from quality.overview import Told

TUNINGS = pl.Schema(
    {
        "provider": pl.String(),
        "check": pl.String(),
        "told_as": pl.String(),
        "threshold": pl.Float64(),
        "until": pl.Date(),
        "reason": pl.String(),
    }
)
"""What is asked of a provider in another way today; null: told_as, threshold that are as usual."""
ANSWERED = ("passed", "failed", "unknown", "not_applicable")
NUMBERS = (*ANSWERED, "living", "accepted", "disputed", "upheld", "rejected")
BY = ["check", "provider"]


def how_checks_fire(told: "Told") -> pl.DataFrame:
    """Return of each check and provider whom it was asked of, how often it fired, and what stands open.

    A check that was asked nowhere, and is tuned nowhere, has one row without a provider.
    """
    asked = told.owned(told.answers).group_by(BY).agg(pl.col(ANSWERED).sum())
    counts = asked
    for more in (_found(told), _answered_disputes(told), _tuned(told)):
        counts = counts.join(more, on=BY, how="full", coalesce=True)
    met = _words().join(counts, on="check", how="left")
    filled = met.with_columns(pl.col(NUMBERS).fill_null(0).cast(pl.UInt32))
    failed = per_cent(pl.col("failed"), pl.col("passed") + pl.col("failed")).alias("failed_percent")
    leading: list[str | pl.Expr] = ["check", "severity", "message", "provider", *NUMBERS[:7]]
    return filled.select(*leading, failed, *NUMBERS[7:], *TUNINGS.names()[2:]).sort(BY, nulls_last=True)


def per_cent(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    """Return the share to one decimal, rounded down so that 100 means all; null of nothing."""
    return pl.when(whole > 0).then(((part.cast(pl.Int64) * 1000 // whole) / 10).round(1))


def _words() -> pl.DataFrame:
    rows = [(check.id, check.severity.value, check.message) for check in catalogue()]
    return pl.DataFrame(rows, schema=["check", "severity", "message"], orient="row")


def _found(told: "Told") -> pl.DataFrame:
    state = pl.col("state")
    return (
        told.owned(told.findings)
        .group_by(BY)
        .agg(
            living=pl.len(),
            accepted=(state == State.ACCEPTED.value).sum(),
            disputed=(state == State.DISPUTED.value).sum(),
        )
    )


def _answered_disputes(told: "Told") -> pl.DataFrame:
    """Return how often the data team called a dispute right, and how often not, of findings still kept."""
    answered = told.owned(told.events).filter(pl.col("from") == State.DISPUTED.value)
    right = (pl.col("to") == State.ACCEPTED.value) & (pl.col("reason") == Reason.CHECK_IS_WRONG.value)
    wrong = pl.col("reason") == Reason.DISPUTE_REJECTED.value
    counts = answered.group_by(BY).agg(upheld=right.sum(), rejected=wrong.sum())
    return counts.filter(pl.col("upheld") + pl.col("rejected") > 0)


def _tuned(told: "Told") -> pl.DataFrame:
    return told.tunings.filter(pl.col("provider").is_in(list(told.providers.values())))
