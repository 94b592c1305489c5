"""The checks of referrals and episodes, a second time."""

from tests.unit.quality.sql import (
    AT,
    ON,
    Sql,
    age,
    any_of,
    blank,
    certain,
    day,
    first_before,
    later,
    of,
    order,
    own,
    sure,
    there,
    unread,
)

CLOSED, REASON = (f"(NOT {blank('referral', name)})" for name in ("closed_at", "closure_reason"))
ENDED = "(r.status IN ('rejected', 'withdrawn', 'completed', 'closed_other', 'duplicate'))"
OPEN = f"(NOT {ENDED} AND {blank('referral', 'closed_at')})"
SAME_OPEN = (
    "c._person = r._person AND c.target_service_id = r.target_service_id AND c.closed_at IS NULL AND"
    f" c.status IN ('received', 'in_service') AND NOT {unread('referral', 'closed_at', row='c')}"
)
HEARD = (
    "coalesce(r.heard_about_us IS NOT NULL, false) AND "
    + blank("referral", "referrer_type")
    + " AND "
    + blank("referral", "referrer_org_id")
)
TRIAGED = day("r.triaged_at")
SERVICE = "r.target_service_id"
OVER = of("service", SERVICE, "x.valid_to < r.received_on AND x.valid_to IS NOT NULL")
BEGINS = of(
    "service",
    SERVICE,
    "CASE WHEN x.lot_code IS NULL THEN false"
    " ELSE timezone('Europe/London', r.received_at)::DATE < x.valid_from END",
)
HELPED = own("service_episode", "referral_id", "true")
YOUNGEST = of("service", SERVICE, "x.minimum_age")
BORN = of("person", "r._person", "x.birth_date")
RECEIVED, CLOSED_AT = (of("referral", "r.referral_id", f"x.{name}") for name in ("received_on", "closed_at"))
LOW, HIGH = (of("service", "r.service_id", f"x.{name}_age") for name in ("minimum", "maximum"))
THEIR_BIRTH = (
    """(SELECT CASE WHEN count(*) = 1 AND NOT bool_or(coalesce(p._reference_repeated, false))
  THEN first(p.birth_date) END FROM person p WHERE p._source = r._source AND p.person_id = """
    + of("referral", "r.referral_id", "x._person")
    + ")"
)
AGE = age(THEIR_BIRTH, "r.started_on")
THERE_BEFORE = f"(coalesce({AGE} < 16 AND {LOW} >= 16, false))"


def after(one: str, other: str) -> str:
    """Return SQL for: the first day is later than the second; null where one could not be read."""
    read = " OR ".join(unread("service_episode", name) for name in (one, other))
    return f"(CASE WHEN NOT ({read}) THEN coalesce(r.{one} > r.{other}, false) END)"


def contacts(told: str) -> str:
    """Return SQL for: a contact of this referral is such."""
    return any_of("contact", "referral_id", "referral_id", told)


MET = """coalesce(NOT c.is_administrative, true)
  AND coalesce(c.attendance NOT IN ('2', '3', '4', '7', '0'), true)"""
SAME_START = """{one}._source = r._source AND {one}._person = r._person AND {one}.service_id = r.service_id
  AND {one}.started_on = r.started_on AND {one}.referral_id IS """
FIRST_OF_ITS_REFERRAL = f"""NOT EXISTS (FROM service_episode d WHERE {SAME_START.format(one="d")}
  NOT DISTINCT FROM r.referral_id AND (d._reference, d._row) < (r._reference, r._row))"""
STILL_OPEN_THEN = f"""c.referral_id = r.referral_id AND c.service_id = r.service_id
  AND c.started_on <= r.started_on AND CASE WHEN {unread("service_episode", "ended_on", row="c")} THEN false
  ELSE coalesce(c.ended_on > r.started_on, true) END"""
ANOTHER_REFERRAL = f"{SAME_START.format(one='c')} DISTINCT FROM r.referral_id AND {FIRST_OF_ITS_REFERRAL}"
SENT_ON = """(coalesce(r.status IN ('rejected', 'duplicate'), false)
  OR coalesce(r.triage_outcome IN ('reject', 'refer_on'), false))"""
