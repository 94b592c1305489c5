"""Checks of the reviews of young children."""

import polars as pl

from canonical import codes
from quality.questions import Asked, Question, age_on
from quality.records import Records
from quality.repeats import several
from quality.windows import window, windowed

DAY = pl.Date()
GROWN_UP = 18
STAGES = "gm_8_stage"
DOMAINS = len(codes("asq3_domains"))


def outside_the_stage(records: Records) -> Question:
    """CHI-01: the review was not within the window of its stage, nor marked as late."""
    done, stage = pl.col("completed_on"), pl.col("stage")
    first, end = window(STAGES, stage, records.to("_person", "person").field("birth_date", DAY))
    asked = done.is_not_null() & stage.is_in(windowed(STAGES))
    return Question(asked, (done < first) | ((done >= end) & ~records.ticked("completed_late")))


def stage_reviewed_twice(records: Records) -> Question:
    """CHI-02: a later review of the same child and stage was completed too; neither is a repeat."""
    asked = ~records.ticked("is_repeat") & pl.col("completed_on").is_not_null()
    known = asked & pl.col("stage").is_not_null() & pl.col("_person").is_not_null()
    same = ["_source", "_person", "stage"]
    rows = several(records.table.with_row_index("at").filter(known), same)
    ordered = rows.sort("completed_on", "_reference", "_row")
    earlier = ordered.filter(~pl.struct(same).is_last_distinct())["at"]
    twice = pl.repeat(False, records.table.height, eager=True).scatter(earlier, True)
    return Question(known, pl.lit(twice))


def areas_missing(records: Records) -> Question:
    """CHI-05: the questionnaire was used, but not all five areas have a score."""
    scores = records.columns("child_score", {"domain": pl.String(), "score": pl.Decimal(12, 2)})
    scored = scores.with_columns(row=records.along("child_score", "review_id", "child_review").row)
    areas = (
        scored.filter(pl.col("score").is_not_null())
        .drop_nulls("row")
        .group_by("row")
        .agg(pl.col("domain").drop_nulls().n_unique())
    )
    many = pl.zeros(records.table.height, pl.UInt32, eager=True).scatter(areas["row"], areas["domain"])
    return Question(pl.col("asq3_used"), pl.lit(many < DOMAINS))


def mother_is_the_child(records: Records) -> Question:
    """CHI-07: mother and child have one NHS number."""
    mother, child = pl.col("mother_nhs_number"), records.to("_person", "person")
    same = mother == child.field("nhs_number", pl.String())
    return Question(mother.is_not_null(), same.fill_null(value=False))


def review_of_an_adult(records: Records) -> Question:
    """CHI-08: the child was grown up when the review was completed."""
    done, born = pl.col("completed_on"), records.to("_person", "person").field("birth_date", DAY)
    return Question(done.is_not_null(), age_on(done, born) >= GROWN_UP)


VERDICTS: dict[str, Asked] = {
    "CHI-01": outside_the_stage,
    "CHI-02": stage_reviewed_twice,
    "CHI-05": areas_missing,
    "CHI-07": mother_is_the_child,
    "CHI-08": review_of_an_adult,
}
