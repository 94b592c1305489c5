"""Checks of when a wellbeing form was filled in, by whom, and beside which other."""

from datetime import timedelta

import polars as pl

from quality.questions import Asked, Question, age_on
from quality.records import Records
from quality.repeats import several

DAY = pl.Date()
AROUND = timedelta(days=28)
APART = timedelta(days=14)
YOUNGEST = 13


def another_tool(records: Records) -> Question:
    """OUT-05: the last form of the referral is of another kind than the first."""
    same = ["_source", "referral_id"]
    forms = records.table.select(*same, "tool", "completed_on", "_reference", "_row").with_row_index("at")
    repeated = several(forms.drop_nulls(["referral_id", "completed_on"]), same)
    ends = (
        repeated.sort("completed_on", "_reference", "_row")
        .group_by(same)
        .agg(pl.col("at").last(), first=pl.col("tool").first())
    )
    none = pl.repeat(None, records.table.height, dtype=pl.String(), eager=True)
    compared = pl.repeat(False, records.table.height, eager=True).scatter(ends["at"], True)
    return Question(pl.lit(compared), pl.col("tool") != pl.lit(none.scatter(ends["at"], ends["first"])))


def at_the_wrong_time(records: Records) -> Question:
    """OUT-06: the first form is not about the start, or the last not about the end or too soon after it."""
    episode, day = records.to("episode_id", "service_episode"), pl.col("completed_on")
    first, last = (pl.col("timepoint") == name for name in ("baseline", "exit"))
    started, ended = episode.field("started_on", DAY), episode.field("ended_on", DAY)
    off_start, off_end = (_apart(day, bound) > AROUND for bound in (started, ended))
    too_soon = (day - pl.lit(_baseline(records)) < APART).fill_null(value=False)
    asked = (first & started.is_not_null()) | (last & ended.is_not_null())
    return Question(asked & day.is_not_null(), (first & off_start) | (last & (off_end | too_soon)))


def _apart(day: pl.Expr, other: pl.Expr) -> pl.Expr:
    return pl.when(day >= other).then(day - other).otherwise(other - day)


def _baseline(records: Records) -> pl.Series:
    """Return, for each form, the day of the latest first form of the same episode."""
    episode = records.to("episode_id", "service_episode")
    days = records.table.select(pl.when(pl.col("timepoint") == "baseline").then("completed_on")).to_series()
    return episode.span(days)["last"].gather(episode.row)


def too_young_for_the_form(records: Records) -> Question:
    """OUT-07: the person was under thirteen."""
    born = records.to("_person", "person").field("birth_date", DAY)
    return Question(pl.col("completed_on").is_not_null(), age_on(pl.col("completed_on"), born) < YOUNGEST)


VERDICTS: dict[str, Asked] = {
    "OUT-05": another_tool,
    "OUT-06": at_the_wrong_time,
    "OUT-07": too_young_for_the_form,
}
