"""Waits and ages, counted between records: by the calendar, and by working days in England."""

import polars as pl

from canonical import code_rows
from mappings.links import for_distinct
from mappings.local import days_between
from mappings.lookups import bank_holidays

RETURN_DAYS = 183


def age_band(referrals: pl.DataFrame, births: pl.Series) -> pl.DataFrame:
    """Return the referrals with the person's age band on the day each was received.

    Units: whole years by the calendar; who was born on 29 February is a year older on 1 March.
    """
    born, on = births.alias("_born"), pl.col("received_on")
    birth = pl.col("_born")
    before = _in_year(on) < _in_year(birth)
    age = on.dt.year() - birth.dt.year() - before.cast(pl.Int32)
    bands = [row for row in code_rows("age_bands") if row["min_age"]]
    by_age = {
        number: row["code"]
        for row in bands
        for number in range(int(row["min_age"]), int(row["max_age"] or 150) + 1)
    }
    known = age.replace_strict(by_age, default="Unknown", return_dtype=pl.String).fill_null("Unknown")
    return (
        referrals.with_columns(born)
        .with_columns(age_band=pl.when(on.is_not_null()).then(known))
        .drop("_born")
    )


def _in_year(day: pl.Expr) -> pl.Expr:
    """Return the month and day as one number; Polars keeps months in 8 bits, which a hundredfold outgrows."""
    return day.dt.month().cast(pl.Int32) * 100 + day.dt.day()


def service_wait(episodes: pl.DataFrame, received: pl.Series) -> pl.DataFrame:
    """Return the episodes with the calendar days from the referral received to the start."""
    met = episodes.with_columns(received.alias("_received"))
    return met.with_columns(wait_days=days_between("_received", pl.col("started_on"))).drop("_received")


def advice_wait(advice: pl.DataFrame, received: pl.Series) -> pl.DataFrame:
    """Return the advice with its working days from the referral received; null beyond the known holidays."""
    met = advice.with_columns(received.alias("_received"))
    first, last = pl.col("_received"), pl.col("given_on")
    holidays = bank_holidays()
    years = holidays.dt.year()
    known = (first <= last) & (first.dt.year() >= years.min()) & (last.dt.year() <= years.max())
    days = pl.business_day_count(first, last, holidays=holidays.to_list()).cast(pl.Int32)
    return met.with_columns(wait_working_days=pl.when(known).then(days)).drop("_received")


def returned(referrals: pl.DataFrame, people: pl.Series) -> pl.DataFrame:
    """Return the referrals with whether the person came back to the service within 183 days of a closure.

    Given: for each referral the row of its person; null where there is none or several.
    """
    services = for_distinct(referrals, ["_source", "target_service_id"], _numbered)["service"]
    case = people.cast(pl.Int64) * (1 << 20) + services
    asked = referrals.select(case.alias("case"), "received_on", closed="closed_at").with_row_index("at")
    told = asked.select(
        first=pl.when(pl.col("case").is_not_null() & pl.col("received_on").is_not_null()).then(False)
    )
    several = asked.filter(pl.col("case").is_duplicated() & pl.col("case").is_not_null())
    closures = (
        several.filter(pl.col("closed") >= pl.col("received_on")).select("case", "closed").sort("closed")
    )
    met = (
        several.drop_nulls("received_on")
        .sort("received_on")
        .join_asof(
            closures,
            left_on="received_on",
            right_on="closed",
            by="case",
            strategy="backward",
            allow_exact_matches=False,
            check_sortedness=False,
            suffix="_before",
        )
    )
    back = (pl.col("received_on") - pl.col("closed_before")).dt.total_days() <= RETURN_DAYS
    places = met.filter(back)["at"]
    return referrals.with_columns(told["first"].scatter(places, True).alias("re_referral"))


def _numbered(services: pl.DataFrame) -> pl.DataFrame:
    number = pl.int_range(pl.len(), dtype=pl.Int64)
    return services.select(service=pl.when(pl.col("target_service_id").is_not_null()).then(number))
