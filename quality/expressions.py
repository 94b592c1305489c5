"""One function per check: true where a record fails, false where it passes, null where it cannot be told.

Polars decides with three values: `null & False` is False, `null | True` is True, else null wins.
A function returns None when the question cannot be asked at all.
"""

from collections.abc import Callable

import polars as pl

from canonical import code_rows
from quality.facts import INSTANT, Records
from quality.identifiers import (
    nhs_number_is_placeholder,
    nhs_number_is_valid,
    postcode_is_pseudo,
    postcode_is_well_formed,
)

Verdict = pl.Expr | None
TERMINAL_STATUS = tuple(row["code"] for row in code_rows("referral_status") if row["terminal"] == "Y")
NEVER_ACCEPTED = ("rejected", "duplicate")
WITHOUT_ORGANISATION = ("02", "03")  # self referral; carer or relative
NOT_SEEN = ("2", "3", "4", "7")  # cancelled by either side, did not attend, came too late to be seen
NO_UK_POSTCODE = ("nonuk", "refused")
ITEMS = tuple(f"item_{number:02}" for number in range(1, 15))
SHORT_ITEMS = tuple(f"item_{number:02}" for number in (1, 2, 3, 6, 7, 9, 11))
ITEMS_OF = {"WEMWBS": ITEMS, "SWEMWBS": SHORT_ITEMS}


def birth_date_missing(records: Records) -> Verdict:
    """PER-04: a named client has no date of birth."""
    named = ~(records.ticked("anonymous") | records.ticked("anonymised"))
    return (pl.col("role_type") == "client") & named & records.blank("birth_date")


def nhs_number_invalid(records: Records) -> Verdict:
    """PER-05: the NHS number does not have ten digits and the right check digit."""
    number = pl.col("nhs_number")
    return (number.is_not_null() & ~nhs_number_is_valid(number)) | records.unreadable("nhs_number")


def nhs_number_placeholder(records: Records) -> Verdict:
    """PER-06: the NHS number passes its check digit but was never issued."""
    number = pl.col("nhs_number")
    placeholder = nhs_number_is_placeholder(number, records.facts.test_ranges)
    return number.is_not_null() & nhs_number_is_valid(number) & placeholder


def nhs_number_shared(records: Records) -> Verdict:
    """PER-07: another person of the source has the same real NHS number."""
    number = pl.col("nhs_number")
    real = nhs_number_is_valid(number) & ~nhs_number_is_placeholder(number, records.facts.test_ranges)
    return number.is_not_null() & real & pl.col("_nhs_shared")


def reference_repeated(_: Records) -> Verdict:
    """PER-12, REF-02, ENT-01: the reference stands on several rows with different content."""
    return pl.col("_reference_repeated")


def postcode_malformed(records: Records) -> Verdict:
    """ADR-01: the postcode does not have the form of one."""
    postcode = pl.col("postcode")
    exempt = records.optional("postcode_status", pl.String()).is_in(NO_UK_POSTCODE).fill_null(False)
    wrong = postcode.is_not_null() & ~postcode_is_well_formed(postcode) & ~exempt
    return wrong | records.unreadable("postcode")


def postcode_nonexistent(records: Records) -> Verdict:
    """ADR-02: a well-formed postcode is not in the site's look-up; without a look-up nobody can tell."""
    if not records.facts.postcode_lookup:
        return None
    postcode = pl.col("postcode")
    status = records.optional("postcode_status", pl.String())
    exempt = postcode_is_pseudo(postcode) | status.is_in((*NO_UK_POSTCODE, "pseudo")).fill_null(False)
    area, authority = (records.optional(name, pl.String()) for name in ("lsoa21", "lad"))
    unplaced = area.is_null() & authority.is_null()
    return postcode.is_not_null() & postcode_is_well_formed(postcode) & ~exempt & unplaced


def ethnicity_unmapped(records: Records) -> Verdict:
    """CHR-02: the ethnic origin is a word that the code table does not have."""
    return records.unreadable("ethnicity_2021")


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
    earlier = pl.when(timed).then(received < parent).otherwise(_day(received) < _day(parent))
    wrong = pl.when(pl.col("_parent_known")).then(earlier).when(~pl.col("_parent_known")).then(True)
    return pl.when(pl.col("parent_referral_id").is_null()).then(False).otherwise(wrong)


def _day(instant: pl.Expr) -> pl.Expr:
    return instant.dt.convert_time_zone("Europe/London").dt.date()


