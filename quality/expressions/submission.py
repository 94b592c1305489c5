"""Checks of what a provider gave as a whole: months, volume, rows, and what is known of its clients."""

import polars as pl

from quality.submitted import Judged, Submitted
from quality.tallies import EVENTS

YEAR, USUAL = 12, 6
FEW_EVENTS, FEW_REFERRALS, FEW_CLIENTS = 100, 20, 20
KINDS = 3
CHANCE = 3.0
"""How many standard deviations of a count are no news: with few referrals chance alone moves by 40 %."""


def month_not_covered(of: Submitted) -> pl.DataFrame:
    """SUB-03: hardly anything happened in a whole month of the last year, or of fewer kinds than usual."""
    events = of.tallies.filter(pl.col("kind").is_in(list(EVENTS)))
    year = of.months(YEAR)
    met = year.join(events, on=["source", "month"], how="left")
    by_month = met.group_by("source", "now", "month").agg(
        number=pl.col("number").sum(), kinds=pl.col("kind").drop_nulls().n_unique()
    )
    usual = met.group_by("source").agg(
        all=pl.col("number").sum(), every=pl.col("kind").drop_nulls().n_unique()
    )
    told = by_month.join(usual, on="source").with_columns(percent=of.percent("SUB-03"))
    needed = (pl.col("every").cast(pl.Int64) - 1).clip(1, KINDS)
    covered = (pl.col("number") * 100 >= pl.col("percent") * pl.col("all")) & (pl.col("kinds") >= needed)
    told = told.with_columns(covered=covered & (pl.col("number") > 0))
    begins = pl.col("month").filter("covered").min().over("source")
    last = pl.col("month") == pl.col("now").dt.offset_by("-1mo")
    asked = told.filter(pl.coalesce(pl.col("month") >= begins, last))
    fails = pl.when(pl.col("all") > 0).then(~pl.col("covered"))
    many = (pl.col("all") >= FEW_EVENTS) | (pl.col("all") == 0)
    return asked.select("source", record=_month(), applies=many, fails=fails)


def unusual_volume(of: Submitted) -> pl.DataFrame:
    """SUB-05: far more or fewer referrals in the last whole month than on average in the six before it."""
    referrals = of.tallies.filter(kind="referral").drop("kind")
    met = of.months(USUAL + 1).join(referrals, on=["source", "month"], how="left")
    last = pl.col("month") == pl.col("now").dt.offset_by("-1mo")
    told = met.group_by("source").agg(
        month=pl.col("month").max(),
        number=pl.col("number").filter(last).sum(),
        mean=pl.col("number").filter(~last).mean(),
        known=pl.col("number").filter(~last).is_not_null().sum() == USUAL,
    )
    far = (pl.col("number").cast(pl.Float64) - pl.col("mean")).abs()
    allowed = pl.max_horizontal(of.percent("SUB-05") / 100 * pl.col("mean"),
                                CHANCE * pl.col("mean").sqrt())  # fmt: skip
    fails = pl.when("known").then(far > allowed)
    many = ~pl.col("known") | (pl.col("mean") >= FEW_REFERRALS)
    return told.select("source", record=pl.lit("referrals ") + _month(), applies=many, fails=fails)


def rows_lost(of: Submitted) -> pl.DataFrame:
    """SUB-04: the export holds other rows than the source counts, or stops in the middle of one."""
    return of.exports.select("source", record="export", applies=pl.lit(value=True), fails="lost")


def ethnicity_missing(of: Submitted) -> pl.DataFrame:
    """CHR-01: too few of a quarter's clients have any answer about their ethnicity."""
    told = _quarters(of)
    share = pl.col("answered") * 100 < of.percent("CHR-01") * pl.col("clients")
    many = pl.col("clients") >= FEW_CLIENTS
    fails = pl.when(of.giving("characteristics", "ethnicity_2021")).then(share)
    return told.select("source", record=_quarter(), applies=many, fails=fails)


def refused_for_not_asked(of: Submitted) -> pl.DataFrame:
    """CHR-03: most answers about the ethnicity of a quarter's clients are that they refused it."""
    told = _quarters(of)
    share = pl.col("refused") * 100 > of.percent("CHR-03") * pl.col("answered")
    many = pl.col("answered") >= FEW_CLIENTS
    asked = of.giving("characteristics", "ethnicity_2021")
    fails = pl.when(asked).then(share)
    return told.select("source", record=_quarter(), applies=many | ~asked, fails=fails)


def _quarters(of: Submitted) -> pl.DataFrame:
    """Return the clients of every quarter that began within the last year, and what is known of them."""
    wanted = ("clients", "answered", "refused")
    met = of.tallies.filter(pl.col("kind").is_in(wanted)).join(of.pulled, on="source")
    recent = met.filter(pl.col("month").is_between(pl.col("now").dt.offset_by("-1y"), pl.col("now")))
    counted = {kind: pl.col("number").filter(kind=kind).sum().cast(pl.Int64) for kind in wanted}
    return recent.group_by("source", "month").agg(**counted)


def _month() -> pl.Expr:
    return pl.col("month").dt.strftime("%Y-%m")


def _quarter() -> pl.Expr:
    """Return the quarter of the calendar year, as 2022-Q3."""
    return pl.concat_str(pl.col("month").dt.year(), pl.lit("-Q"), pl.col("month").dt.quarter())


STILL_JUDGED = {"SUB-03": YEAR, "SUB-05": 1, "CHR-01": YEAR, "CHR-03": YEAR}
"""How many months before the pull a period may begin of which the check is still asked."""
SUBMITTED: dict[str, Judged] = {
    "SUB-03": month_not_covered,
    "SUB-04": rows_lost,
    "SUB-05": unusual_volume,
    "CHR-01": ethnicity_missing,
    "CHR-03": refused_for_not_asked,
}
