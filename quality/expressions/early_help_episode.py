"""Checks of early help."""

import polars as pl

from quality.questions import Asked, Question, of_fields
from quality.records import Records


def episode_half_ended(records: Records) -> Question:
    """EHE-01: the episode ended before it started, or nothing says why it ended."""
    ended, started = pl.col("ended_on"), pl.col("started_on")
    backwards = (ended < started).fill_null(value=False)
    return of_fields(ended.is_not_null(), {"ended_on": backwards, "end_reason": records.blank("end_reason")})


VERDICTS: dict[str, Asked] = {"EHE-01": episode_half_ended}
