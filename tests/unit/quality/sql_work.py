"""The checks of contacts, advice, signposting and onward referrals, and of links, a second time."""

from canonical import code_rows
from tests.unit.quality.sql import (
    ON,
    Sql,
    any_of,
    blank,
    certain,
    day,
    first_before,
    later,
    of,
    order,
    sure,
    there,
    unread,
)

CASE = "r.referral_id"
FOUND, SURE = there("referral", CASE), sure("referral", CASE)
OWNER = of("referral", CASE, "x.person_id")
ANOTHER = f"(r._row_person IS NOT NULL AND r._row_person <> {OWNER})"
RECEIVED, CLOSED = (of("referral", CASE, f"x.{name}") for name in ("received_on", "closed_at"))
UNSURE = f"({FOUND} AND NOT {SURE})"
LOST = f"(NOT {there('person', 'r._person')} OR NOT {FOUND})"
SAME_ADVICE = " AND ".join(
    f"c.{name} IS NOT DISTINCT FROM r.{name}" for name in ("_person", "given_on", "category", "subcategory")
)
BELONGS = " ".join(
    f"WHEN '{row['code']}' THEN '{row['advice_category']}'" for row in code_rows("presenting_need")
)
TO = "r.to_org_id"
SERVICE_OF_CASE = of("referral", CASE, "x.target_service_id")
OWN_ORGANISATION = of("service", SERVICE_OF_CASE, "x.org_id")
UNTIL = day("c.withdrawn_at")
IN_FORCE = f"""((c.status IN ('given', 'not_required_other_basis', 'best_interests')
  OR (c.status = 'withdrawn' AND c.withdrawn_at IS NOT NULL))
  AND c.recorded_on <= r.made_on AND (c.withdrawn_at IS NULL OR {UNTIL} >= r.made_on))"""
ABOUT = f"""(CASE WHEN c.purpose = 'external_referral' THEN {IN_FORCE}
  WHEN c.purpose IS NULL THEN null AND {IN_FORCE} ELSE false END)"""


def answers(told: str) -> str:
    """Return SQL for: an answer of the person's is such."""
    return any_of("consent", "_person", "_person", told)


def runs(told: str) -> str:
    """Return SQL for: the receiving organisation runs a service that is such."""
    return f"EXISTS (FROM service c WHERE c._source = r._source AND c.org_id = {TO} AND {told})"


def organisation(entity: str) -> Sql:
    """Return the check of the organisation that a row names."""
    named = blank(entity, "to_org_id")
    return Sql(f"CASE {named} WHEN true THEN true WHEN false THEN NOT {there('organisation', TO)} END")


SQL = {
    "CON-01": Sql(f"NOT {FOUND} OR {ANOTHER}"),
    "CON-02": Sql(f"CASE WHEN {SURE} THEN coalesce(r.contact_on < {RECEIVED}, false)"
                  f" OR coalesce(r.contact_on > {CLOSED} + 14, false) END",
                  f"NOT coalesce(r.is_administrative, false) AND {FOUND} AND r.contact_on IS NOT NULL"),
    "CON-03": Sql(f"CASE WHEN NOT {unread('contact', 'duration_min')}"
                  " THEN coalesce(r.duration_min, 0) > 0 END",
                  "r.attendance IN ('2', '3', '4', '7')"),
    "ADV-01": Sql("r.category IS NULL"),
    "ADV-02": Sql(f"(CASE WHEN NOT {UNSURE} THEN {LOST} END) OR {ANOTHER}"),
    "ADV-03": Sql(f"(CASE r.subcategory {BELONGS} END) <> r.category",
                  "r.subcategory IS NOT NULL AND r.category IS NOT NULL"),
    "ADV-04": Sql(later("advice", SAME_ADVICE, order("given_at")),
                  "r._person IS NOT NULL AND r.given_on IS NOT NULL AND r.category IS NOT NULL"),
    "ADV-05": Sql("r.wait_working_days > 2",
                  f"{FOUND} AND {of('referral', CASE, 'x.lot_code')} = 'L3-SSH'"
                  f" AND r.given_on >= {RECEIVED} AND NOT "
                  + later("advice", f"c.referral_id IS NOT DISTINCT FROM {CASE}", order("given_at"))),
    "SIG-01": organisation("signposting"),
    "SIG-02": Sql(f"{TO} = {OWN_ORGANISATION}", f"{TO} IS NOT NULL AND {OWN_ORGANISATION} IS NOT NULL"),
    "SIG-03": Sql(f"""EXISTS (FROM onward_referral c WHERE c._source = r._source AND c.referral_id = {CASE}
                  AND c.to_org_id = {TO} AND c.made_on = r.signposted_on
                  AND coalesce(c.to_service_id = r.to_service_id, true))""", f"{TO} IS NOT NULL"),
    "ONR-01": organisation("onward_referral"),
    "ONR-02": Sql(f"CASE WHEN {sure('person', 'r._person')} AND r.made_on IS NOT NULL THEN CASE"
                  f" WHEN {answers(ABOUT)} THEN false"
                  f" WHEN NOT {answers(f'({ABOUT}) IS NULL')} THEN true END END"),
    "ONR-03": Sql("CASE WHEN coalesce(r._received_there <= r._due_there, false) THEN false"
                  " WHEN r._due_there < r._asked_there_on THEN true END",
                  "r._has_receiver AND r._due_there < r._asked_there_on"),
    "ONR-04": Sql(f"CASE WHEN r.outcome = 'pending' THEN true ELSE {blank('onward_referral', 'outcome')} END",
                  f"r.made_on < {ON} - 30"),
    "ONR-05": Sql(blank("onward_referral", "to_service_id"),
                  f"CASE WHEN {there('organisation', TO)} THEN {runs('c.lot_code IS NOT NULL')}"
                  f" AND NOT {runs('c.lot_code IS NULL')} END"),
    "LNK-02": Sql(ANOTHER, FOUND),
    "ENT-01": Sql("r._reference_repeated"),
}  # fmt: skip


def leads_nowhere(entity: str) -> Sql:
    """Return LNK-01 for the entity."""
    person = f"NOT {there('person', 'r._person')}"
    if entity == "referral":
        return Sql(certain(person))
    if entity in {"need", "signposting", "onward_referral", "outcome_measure"}:
        return Sql(f"CASE WHEN NOT {UNSURE} THEN {LOST} END")
    return Sql(person)


OTHERS = {"ADV-04": first_before("advice", SAME_ADVICE, order("given_at"), "c.given_at")}