SQL = {
    "PER-10": Sql(of("person", "r._person", "x.role_type = 'other'"), there("person", "r._person")),
    "REF-01": Sql(f"r.received_at IS NULL OR r.received_at > {AT} OR {BEGINS}"),
    "REF-02": Sql("r._reference_repeated"),
    "REF-03": Sql(f"CASE {blank('referral', 'target_service_id')} WHEN true THEN true WHEN false THEN"
                  f" NOT {there('service', SERVICE)} OR {OVER} END"),
    "REF-04": Sql(blank("referral", "referrer_type"), f"NOT ({HEARD})"),
    "REF-05": Sql(blank("referral", "referrer_org_id"), "r.referrer_type NOT IN ('02', '03')"),
    "REF-06": Sql(HEARD, "r.heard_about_us IS NOT NULL"),
    "REF-07": Sql(f"{TRIAGED} < r.received_on", "r.triaged_at IS NOT NULL AND r.received_on IS NOT NULL"),
    "REF-08": Sql(f"{TRIAGED} > r.received_on", "coalesce(r.lot_code = 'L3-SSH', false) AND"
                  " r.triaged_at IS NOT NULL AND r.received_on IS NOT NULL"),
    "REF-09": Sql(f"r.closed_at < r.received_on OR r.closed_at > {ON}", "r.closed_at IS NOT NULL"),
    "REF-10": Sql(f"{CLOSED} <> {REASON} OR {CLOSED} <> {ENDED} OR {REASON} <> {ENDED}"),
    "REF-11": Sql(certain(f"CASE WHEN {contacts(f'c.contact_on >= {ON} - 90')} THEN false"
                  f" WHEN NOT {contacts('c.contact_on IS NULL')} THEN true END"),
                  certain(f"{OPEN} AND r.received_on < {ON} - 90")),
    "REF-12": Sql(f"CASE WHEN {OPEN} THEN "
                  + later("referral", SAME_OPEN, order("received_at")) + f" WHEN NOT {OPEN} THEN false END",
                  certain(f"{OPEN} AND {SERVICE} IS NOT NULL AND {there('person', 'r._person')}")),
    "REF-14": Sql(f"{HELPED} OR coalesce(r.closure_reason = 'NEEDS_MET', false)",
                  certain("r.status = 'rejected' OR coalesce(r.triage_outcome = 'reject', false)")),
    "REF-15": Sql(certain("""(SELECT CASE WHEN count(*) FILTER (is_primary) > 1 THEN true
            WHEN count(*) FILTER (is_primary IS NULL) > 0 THEN null
            ELSE count(*) FILTER (is_primary) <> 1 END
        FROM need n WHERE n._source = r._source AND n.referral_id = r.referral_id)"""),
                  certain("r.status NOT IN ('rejected', 'duplicate')")),
    "REF-16": Sql(f"""CASE WHEN NOT r._parent_known THEN true
        WHEN r._parent_known AND coalesce(r.received_time_known, true)
        THEN r.received_at < r._parent_received_at
        WHEN r._parent_known THEN {day("r.received_at")} < {day("r._parent_received_at")} END""",
                  "r.parent_referral_id IS NOT NULL"),
    "REF-17": Sql("r._parent_other_person",
                  "r.parent_referral_id IS NOT NULL AND coalesce(r._parent_known, true)"),
    "SG-05": Sql(f"{age(BORN, 'r.received_on')} < 16 AND ({HELPED} OR NOT {SENT_ON})", f"{YOUNGEST} >= 16"),
    "EPI-01": Sql(" OR ".join([
        *(f"coalesce({RECEIVED} > r.{name}, false)" for name in ("accepted_on", "started_on", "ended_on")),
        after("accepted_on", "started_on"), after("accepted_on", "ended_on"), after("started_on", "ended_on"),
    ]), "coalesce(r.accepted_on, r.started_on, r.ended_on) IS NOT NULL"),
    "EPI-02": Sql(f"CASE WHEN {sure('referral', 'r.referral_id')} THEN CASE"
                  f" WHEN {contacts(f'{MET} AND abs(c.contact_on - r.started_on) <= 3')} THEN false"
                  f" WHEN NOT {contacts(f'{MET} AND c.contact_on IS NULL')} THEN true END END",
                  f"r.started_on IS NOT NULL AND {there('referral', 'r.referral_id')}"),
    "EPI-03": Sql(blank("service_episode", "end_reason"),
                  f"r.ended_on IS NOT NULL AND NOT (coalesce({CLOSED_AT} = r.ended_on, false) AND "
                  + of("referral", "r.referral_id", "x.closure_reason") + " IS NULL)"),
    "EPI-04": Sql(blank("service_episode", "case_review_on"),
                  f"{blank('service_episode', 'ended_on')} AND r.started_on IS NOT NULL"
                  f" AND r.started_on < {ON} - 183"),
    "EPI-05": Sql(later("service_episode", STILL_OPEN_THEN, order("started_on")),
                  "r.started_on IS NOT NULL AND r.service_id IS NOT NULL AND r.referral_id IS NOT NULL"),
    "EPI-06": Sql(f"CASE WHEN {AGE} IS NOT NULL THEN coalesce({AGE} < {LOW}, false)"
                  f" OR coalesce({AGE} > {HIGH}, false) END",
                  f"r.started_on IS NOT NULL AND coalesce({LOW}, {HIGH}) IS NOT NULL AND NOT {THERE_BEFORE}"),
    "EPI-07": Sql(later("service_episode", ANOTHER_REFERRAL, order()),
                  "r._person IS NOT NULL AND r.service_id IS NOT NULL AND r.started_on IS NOT NULL"),
}  # fmt: skip
OTHERS = {
    "REF-12": first_before("referral", SAME_OPEN, order("received_at"), "c.received_at"),
    "EPI-05": first_before("service_episode", STILL_OPEN_THEN, order("started_on"),
                           "coalesce(c.ended_on, DATE '9999-12-31') DESC", "c.started_on"),
    "EPI-07": first_before("service_episode", ANOTHER_REFERRAL, order()),
}  # fmt: skip
