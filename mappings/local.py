"""What one record tells by itself: the day of an instant, birth year and month, the places of a postcode."""

import polars as pl

from canonical import code_rows
from mappings.converters import POSTCODE
from mappings.dates import ZONE
from mappings.lookups import Postcodes

DAY_OF = {
    "referral": {"received_on": "received_at"},
    "contact": {"contact_on": "contact_at"},
    "advice": {"given_on": "given_at"},
    "onward_referral": {"made_on": "made_at"},
    "consent": {"recorded_on": "recorded_at"},
}
PLACES = ("lsoa21", "lsoa11", "ward", "neighbourhood", "lad")
# Each field worked out here, and the fields it needs.
DERIVED_LOCALLY: dict[str, dict[str, frozenset[str]]] = {
    entity: {name: frozenset({instant}) for name, instant in days.items()} for entity, days in DAY_OF.items()
}
DERIVED_LOCALLY["referral"]["triage_days"] = frozenset({"received_at", "triaged_at"})
DERIVED_LOCALLY["person"] = dict.fromkeys(
    ("birth_year_month", "birth_date_quality"), frozenset({"birth_date"})
)
DERIVED_LOCALLY["address"] = dict.fromkeys(
    ("postcode_status", "postcode_district", *PLACES), frozenset({"postcode"})
)
DERIVED_LOCALLY["characteristics"] = {"ethnicity_nhs": frozenset({"ethnicity_2021"})}


def derive_locally(entity: str, table: pl.DataFrame, postcodes: Postcodes | None) -> pl.DataFrame:
    """Return the table with the fields that need no other record."""
    if entity in DAY_OF:
        table = table.with_columns(london_day(pl.col(at)).alias(on) for on, at in DAY_OF[entity].items())
    if entity == "referral":
        return table.with_columns(triage_days=days_between("received_on", london_day(pl.col("triaged_at"))))
    if entity == "person":
        return table.with_columns(_birth())
    if entity == "address":
        return _places(table, postcodes)
    if entity == "characteristics":
        pairs = {row["code"]: row["nhs_2001_code"] for row in code_rows("ethnicity_2021")}
        old = pl.col("ethnicity_2021").replace_strict(pairs, default=None, return_dtype=pl.String)
        return table.with_columns(ethnicity_nhs=old)
    return table


def london_day(instant: pl.Expr) -> pl.Expr:
    """Return the instant's calendar day in Europe/London."""
    return instant.dt.convert_time_zone(ZONE).dt.date()


def days_between(first: str, last: pl.Expr) -> pl.Expr:
    """Return the calendar days from one day to another; null where they are the wrong way round."""
    days = (last - pl.col(first)).dt.total_days().cast(pl.Int32)
    return pl.when(days >= 0).then(days)


def _birth() -> list[pl.Expr]:
    known = pl.col("birth_date").is_not_null()
    return [
        pl.col("birth_date").dt.strftime("%Y-%m").alias("birth_year_month"),
        pl.when(known).then(pl.lit("exact")).otherwise(pl.lit("unknown")).alias("birth_date_quality"),
    ]


def _places(table: pl.DataFrame, postcodes: Postcodes | None) -> pl.DataFrame:
    postcode = pl.col("postcode")
    well = postcode.str.contains(POSTCODE)
    status = (
        pl.when(postcode.is_null())
        .then(pl.lit("missing"))
        .when(postcode.str.starts_with("ZZ99 "))
        .then(pl.lit("pseudo"))
        .when(well)
        .then(pl.lit("valid"))
    )
    district = pl.when(status.is_in(["valid", "pseudo"])).then(postcode.str.extract(r"^(\S+) "))
    table = table.with_columns(postcode_status=status, postcode_district=district)
    if postcodes is None:
        return table
    return table.with_columns(postcodes.places(table["postcode"]).select(PLACES))
