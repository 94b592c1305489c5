"""Checks of addresses."""

import polars as pl

from quality.facts import Asked, Records, Verdict
from quality.identifiers import postcode_is_pseudo, postcode_is_well_formed

NO_UK_POSTCODE = ("nonuk", "refused")


def postcode_malformed(records: Records) -> Verdict:
    """ADR-01: the postcode does not have the form of one."""
    postcode = pl.col("postcode")
    exempt = records.optional("postcode_status", pl.String()).is_in(NO_UK_POSTCODE).fill_null(False)
    wrong = postcode.is_not_null() & ~postcode_is_well_formed(postcode) & ~exempt
    return wrong | records.unreadable("postcode")


def postcode_nonexistent(records: Records) -> Verdict:
    """ADR-02: a well-formed postcode is not in the site's look-up; without a look-up nobody can tell."""
    if not records.facts.postcode_lookup:
        return None
    postcode = pl.col("postcode")
    status = records.optional("postcode_status", pl.String())
    exempt = postcode_is_pseudo(postcode) | status.is_in((*NO_UK_POSTCODE, "pseudo")).fill_null(False)
    area, authority = (records.optional(name, pl.String()) for name in ("lsoa21", "lad"))
    unplaced = area.is_null() & authority.is_null()
    return postcode.is_not_null() & postcode_is_well_formed(postcode) & ~exempt & unplaced


VERDICTS: dict[str, Asked] = {
    "ADR-01": postcode_malformed,
    "ADR-02": postcode_nonexistent,
}
