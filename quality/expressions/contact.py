"""Checks of contacts."""

from datetime import timedelta

import polars as pl

from quality.expressions.every import of_another_person
from quality.questions import EVERYBODY, Asked, Question
from quality.records import Records

NOT_SEEN = ("2", "3", "4", "7")  # cancelled by either side, did not attend, came too late to be seen
NOT_MET = (*NOT_SEEN, "0")  # nor yet, where the appointment is still to come
AFTER_THE_END = timedelta(days=14)


def contact_unattached(records: Records) -> Question:
    """CON-01: the contact's referral does not exist, or is another person's than the row says."""
    return Question(EVERYBODY, ~records.to("referral_id", "referral").found | of_another_person(records))


def outside_the_referral(records: Records) -> Question:
    """CON-02: the contact is before the referral was received, or more than two weeks after it was closed."""
    case, day = records.to("referral_id", "referral"), records.optional("contact_on", pl.Date())
    before = day < case.field("received_on", pl.Date())
    after = day > case.field("closed_at", pl.Date()) + AFTER_THE_END
    outside = before.fill_null(value=False) | after.fill_null(value=False)
    asked = ~records.ticked("is_administrative") & case.found & day.is_not_null()
    return Question(asked, pl.when(case.certain).then(outside))


def missed_with_duration(records: Records) -> Question:
    """CON-03: nobody was seen, yet time was spent."""
    timed = pl.col("duration_min").fill_null(0) > 0
    lasted = pl.when(~records.unreadable("duration_min")).then(timed)
    return Question(pl.col("attendance").is_in(NOT_SEEN), lasted)


VERDICTS: dict[str, Asked] = {
    "CON-01": contact_unattached,
    "CON-02": outside_the_referral,
    "CON-03": missed_with_duration,
}
