"""Checks of contacts."""

import polars as pl

from quality.facts import Asked, Records, Verdict

NOT_SEEN = ("2", "3", "4", "7")  # cancelled by either side, did not attend, came too late to be seen


def contact_unattached(records: Records) -> Verdict:
    """CON-01: the contact's referral does not exist, or is another person's than the row says."""
    referrals = records.linked("referral", {
        "_source": pl.String(), "referral_id": pl.String(), "person_id": pl.String(),
        "_reference_repeated": pl.Boolean(),
    })
    unsure = pl.col("_reference_repeated").fill_null(False).any() | (pl.col("person_id").n_unique() > 1)
    owners = referrals.group_by("_source", "referral_id").agg(
        owner=pl.when(~unsure).then(pl.col("person_id").first()), exists=pl.lit(True)
    )
    found = records.beside("referral_id", owners, "referral_id")
    said = records.optional("_row_person", pl.String())
    return pl.lit(found["exists"].is_null()) | (said.is_not_null() & (said != pl.lit(found["owner"])))


def missed_with_duration(records: Records) -> Verdict:
    """CON-03: nobody was seen, yet time was spent."""
    timed = pl.col("duration_min").fill_null(0) > 0
    lasted = pl.when(records.unreadable("duration_min")).then(None).otherwise(timed)
    return pl.col("attendance").is_in(NOT_SEEN) & lasted


VERDICTS: dict[str, Asked] = {
    "CON-01": contact_unattached,
    "CON-03": missed_with_duration,
}
