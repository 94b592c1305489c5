"""Referrals of every provider as facts: each case once, what each service received, and what was closed."""

from canonical.lists import code_rows
from feed.fact import PERSON, WHO, Fact
from feed.hub_facts import OF_REFERRAL

NOT_DUPLICATE = "r.status IS DISTINCT FROM 'duplicate'"
EACH_CASE_ONCE = f"{NOT_DUPLICATE} AND r.parent_referral_id IS NULL"
ROWS = f"all_referral r {WHO.format(of='r')}"
KNOWN_TO = """LEFT JOIN (SELECT coalesce(w.linked_person_id, r.person_id) AS person,
        count(DISTINCT r.source_system) AS providers
    FROM all_referral r LEFT JOIN feed_person w ON w.person_id = r.person_id
    WHERE r.person_id IS NOT NULL AND r.status IS DISTINCT FROM 'duplicate' GROUP BY 1
    ) k ON k.person = coalesce(w.linked_person_id, r.person_id)"""
"""To how many providers somebody was ever referred."""
USES = {"referral": ("received_on", "status")}
STEPPED_UP = ("STEP_UP_ASC", "STEP_UP_SAFE")
"""Source: kpi.csv, K23."""


def _cld_outcome() -> str:
    """Return the outcome of Client Level Data that stands for a closure reason, as an expression."""
    told = {
        row["code"]: row["cld_r2_event_outcome"].replace("'", "''") for row in code_rows("closure_reason")
    }
    cases = " ".join(f"WHEN '{code}' THEN '{outcome}'" for code, outcome in told.items())
    return f"CASE r.closure_reason {cases} END"


def _escalation() -> str:
    """Return whether a closure reason is a step up to statutory services, as an expression."""
    others = [row["code"] for row in code_rows("closure_reason") if row["code"] not in STEPPED_UP]
    return (
        f"CASE WHEN r.closure_reason IN {STEPPED_UP} THEN 'stepped_up' "
        f"WHEN r.closure_reason IN {tuple(others)} THEN 'other' END"
    )


SERVICE_FACTS = [
    Fact(
        "case",
        "Referrals received by the hub or a provider, each case once: what was passed on through the portal "
        "counts where it came in.",
        rows=ROWS,
        where=EACH_CASE_ONCE,
        day="r.received_on",
        person=PERSON.format(of="r"),
        splits=OF_REFERRAL,
        uses={"referral": ("received_on", "status", "parent_referral_id")},
    ),
    Fact(
        "service_referral",
        "Referrals as each provider received them: one passed on through the portal counts at both.",
        rows=f"{ROWS} {KNOWN_TO}",
        where=NOT_DUPLICATE,
        day="r.received_on",
        person=PERSON.format(of="r"),
        splits=OF_REFERRAL | {"status": "r.status"},
        values={
            "triage_days": "r.triage_days",
            "providers": "k.providers",
            "re_referral": "r.re_referral",
        },
        uses=USES,
    ),
    Fact(
        "service_closure",
        "Referrals as each provider closed them, on the day they were closed.",
        rows=ROWS,
        where=NOT_DUPLICATE,
        day="r.closed_at",
        person=PERSON.format(of="r"),
        splits=OF_REFERRAL
        | {
            "closure_reason": "r.closure_reason",
            "cld_outcome": _cld_outcome(),
            "escalation": _escalation(),
        },
        uses={"referral": ("closed_at", "status")},
    ),
]
