"""Checks of addresses."""

import polars as pl

from quality.identifiers import postcode_is_pseudo, postcode_is_well_formed
from quality.questions import Asked, Question
from quality.records import Records

NO_UK_POSTCODE = ("nonuk", "refused")
UPRN = "^[1-9][0-9]{0,11}$"


def postcode_malformed(records: Records) -> Question:
    """ADR-01: the postcode does not have the form of one."""
    postcode = pl.col("postcode")
    asked = (postcode.is_not_null() & ~_explained(records)) | records.unreadable("postcode")
    return Question(asked, ~postcode_is_well_formed(postcode).fill_null(value=False))


def postcode_nonexistent(records: Records) -> Question | None:
    """ADR-02: a well-formed postcode is not in the site's look-up; without a look-up nobody can tell."""
    if not records.facts.postcode_lookup:
        return None
    postcode = pl.col("postcode")
    exempt = postcode_is_pseudo(postcode) | _explained(records, "pseudo", "no_fixed_abode")
    asked = postcode.is_not_null() & postcode_is_well_formed(postcode) & ~exempt
    area, district = (records.optional(name, pl.String()) for name in ("lsoa21", "lad"))
    return Question(asked, area.is_null() & district.is_null())


def _explained(records: Records, *also: str) -> pl.Expr:
    status = records.optional("postcode_status", pl.String())
    return status.is_in((*NO_UK_POSTCODE, *also)).fill_null(value=False)


def outside_the_district(records: Records) -> Question | None:
    """ADR-03: the person lives in another district than the one the services are for."""
    if records.facts.district is None:
        return None
    district = records.optional("lad", pl.String())
    return Question(district.is_not_null(), district != records.facts.district)


def uprn_malformed(records: Records) -> Question:
    """ADR-06: the Unique Property Reference Number is not one of 1 to 12 digits."""
    return Question(records.entered("uprn"), ~pl.col("uprn").str.contains(UPRN).fill_null(value=False))


VERDICTS: dict[str, Asked] = {
    "ADR-01": postcode_malformed,
    "ADR-02": postcode_nonexistent,
    "ADR-03": outside_the_district,
    "ADR-06": uprn_malformed,
}
