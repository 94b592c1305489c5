"""Checks of service episodes."""

from datetime import timedelta

import polars as pl

from quality.expressions.contact import NOT_MET
from quality.expressions.referral_course import ADULT_FROM
from quality.questions import Asked, Question, age_on
from quality.records import Records
from quality.repeats import first_of_the_same, several, spread

DAY = pl.Date()
AROUND_THE_START = 3
REVIEWED_WITHIN = timedelta(days=183)
DATES = ("accepted_on", "started_on", "ended_on")


def out_of_order(records: Records) -> Question:
    """EPI-01: received, accepted, started and ended do not follow one another."""
    received = records.to("referral_id", "referral").field("received_on", DAY)
    days = {name: records.optional(name, DAY) for name in DATES}
    unread = {name: records.unreadable(name) for name in DATES}
    wrong = [(received > day).fill_null(value=False) for day in days.values()]
    for first, then in ((0, 1), (0, 2), (1, 2)):
        one, other = DATES[first], DATES[then]
        wrong.append(
            pl.when(~(unread[one] | unread[other])).then((days[one] > days[other]).fill_null(value=False))
        )
    dated = pl.any_horizontal(*(day.is_not_null() for day in days.values()))
    return Question(dated, pl.any_horizontal(*wrong))


def started_without_contact(records: Records) -> Question:
    """EPI-02: nobody met the person within three days of the start."""
    case = records.to("referral_id", "referral")
    start = records.optional("started_on", DAY)
    started = records.table.select(row=case.row, start=start).with_row_index("at")
    met = started.drop_nulls().join(_seen(records), on="row")
    apart = (pl.col("seen") - pl.col("start")).dt.total_days().abs()
    backed = met.filter((apart <= AROUND_THE_START).fill_null(value=True))
    certain = backed.filter(pl.col("seen").is_not_null())["at"].unique()
    answer = pl.repeat(False, records.table.height, dtype=pl.Boolean, eager=True)
    possible = answer.scatter(backed["at"].unique(), None).scatter(certain, True)
    known = records.optional("started_on", DAY).is_not_null() & case.found
    return Question(known, pl.when(case.certain).then(~pl.lit(possible)))


def _seen(records: Records) -> pl.DataFrame:
    """Return, by the row of its referral, the days on which somebody met the person."""
    contacts = records.columns(
        "contact",
        {
            "contact_on": DAY,
            "is_administrative": pl.Boolean(),
            "attendance": pl.String(),
        },
    ).with_columns(row=records.along("contact", "referral_id", "referral").row)
    missed = pl.col("attendance").is_in(NOT_MET).fill_null(value=False)
    met = contacts.filter(~pl.col("is_administrative").fill_null(value=False) & ~missed)
    return met.select("row", seen="contact_on").drop_nulls("row")


def ended_without_reason(records: Records) -> Question:
    """EPI-03: the episode ended and nothing says why, though its referral does not lack the same word."""
    case = records.to("referral_id", "referral")
    told = case.field("closed_at", DAY) == pl.col("ended_on")
    same_cell = told.fill_null(value=False) & case.field("closure_reason", pl.String()).is_null()
    return Question(pl.col("ended_on").is_not_null() & ~same_cell, records.blank("end_reason"))


def never_reviewed(records: Records) -> Question:
    """EPI-04: open for more than half a year without a case review."""
    long = pl.col("started_on") < records.extracted_on() - pl.lit(REVIEWED_WITHIN)
    asked = records.blank("ended_on") & pl.col("started_on").is_not_null() & long
    return Question(asked, records.blank("case_review_on"))


def overlapping(records: Records) -> Question:
    """EPI-05: the episode starts before another one of the same referral and service has ended."""
    same = ["_source", "referral_id", "service_id"]
    rows = records.table.select(*same, "started_on", "_reference", "_row", end=_end(records))
    ordered = several(rows.with_row_index("at").drop_nulls(["started_on", "referral_id"]), same).sort(
        "started_on", "_reference", "_row"
    )
    before = ordered.with_columns(before=pl.col("end").cum_max().shift(1).over(same))
    lasting = pl.when((pl.col("end") > pl.col("before")).fill_null(value=True)).then("at")
    ends = before.with_columns(longest=lasting.forward_fill().shift(1).over(same))
    later = ends.filter(pl.col("started_on") < pl.col("before"))
    other = spread(records.table.height, later["at"], later["longest"])
    known = pl.all_horizontal(pl.col(name).is_not_null() for name in ("started_on", *same[1:]))
    return Question(known, pl.lit(other.is_not_null()), other=other)


def _end(records: Records) -> pl.Expr:
    """Return the last day that is certain: of one still going on, none; of an unreadable one, the first."""
    going_on = pl.col("ended_on").fill_null(pl.date(9999, 12, 31))
    return pl.when(records.unreadable("ended_on")).then("started_on").otherwise(going_on)


def outside_the_age_limits(records: Records) -> Question:
    """EPI-06: the person was younger or older at the start than the service is for."""
    service = records.to("service_id", "service")
    youngest, oldest = (service.field(name, pl.Int32()) for name in ("minimum_age", "maximum_age"))
    person = records.to("referral_id", "referral").then(records.along("referral", "_person", "person"))
    age = age_on(pl.col("started_on"), person.field("birth_date", DAY))
    limited = pl.col("started_on").is_not_null() & (youngest.is_not_null() | oldest.is_not_null())
    child = ((age < ADULT_FROM) & (youngest >= ADULT_FROM)).fill_null(value=False)
    outside = (age < youngest).fill_null(value=False) | (age > oldest).fill_null(value=False)
    return Question(limited & ~child, pl.when(age.is_not_null()).then(outside))


def sent_twice(records: Records) -> Question:
    """EPI-07: another referral has an episode of the same person, service and start."""
    same = ["_source", "_person", "service_id", "started_on"]
    known = pl.all_horizontal(pl.col(name).is_not_null() for name in same[1:])
    columns = (*same, "referral_id", "_reference", "_row")
    rows = records.table.select(*columns).with_row_index("at").filter(known)
    ordered = several(rows, same).sort("_reference", "_row")
    alone = ordered.filter(pl.struct(*same, "referral_id").is_first_distinct())
    first = alone["at"].gather(first_of_the_same(alone, same, []))
    other = spread(records.table.height, alone["at"], first)
    return Question(known, pl.lit(other.is_not_null()), other=other)


VERDICTS: dict[str, Asked] = {
    "EPI-01": out_of_order,
    "EPI-02": started_without_contact,
    "EPI-03": ended_without_reason,
    "EPI-04": never_reviewed,
    "EPI-05": overlapping,
    "EPI-06": outside_the_age_limits,
    "EPI-07": sent_twice,
}
