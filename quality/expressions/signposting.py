"""Checks of signposting."""

import polars as pl

from quality.questions import EVERYBODY, Asked, Question
from quality.records import Records


def organisation_missing(records: Records) -> Question:
    """SIG-01, ONR-01: the organisation is not named, or is not among the organisations."""
    listed = records.to("to_org_id", "organisation").found
    unlisted = pl.when(records.where_given("organisation")).then(~listed)
    blank = records.blank("to_org_id")
    return Question(EVERYBODY, blank | (~blank & unlisted))


def signposted_to_itself(records: Records) -> Question:
    """SIG-02: the organisation is the one whose service the referral was made to."""
    case = records.to("referral_id", "referral")
    service = records.along("referral", "target_service_id", "service")
    owner = pl.lit(_gathered(service.others, "org_id", service.row.gather(case.row)))
    return Question(pl.col("to_org_id").is_not_null() & owner.is_not_null(), pl.col("to_org_id") == owner)


def _gathered(table: pl.DataFrame, name: str, rows: pl.Series) -> pl.Series:
    if name not in table.columns:
        return pl.repeat(None, len(rows), dtype=pl.String(), eager=True)
    return table[name].gather(rows)


def also_referred_on(records: Records) -> Question:
    """SIG-03: an onward referral of the same case, day and organisation tells of the same step."""
    mine = records.table.select(
        "_source",
        "referral_id",
        "to_org_id",
        day="signposted_on",
        mine=records.optional("to_service_id", pl.String()),
    ).with_row_index("row")
    theirs = records.columns(
        "onward_referral",
        {
            "_source": pl.String(),
            "referral_id": pl.String(),
            "to_org_id": pl.String(),
            "made_on": pl.Date(),
            "to_service_id": pl.String(),
        },
    ).rename({"made_on": "day", "to_service_id": "theirs"})
    met = mine.join(theirs, on=["_source", "referral_id", "to_org_id", "day"])
    same = met.filter(~(pl.col("mine") != pl.col("theirs")).fill_null(value=False))["row"].unique()
    twice = pl.repeat(False, records.table.height, eager=True).scatter(same, True)
    return Question(pl.col("to_org_id").is_not_null(), pl.lit(twice))


VERDICTS: dict[str, Asked] = {
    "SIG-01": organisation_missing,
    "SIG-02": signposted_to_itself,
    "SIG-03": also_referred_on,
}
