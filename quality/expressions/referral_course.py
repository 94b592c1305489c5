"""Checks of a referral by what hangs on it: the person, the service, needs, contacts, episodes."""

from datetime import timedelta

import polars as pl

from quality.expressions.referral import DAY, TERMINAL_STATUS
from quality.questions import EVERYBODY, Asked, Question, age_on
from quality.records import Records
from quality.repeats import first_of_the_same, spread

NEVER_ACCEPTED = ("rejected", "duplicate")
SILENT_AFTER = timedelta(days=90)
SUPPORT_GIVEN = ("NEEDS_MET",)
TURNED_AWAY = ("reject", "duplicate", "refer_on", "signpost")
ADULT_FROM = 16


def subject_is_no_client(records: Records) -> Question:
    """PER-10: the referral is about a professional, a volunteer or an organisation."""
    person = records.to("_person", "person")
    return Question(person.found, person.field("role_type", pl.String()) == "other")


def service_unknown(records: Records) -> Question:
    """REF-03: the project stands for no service, or for one that had ended."""
    service, blank = records.to("target_service_id", "service"), records.blank("target_service_id")
    received, ended = records.optional("received_on", DAY), service.field("valid_to", DAY)
    over = pl.when(service.certain).then((ended < received) & ended.is_not_null())
    return Question(EVERYBODY, blank | (~blank & (~service.found | over)))


def silent(records: Records) -> Question:
    """REF-11: an open referral without any contact in the last ninety days."""
    case, dated = records.along("contact", "referral_id", "referral"), pl.col("contact_on")
    contacts = records.columns("contact", {"_source": pl.String(), "contact_on": DAY})
    recent = contacts.select(dated >= records.extracted_on("contact") - pl.lit(SILENT_AFTER)).to_series()
    heard, perhaps = case.some(recent), case.some(recent.is_null())
    waiting = records.optional("received_on", DAY) < records.extracted_on() - pl.lit(SILENT_AFTER)
    silence = pl.when(pl.lit(heard)).then(statement=False).when(~pl.lit(perhaps)).then(statement=True)
    return Question(_open(records) & waiting, silence)


def _open(records: Records) -> pl.Expr:
    return ~pl.col("status").is_in(TERMINAL_STATUS) & records.blank("closed_at")


def second_open(records: Records) -> Question:
    """REF-12: an earlier referral of the same person to the same service is still open."""
    same = ["_source", "_person", "target_service_id"]
    named = pl.all_horizontal(pl.col(name).is_not_null() for name in same[1:])
    rows = records.table.with_row_index("at").filter(_open(records).fill_null(value=False) & named)
    earlier = rows["at"].gather(first_of_the_same(rows, same, ["received_at"]))
    first = spread(records.table.height, rows["at"], earlier)
    told = pl.when(_open(records).is_not_null()).then(pl.lit(first.is_not_null()))
    known = pl.col("target_service_id").is_not_null() & records.to("_person", "person").found
    return Question(_open(records) & known, told, other=first)


def rejected_but_helped(records: Records) -> Question:
    """REF-14: a rejected referral has an episode, or an outcome that says support was given."""
    rejected = (pl.col("status") == "rejected") | (
        records.optional("triage_outcome", pl.String()) == "reject"
    ).fill_null(value=False)
    supported = pl.col("closure_reason").is_in(SUPPORT_GIVEN).fill_null(value=False)
    return Question(rejected, pl.lit(_has_episode(records)) | supported)


def _has_episode(records: Records) -> pl.Series:
    episodes = records.along("service_episode", "referral_id", "referral")
    return episodes.some(pl.repeat(True, len(episodes.row), eager=True))


def main_need_not_single(records: Records) -> Question:
    """REF-15: no main need, or several; unknown where a need does not say whether it is the main one."""
    primary = records.columns("need", {"is_primary": pl.Boolean()})["is_primary"]
    case = records.along("need", "referral_id", "referral")
    main, unsure = pl.lit(case.count(primary)), pl.lit(case.some(primary.is_null()))
    wrong = pl.when(main > 1).then(statement=True).when(~unsure).then(main != 1)
    return Question(~pl.col("status").is_in(NEVER_ACCEPTED), wrong)


def child_in_adult_service(records: Records) -> Question:
    """SG-05: somebody under 16 is in a service for adults, neither turned away nor sent on."""
    youngest = records.to("target_service_id", "service").field("minimum_age", pl.Int32())
    born = records.to("_person", "person").field("birth_date", DAY)
    outcome = records.optional("triage_outcome", pl.String()).is_in(TURNED_AWAY).fill_null(value=False)
    sent_on = pl.col("status").is_in(NEVER_ACCEPTED).fill_null(value=False) | outcome
    there = ~sent_on | pl.lit(_has_episode(records))
    child = age_on(records.optional("received_on", DAY), born) < ADULT_FROM
    return Question(youngest >= ADULT_FROM, child & there)


VERDICTS: dict[str, Asked] = {
    "PER-10": subject_is_no_client,
    "REF-03": service_unknown,
    "REF-11": silent,
    "REF-12": second_open,
    "REF-14": rejected_but_helped,
    "REF-15": main_need_not_single,
    "SG-05": child_in_adult_service,
}
