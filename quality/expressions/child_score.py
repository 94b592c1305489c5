"""Checks of the scores in a child's review."""

import polars as pl

from canonical import code_rows
from quality.questions import Asked, Question
from quality.records import Records
from quality.windows import window

DAY = pl.Date()
LOWEST = min(int(row["min"]) for row in code_rows("asq3_domains"))
HIGHEST = max(int(row["max"]) for row in code_rows("asq3_domains"))
STEP = min(int(row["step"]) for row in code_rows("asq3_domains"))


def score_out_of_range(_: Records) -> Question:
    """CHI-03: the total of an area is less than 0 or more than 60."""
    return Question(pl.col("score").is_not_null(), ~pl.col("score").is_between(LOWEST, HIGHEST))


def score_between_steps(records: Records) -> Question:
    """CHI-04: the total is no multiple of five, though nothing says that a question was left out."""
    possible = pl.col("score").is_between(LOWEST, HIGHEST)
    cents = (pl.col("score") * 100).cast(pl.Int64)
    return Question(possible & ~records.ticked("adjusted"), cents % (STEP * 100) != 0)


def another_questionnaire(records: Records) -> Question:
    """CHI-06: the questionnaire is meant for another age than the child's at the review."""
    review = records.to("review_id", "child_review")
    done, interval = review.field("completed_on", DAY), pl.col("interval")
    first, end = window("asq3_interval", interval, records.to("_person", "person").field("birth_date", DAY))
    return Question(interval.is_not_null() & done.is_not_null(), (done < first) | (done >= end))


VERDICTS: dict[str, Asked] = {
    "CHI-03": score_out_of_range,
    "CHI-04": score_between_steps,
    "CHI-06": another_questionnaire,
}
