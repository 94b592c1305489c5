"""The hub's own work as facts: what it received, advised, signposted, sent on, and what people asked for.

A referral that the hub passed on through the portal is one referral: the provider's copy has a parent.
"""

from feed.fact import PERSON, WHO, Fact
from feed.place import PLACE

OF_THE_HUB = "source_system = getvariable('hub_source')"
TO_THE_HUB = """list_contains(getvariable('hub_lots')::VARCHAR[], r.lot_code)
    AND r.status IS DISTINCT FROM 'duplicate' AND r.parent_referral_id IS NULL"""
OF_REFERRAL = {
    "provider": "r.source_system",
    "lot": "r.lot_code",
    "source_type": "r.referrer_type",
    "age_band": "r.age_band",
    **PLACE,
}
"""Splits of a fact whose rows are referrals, or hang on one: r is the referral, a the place."""
CASE = "LEFT JOIN feed_case r ON r.referral_id = {of}.referral_id"
"""The one referral that a row of work hangs on, where the flow tells."""


def _of_case(of: str) -> dict[str, str]:
    return OF_REFERRAL | {"provider": f"{of}.source_system"}


def _work(entity: str, of: str) -> str:
    return f"all_{entity} {of} {CASE.format(of=of)} {WHO.format(of=of)}"


REFERRAL_USES = {"referral": ("received_on", "lot_code", "status", "parent_referral_id")}

HUB_FACTS = [
    Fact(
        "hub_referral",
        "Referrals to the hub, duplicates and the copies that providers hold of them left out.",
        rows=f"all_referral r {WHO.format(of='r')}",
        where=TO_THE_HUB,
        day="r.received_on",
        person=PERSON.format(of="r"),
        splits=OF_REFERRAL | {"status": "r.status", "triage_outcome": "r.triage_outcome"},
        values={
            "referrer_org_id": "r.referrer_org_id",
            "heard_about_us": "r.heard_about_us",
            "referrer_type": "r.referrer_type",
            "triage_days": "r.triage_days",
        },
        uses=REFERRAL_USES,
    ),
    Fact(
        "hub_advice",
        "Pieces of advice that the hub gave.",
        rows=_work("advice", "d"),
        where=f"d.{OF_THE_HUB}",
        day="d.given_on",
        person=PERSON.format(of="d"),
        splits=_of_case("d") | {"advice_category": "d.category"},
        uses={"advice": ("given_on",)},
    ),
    Fact(
        "hub_onward",
        "Referrals that the hub sent on to other organisations.",
        rows=_work("onward_referral", "o"),
        where=f"o.{OF_THE_HUB}",
        day="o.made_on",
        person=PERSON.format(of="o"),
        splits=_of_case("o") | {"to_lot": "o.lot_code"},
        values={"to_org_id": "o.to_org_id"},
        uses={"onward_referral": ("made_on",)},
    ),
]
