"""Checks of a referral by itself: who made it, and its dates."""

import polars as pl

from canonical import code_rows
from quality.expressions.every import reference_repeated
from quality.facts import INSTANT
from quality.questions import EVERYBODY, Asked, Question, london_day
from quality.records import Records

TERMINAL_STATUS = tuple(row["code"] for row in code_rows("referral_status") if row["terminal"] == "Y")
WITHOUT_ORGANISATION = ("02", "03")  # self referral; carer or relative
HUB_LOT = "L3-SSH"
DAY = pl.Date()


def received_date_impossible(records: Records) -> Question:
    """REF-01: the received date is missing, after the extract, or before the commissioned service began."""
    received = pl.col("received_at")
    wrong = received.is_null() | (received > records.extracted_at()) | (received < _service_begins(records))
    return Question(EVERYBODY, wrong)


def _service_begins(records: Records) -> pl.Expr:
    """Return when each referral's service began: midnight in London; a service without a lot has no start."""
    service = records.to("target_service_id", "service")
    services = records.columns("service", {"lot_code": pl.String(), "valid_from": DAY})
    midnight = pl.col("valid_from").cast(pl.Datetime("us")).dt.replace_time_zone("Europe/London")
    always, start = pl.lit(0).cast(INSTANT), midnight.dt.convert_time_zone("UTC")
    begins = services.select(begins=pl.when(pl.col("lot_code").is_null()).then(always).otherwise(start))
    return pl.lit(begins["begins"].gather(service.row))


def referrer_type_missing(records: Records) -> Question:
    """REF-04: nothing says who made the referral."""
    return Question(~_only_heard_about_us(records), records.blank("referrer_type"))


def referrer_missing(records: Records) -> Question:
    """REF-05: an organisation referred, but not which."""
    organised = ~pl.col("referrer_type").is_in(WITHOUT_ORGANISATION)
    return Question(organised, records.blank("referrer_org_id"))


def heard_about_us_as_referrer(records: Records) -> Question:
    """REF-06: where they heard of the service was entered, who referred was not."""
    heard = records.optional("heard_about_us", pl.String()).is_not_null()
    return Question(heard, _only_heard_about_us(records))


def _only_heard_about_us(records: Records) -> pl.Expr:
    heard = records.optional("heard_about_us", pl.String()).is_not_null()
    return heard & records.blank("referrer_type") & records.blank("referrer_org_id")


def triage_before_receipt(records: Records) -> Question:
    """REF-07: the triage is dated before the referral."""
    triaged, received = _triaged_on(), records.optional("received_on", DAY)
    return Question(triaged.is_not_null() & received.is_not_null(), triaged < received)


def triage_late(records: Records) -> Question:
    """REF-08: the hub triaged the referral on a later day than it was received."""
    triaged, received = _triaged_on(), records.optional("received_on", DAY)
    hub = (records.optional("lot_code", pl.String()) == HUB_LOT).fill_null(value=False)
    return Question(hub & triaged.is_not_null() & received.is_not_null(), triaged > received)


def _triaged_on() -> pl.Expr:
    return london_day(pl.col("triaged_at"))


def closed_at_the_wrong_time(records: Records) -> Question:
    """REF-09: the referral was closed before it was received, or will be."""
    closed, received = pl.col("closed_at"), records.optional("received_on", DAY)
    return Question(closed.is_not_null(), (closed < received) | (closed > records.extracted_on()))


def half_closed(records: Records) -> Question:
    """REF-10: closing date, closed status and outcome are not all there or all absent."""
    dated, explained = ~records.blank("closed_at"), ~records.blank("closure_reason")
    ended = pl.col("status").is_in(TERMINAL_STATUS)
    return Question(EVERYBODY, (dated != explained) | (dated != ended) | (explained != ended))


def portal_link_wrong(records: Records) -> Question:
    """REF-16: the hub's referral does not exist, or is later; unknown when the hub was not read."""
    received, parent = pl.col("received_at"), pl.col("_parent_received_at")
    timed = records.optional("received_time_known", pl.Boolean()).fill_null(value=True)
    earlier = pl.when(timed).then(received < parent).otherwise(london_day(received) < london_day(parent))
    wrong = pl.when(pl.col("_parent_known")).then(earlier).when(~pl.col("_parent_known")).then(statement=True)
    return Question(pl.col("parent_referral_id").is_not_null(), wrong)


def portal_person_differs(_: Records) -> Question:
    """REF-17: the hub's referral is of another person; unknown where the two cannot be compared."""
    linked = pl.col("parent_referral_id").is_not_null() & pl.col("_parent_known").fill_null(value=True)
    return Question(linked, pl.col("_parent_other_person"))


VERDICTS: dict[str, Asked] = {
    "REF-01": received_date_impossible,
    "REF-02": reference_repeated,
    "REF-04": referrer_type_missing,
    "REF-05": referrer_missing,
    "REF-06": heard_about_us_as_referrer,
    "REF-07": triage_before_receipt,
    "REF-08": triage_late,
    "REF-09": closed_at_the_wrong_time,
    "REF-10": half_closed,
    "REF-16": portal_link_wrong,
    "REF-17": portal_person_differs,
}
