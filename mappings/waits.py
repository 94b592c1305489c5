"""Waits and ages, counted between records: by the calendar, and by working days in England."""

import polars as pl

from canonical import code_rows
from mappings.local import days_between
from mappings.lookups import bank_holidays

RETURN_DAYS = 183


def age_band(referrals: pl.DataFrame, people: pl.DataFrame) -> pl.DataFrame:
    """Return the referrals with the person's age band on the day each was received.

    Units: whole years by the calendar; who was born on 29 February is a year older on 1 March.
    """
    births = _one_each(people.select("_source", "_reference", "birth_date"), "birth_date")
    met = _beside(referrals, births, "person_id", "birth_date")
    born, on = pl.col("_birth_date"), pl.col("received_on")
    before = (on.dt.month() * 100 + on.dt.day()) < (born.dt.month() * 100 + born.dt.day())
    age = on.dt.year() - born.dt.year() - before.cast(pl.Int32)
    band: pl.Expr = pl.when(on.is_not_null()).then(pl.lit("Unknown"))
    for row in code_rows("age_bands"):
        if row["min_age"]:
            oldest = int(row["max_age"] or 150)
            band = (
                pl.when(age.is_between(int(row["min_age"]), oldest)).then(pl.lit(row["code"])).otherwise(band)
            )
    return met.with_columns(age_band=band).drop("_birth_date")


def service_wait(episodes: pl.DataFrame, referrals: pl.DataFrame) -> pl.DataFrame:
    """Return the episodes with the calendar days from the referral received to the start."""
    met = _beside(episodes, _received(referrals), "referral_id", "received_on")
    return met.with_columns(wait_days=days_between("_received_on", pl.col("started_on"))).drop("_received_on")


def advice_wait(advice: pl.DataFrame, referrals: pl.DataFrame) -> pl.DataFrame:
    """Return the advice with its working days from the referral received; null beyond the known holidays."""
    met = _beside(advice, _received(referrals), "referral_id", "received_on")
    first, last = pl.col("_received_on"), pl.col("given_on")
    holidays = bank_holidays()
    years = holidays.dt.year()
    known = (first <= last) & (first.dt.year() >= years.min()) & (last.dt.year() <= years.max())
    days = pl.business_day_count(first, last, holidays=holidays.to_list()).cast(pl.Int32)
    return met.with_columns(wait_working_days=pl.when(known).then(days)).drop("_received_on")


def returned(referrals: pl.DataFrame) -> pl.DataFrame:
    """Return the referrals with whether the person came back to the service within 183 days of a closure."""
    group = ["_source", "person_id", "target_service_id"]
    asked = referrals.select(*group, "received_on").with_row_index("_at")
    asked = asked.filter(pl.all_horizontal(pl.col(*group, "received_on").is_not_null()))
    closures = referrals.select(*group, "received_on", _closed="closed_at").drop_nulls()
    closures = closures.filter(pl.col("_closed") >= pl.col("received_on")).drop("received_on")
    met = asked.sort("received_on").join_asof(
        closures.sort("_closed"),
        left_on="received_on",
        right_on="_closed",
        by=group,
        strategy="backward",
        allow_exact_matches=False,
        check_sortedness=False,
    )
    back = ((pl.col("received_on") - pl.col("_closed")).dt.total_days() <= RETURN_DAYS).fill_null(False)
    found = met.select("_at", back.alias("re_referral"))
    told = referrals.drop("re_referral").with_row_index("_at")
    told = told.join(found, on="_at", how="left", maintain_order="left").drop("_at")
    return told.select(referrals.columns)


def _received(referrals: pl.DataFrame) -> pl.DataFrame:
    return _one_each(referrals.select("_source", "_reference", "received_on"), "received_on")


def _one_each(table: pl.DataFrame, value: str) -> pl.DataFrame:
    """Return one row per reference; where rows of one reference differ, nothing is known."""
    if not table.select(pl.struct("_source", "_reference").is_duplicated().any()).item():
        return table
    agreed = pl.when(pl.col(value).n_unique() == 1).then(pl.col(value).first())
    return table.group_by("_source", "_reference").agg(agreed)


def _beside(table: pl.DataFrame, others: pl.DataFrame, link: str, value: str) -> pl.DataFrame:
    named = others.rename({"_reference": link, value: f"_{value}"})
    return table.join(named, on=["_source", link], how="left", maintain_order="left")
