"""Checks of onward referrals."""

from datetime import timedelta

import polars as pl

from quality.expressions.signposting import organisation_missing
from quality.questions import EVERYBODY, Asked, Question, london_day
from quality.records import Records

ANSWER_WITHIN = timedelta(days=30)
IN_FORCE = ("given", "not_required_other_basis", "best_interests")
PURPOSE = "external_referral"


def without_consent(records: Records) -> Question:
    """ONR-02: no consent to external referral, nor another basis, was in force on the day it was made."""
    answers = _answers(records)
    asked = (
        pl.DataFrame({"person": records.to("_person", "person").row})
        .with_columns(records.table.select(day=records.optional("made_on", pl.Date())))
        .with_row_index("row")
    )
    day, until = pl.col("day"), pl.col("until")
    lasting = (pl.col("from") <= day) & (until.is_null() | (until >= day))
    met = asked.join(answers, on="person").with_columns(in_force=pl.col("agreed") & lasting)
    told = met.group_by("row").agg(
        certain=pl.col("in_force").fill_null(value=False).any(), possible=pl.col("in_force").is_null().any()
    )
    found = asked.join(told, on="row", how="left", maintain_order="left")
    settled = ~pl.col("possible").fill_null(value=False)
    fails = pl.when(pl.col("certain")).then(statement=False).when(settled).then(statement=True)
    known = records.to("_person", "person").certain & records.optional("made_on", pl.Date()).is_not_null()
    return Question(EVERYBODY, pl.when(known).then(pl.lit(found.select(fails).to_series())))


def _answers(records: Records) -> pl.DataFrame:
    """Return the answers about external referral, and those that may be: person, agreed, from, until."""
    consents = records.columns(
        "consent",
        {
            "purpose": pl.String(),
            "status": pl.String(),
            "recorded_on": pl.Date(),
            "withdrawn_at": pl.Datetime("us", "UTC"),
        },
    ).with_columns(person=records.along("consent", "_person", "person").row)
    about, taken_back = pl.col("purpose") == PURPOSE, pl.col("withdrawn_at").is_not_null()
    agreed = pl.col("status").is_in(IN_FORCE) | ((pl.col("status") == "withdrawn") & taken_back)
    told = consents.filter(about.fill_null(value=True))
    until = london_day(pl.col("withdrawn_at"))
    return told.select("person", agreed=about & agreed, until=until, **{"from": "recorded_on"})


def answer_missing(records: Records) -> Question:
    """ONR-04: nothing is known of what came of it after thirty days."""
    made = records.optional("made_on", pl.Date())
    waiting = records.blank("outcome") | (pl.col("outcome") == "pending").fill_null(value=False)
    return Question(made < records.extracted_on() - pl.lit(ANSWER_WITHIN), waiting)


def service_missing(records: Records) -> Question:
    """ONR-05: the organisation runs commissioned services alone, and which of them is not said."""
    organisations = records.to("to_org_id", "organisation")
    services = records.columns("service", {"lot_code": pl.String()})["lot_code"].is_not_null()
    run_by = records.along("service", "org_id", "organisation")
    lots, others = run_by.count(services), run_by.count(~services)
    only_lots = ((lots > 0) & (others == 0)).gather(organisations.row)
    return Question(pl.lit(only_lots), records.blank("to_service_id"))


def not_arrived(records: Records) -> Question:  # noqa: ARG001
    """ONR-03: nothing came of it at the provider that receives such cases, within five working days."""
    due, asked = pl.col("_due_there"), pl.col("_asked_there_on")
    arrived = (pl.col("_received_there") <= due).fill_null(value=False)
    fails = pl.when(arrived).then(statement=False).when(due < asked).then(statement=True)
    return Question(pl.col("_has_receiver") & (due < asked), fails)


VERDICTS: dict[str, Asked] = {
    "ONR-01": organisation_missing,
    "ONR-02": without_consent,
    "ONR-03": not_arrived,
    "ONR-04": answer_missing,
    "ONR-05": service_missing,
}
