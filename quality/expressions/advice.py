"""Checks of advice."""

import polars as pl

from canonical import code_rows
from quality.expressions.every import link_leads_nowhere, of_another_person
from quality.questions import EVERYBODY, Asked, Question
from quality.records import Records
from quality.repeats import first_of_the_same, later_of_the_same

HUB_LOT = "L3-SSH"
A_DAY_OR_TWO = 2
CATEGORY_OF = {row["code"]: row["advice_category"] for row in code_rows("presenting_need")}


def category_missing(_: Records) -> Question:
    """ADV-01: the category is none of the five, or was left out."""
    return Question(EVERYBODY, pl.col("category").is_null())


def advice_unattached(records: Records) -> Question:
    """ADV-02: the advice belongs to no person, to no referral, or to another person's."""
    return Question(EVERYBODY, link_leads_nowhere(records).fails | of_another_person(records))


def detail_of_another_category(_: Records) -> Question:
    """ADV-03: the detail belongs to another category."""
    detail, category = pl.col("subcategory"), pl.col("category")
    belongs = detail.replace_strict(CATEGORY_OF, default=None, return_dtype=pl.String)
    return Question(detail.is_not_null() & category.is_not_null(), belongs != category)


def advice_repeated(records: Records) -> Question:
    """ADV-04: the same advice was given to the same person on the same day; said of all but the first."""
    same = ["_source", "_person", "given_on", "category", "subcategory"]
    known = pl.all_horizontal(records.optional(name, pl.String()).is_not_null() for name in same[1:4])
    first = first_of_the_same(records.table, same, ["given_at"])
    return Question(known, pl.lit(first.is_not_null()), other=first)


def advice_late(records: Records) -> Question:
    """ADV-05: the first advice of a referral to the hub came more than two working days after it."""
    case, waited = records.to("referral_id", "referral"), records.optional("wait_working_days", pl.Int32())
    hub = case.field("lot_code", pl.String()) == HUB_LOT
    onwards = pl.col("given_on") >= case.field("received_on", pl.Date())
    first = ~pl.lit(later_of_the_same(records.table, ["_source", "referral_id"], ["given_at"]))
    return Question(case.found & hub & onwards & first, waited > A_DAY_OR_TWO)


VERDICTS: dict[str, Asked] = {
    "ADV-01": category_missing,
    "ADV-02": advice_unattached,
    "ADV-03": detail_of_another_category,
    "ADV-04": advice_repeated,
    "ADV-05": advice_late,
}