def contact_unattached(records: Records) -> Verdict:
    """CON-01: the contact's referral does not exist, or is another person's than the row says."""
    referrals = records.linked("referral", {
        "_source": pl.String(), "referral_id": pl.String(), "person_id": pl.String(),
        "_reference_repeated": pl.Boolean(),
    })
    unsure = pl.col("_reference_repeated").fill_null(False).any() | (pl.col("person_id").n_unique() > 1)
    owners = referrals.group_by("_source", "referral_id").agg(
        owner=pl.when(~unsure).then(pl.col("person_id").first()), exists=pl.lit(True)
    )
    found = records.beside("referral_id", owners, "referral_id")
    said = records.optional("_row_person", pl.String())
    return pl.lit(found["exists"].is_null()) | (said.is_not_null() & (said != pl.lit(found["owner"])))


def link_leads_nowhere(records: Records) -> Verdict:
    """LNK-01: the person, or the referral, that the record names does not exist."""
    lost = _lost(records, "person", "_person")
    if "referral_id" in records.table.columns and records.entity != "referral":
        lost = lost | _lost(records, "referral", "referral_id")
    return pl.when(~_of_unsure_case(records)).then(lost)


def _of_unsure_case(records: Records) -> pl.Expr:
    """Return whether the record is, or belongs to, a referral that stands on several rows."""
    if "referral_id" not in records.table.columns:
        return pl.lit(value=False)
    columns = {"_source": pl.String(), "referral_id": pl.String(), "_reference_repeated": pl.Boolean()}
    unsure = records.linked("referral", columns).filter(pl.col("_reference_repeated"))
    known = unsure.select("_source", "referral_id").unique().with_columns(unsure=pl.lit(True))
    return pl.lit(records.beside("referral_id", known, "referral_id")["unsure"].is_not_null())


def _lost(records: Records, entity: str, link: str) -> pl.Expr:
    key = f"{entity}_id"
    known = records.linked(entity, {"_source": pl.String(), key: pl.String()}).unique()
    return pl.lit(records.beside(link, known.with_columns(exists=pl.lit(True)), key)["exists"].is_null())


def missed_with_duration(records: Records) -> Verdict:
    """CON-03: nobody was seen, yet time was spent."""
    timed = pl.col("duration_min").fill_null(0) > 0
    lasted = pl.when(records.unreadable("duration_min")).then(None).otherwise(timed)
    return pl.col("attendance").is_in(NOT_SEEN) & lasted


def total_wrong(records: Records) -> Verdict:
    """OUT-02: the form is complete, but its total is not the sum of its answers."""
    return _by_tool(lambda items: _incomplete(records, items).not_() & _differs(records, items))


def incomplete_with_total(records: Records) -> Verdict:
    """OUT-03: answers are missing, but there is a total."""
    return _by_tool(lambda items: _incomplete(records, items) & ~records.blank("raw_total"))


def _by_tool(asked: Callable[[tuple[str, ...]], pl.Expr]) -> pl.Expr:
    long, short = (pl.when(pl.col("tool") == tool).then(asked(items)) for tool, items in ITEMS_OF.items())
    return pl.coalesce(long, short)


def _incomplete(records: Records, items: tuple[str, ...]) -> pl.Expr:
    """Return whether an answer was left out; unknown where all gaps are answers not readable."""
    gaps = pl.sum_horizontal(pl.col(item).is_null() for item in items)
    unread = records.unreadable_bits(*items).bitwise_count_ones()
    return pl.when(gaps > unread).then(True).when(gaps == 0).then(False)


def _differs(records: Records, items: tuple[str, ...]) -> pl.Expr:
    differs = pl.col("raw_total") != pl.sum_horizontal(items, ignore_nulls=False)
    return ~records.blank("raw_total") & differs


VERDICTS: dict[str, Callable[[Records], Verdict]] = {
    "PER-04": birth_date_missing,
    "PER-05": nhs_number_invalid,
    "PER-06": nhs_number_placeholder,
    "PER-07": nhs_number_shared,
    "PER-12": reference_repeated,
    "ADR-01": postcode_malformed,
    "ADR-02": postcode_nonexistent,
    "CHR-02": ethnicity_unmapped,
    "REF-01": received_date_impossible,
    "REF-02": reference_repeated,
    "REF-05": referrer_missing,
    "REF-10": half_closed,
    "REF-15": main_need_not_single,
    "REF-16": portal_link_wrong,
    "CON-01": contact_unattached,
    "CON-03": missed_with_duration,
    "OUT-02": total_wrong,
    "OUT-03": incomplete_with_total,
    "ENT-01": reference_repeated,
    "LNK-01": link_leads_nowhere,
}
