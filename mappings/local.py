"""What one record tells by itself: the day of an instant, birth year and month, the places of a postcode."""

import polars as pl

from canonical import code_rows
from mappings.converters import POSTCODE
from mappings.lookups import Postcodes

# The field that holds an instant's day in Europe/London; it is read with the instant, from the same cell.
DAY_FIELDS = {
    "received_at": "received_on",
    "contact_at": "contact_on",
    "given_at": "given_on",
    "made_at": "made_on",
    "recorded_at": "recorded_on",
}
REFUSED_POSTCODE = "_refused_postcode"
NO_FIXED_ABODE = "ZZ99 3VZ"
PLACES = ("lsoa21", "lsoa11", "ward", "ward_before", "neighbourhood", "imd_decile", "lad")
# Each field worked out here, and the fields it needs.
DERIVED_LOCALLY: dict[str, dict[str, frozenset[str]]] = {
    entity: {DAY_FIELDS[at]: frozenset({at})}
    for entity, at in {
        "referral": "received_at",
        "contact": "contact_at",
        "advice": "given_at",
        "onward_referral": "made_at",
        "consent": "recorded_at",
    }.items()
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
    """Return the table with the fields that need no other record; `_day_of_` columns are used up."""
    if "_day_of_triaged_at" in table.columns:
        table = table.with_columns(triage_days=days_between("received_on", pl.col("_day_of_triaged_at")))
    table = table.drop([name for name in table.columns if name.startswith("_day_of_")])
    if entity == "person":
        return table.with_columns(_birth())
    if entity == "address":
        return _places(table, postcodes)
    if entity == "characteristics":
        pairs = {row["code"]: row["nhs_2001_code"] for row in code_rows("ethnicity_2021")}
        old = pl.col("ethnicity_2021").replace_strict(pairs, default=None, return_dtype=pl.String)
        return table.with_columns(ethnicity_nhs=old)
    return table


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
    told = REFUSED_POSTCODE in table.columns
    refused = pl.col(REFUSED_POSTCODE) if told else pl.lit(value=False)
    status = (
        pl.when(postcode.is_null() & refused)
        .then(pl.lit("refused"))
        .when(postcode.is_null())
        .then(pl.lit("missing"))
        .when(postcode == NO_FIXED_ABODE)
        .then(pl.lit("no_fixed_abode"))
        .when(postcode.str.starts_with("ZZ99 "))
        .then(pl.lit("pseudo"))
        .when(well)
        .then(pl.lit("valid"))
    )
    district = pl.when(status.is_in(["valid", "pseudo", "no_fixed_abode"])).then(
        postcode.str.extract(r"^(\S+) ")
    )
    table = table.with_columns(postcode_status=status, postcode_district=district)
    table = table.drop(REFUSED_POSTCODE, strict=False)
    if postcodes is None:
        return table
    return table.with_columns(postcodes.places(table["postcode"]).select(PLACES))
