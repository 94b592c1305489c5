"""Checks of referrals, and of what hangs on them."""

import polars as pl

from canonical import code_rows
from quality.expressions.every import reference_repeated
from quality.facts import INSTANT, Asked, Records, Verdict, london_day

TERMINAL_STATUS = tuple(row["code"] for row in code_rows("referral_status") if row["terminal"] == "Y")
NEVER_ACCEPTED = ("rejected", "duplicate")
WITHOUT_ORGANISATION = ("02", "03")  # self referral; carer or relative


def received_date_impossible(records: Records) -> Verdict:
    """REF-01: the received date is missing, after the extract, or before the commissioned service began."""
    received = pl.col("received_at")
    extracts = records.facts.extracted_at
    extracted = pl.col("_source").replace_strict(
        pl.Series(list(extracts), dtype=pl.String), pl.Series(list(extracts.values()), dtype=INSTANT),
        default=None, return_dtype=INSTANT,
    )
    return received.is_null() | (received > extracted) | (received < pl.lit(_service_begins(records)))


def _service_begins(records: Records) -> pl.Series:
    """Return when each referral's service began: midnight in London; a service without a lot has no start."""
    services = records.linked("service", {
        "_source": pl.String(), "service_id": pl.String(), "lot_code": pl.String(), "valid_from": pl.Date(),
    })
    midnight = pl.col("valid_from").cast(pl.Datetime("us")).dt.replace_time_zone("Europe/London")
    always, start = pl.lit(0).cast(INSTANT), midnight.dt.convert_time_zone("UTC")
    begins = pl.when(pl.col("lot_code").is_null()).then(always).otherwise(start)
    starts = services.group_by("_source", "service_id").agg(begins.min().alias("begins"))
    if "target_service_id" not in records.table.columns:
        return pl.Series("begins", [None] * records.table.height, INSTANT)
    return records.beside("target_service_id", starts, "service_id")["begins"]


def referrer_missing(records: Records) -> Verdict:
    """REF-05: an organisation referred, but not which."""
    return ~pl.col("referrer_type").is_in(WITHOUT_ORGANISATION) & records.blank("referrer_org_id")


def half_closed(records: Records) -> Verdict:
    """REF-10: closing date, closed status and outcome are not all there or all absent."""
    dated, explained = ~records.blank("closed_at"), ~records.blank("closure_reason")
    ended = pl.col("status").is_in(TERMINAL_STATUS)
    return (dated != explained) | (dated != ended) | (explained != ended)


def main_need_not_single(records: Records) -> Verdict:
    """REF-15: no main need, or several; unknown where a need does not say whether it is the main one."""
    needs = records.linked("need", {
        "_source": pl.String(), "referral_id": pl.String(), "is_primary": pl.Boolean(),
    })
    counted = needs.group_by("_source", "referral_id").agg(
        certain=pl.col("is_primary").sum(), possible=pl.col("is_primary").fill_null(True).sum(),
    )
    found = records.beside("referral_id", counted, "referral_id").with_columns(
        pl.col("certain", "possible").fill_null(0)
    )
    single = pl.when(pl.col("certain") == pl.col("possible")).then(pl.col("certain") == 1).when(
        (pl.col("certain") > 1) | (pl.col("possible") < 1)
    ).then(False)
    return ~pl.col("status").is_in(NEVER_ACCEPTED) & ~pl.lit(found.select(single).to_series())


def portal_link_wrong(records: Records) -> Verdict:
    """REF-16: the hub's referral does not exist, or is later; unknown when the hub was not read."""
    received, parent = pl.col("received_at"), pl.col("_parent_received_at")
    timed = records.optional("received_time_known", pl.Boolean()).fill_null(True)
    earlier = pl.when(timed).then(received < parent).otherwise(london_day(received) < london_day(parent))
    wrong = pl.when(pl.col("_parent_known")).then(earlier).when(~pl.col("_parent_known")).then(True)
    return pl.when(pl.col("parent_referral_id").is_null()).then(False).otherwise(wrong)


VERDICTS: dict[str, Asked] = {
    "REF-01": received_date_impossible,
    "REF-02": reference_repeated,
    "REF-05": referrer_missing,
    "REF-10": half_closed,
    "REF-15": main_need_not_single,
    "REF-16": portal_link_wrong,
}
