"""Checks asked of the records of several entities: the reference, the links, and what could not be read."""

import polars as pl

from quality.questions import EVERYBODY, Asked, Question
from quality.records import Records


def reference_repeated(_: Records) -> Question:
    """PER-12, REF-02, ENT-01: the reference stands on several rows with different content."""
    return Question(EVERYBODY, pl.col("_reference_repeated"))


def link_leads_nowhere(records: Records) -> Question:
    """LNK-01: the person, or the referral, that the record names does not exist."""
    lost = ~records.to("_person", "person").found
    if "referral_id" in records.table.columns and records.entity != "referral":
        nowhere = ~records.to("referral_id", "referral").found
        lost = lost | pl.when(records.where_given("referral")).then(nowhere)
    return Question(EVERYBODY, pl.when(~of_unsure_case(records)).then(lost))


def of_unsure_case(records: Records) -> pl.Expr:
    """Return whether the record is, or belongs to, a referral that stands on several rows."""
    if records.entity == "referral":
        return records.ticked("_reference_repeated")
    if "referral_id" not in records.table.columns:
        return pl.lit(value=False)
    case = records.to("referral_id", "referral")
    return case.found & ~case.certain


def of_another_person(records: Records) -> pl.Expr:
    """Return whether the row names another person than its referral does; unknown where that is unsure."""
    owner = records.to("referral_id", "referral").field("person_id", pl.String())
    said = records.optional("_row_person", pl.String())
    return said.is_not_null() & (said != owner)


def person_of_another_case(records: Records) -> Question:
    """LNK-02: the record names a person who is not the one its referral is for."""
    return Question(records.to("referral_id", "referral").found, of_another_person(records))


VERDICTS: dict[str, Asked] = {
    "ENT-01": reference_repeated,
    "LNK-01": link_leads_nowhere,
    "LNK-02": person_of_another_case,
}
