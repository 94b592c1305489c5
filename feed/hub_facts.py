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
ON_FIRST_ADVICE = """(SELECT unnest(arg_min({'given_on': given_on, 'person_id': person_id,
        'advice_id': advice_id, 'referral_id': referral_id, 'wait_working_days': wait_working_days,
        'source_system': source_system},
        (given_on, wait_working_days, advice_id::VARCHAR)))
    FROM all_advice WHERE given_on IS NOT NULL AND wait_working_days IS NOT NULL
    AND source_system = getvariable('hub_source') GROUP BY coalesce(referral_id, advice_id))"""
"""The first advice of each referral; advice whose referral is not told stands for itself."""
REFERRAL_USES = {"referral": ("received_on", "lot_code", "status", "parent_referral_id")}


def of_work(entity: str, of: str) -> str:
    """Return the rows of an entity with the referral, the person and the place that each belongs to."""
    return f"{entity} {of} {CASE.format(of=of)} {WHO.format(of=of)}"


def splits_of_work(of: str, **more: str) -> dict[str, str]:
    """Return the splits of what hangs on a referral; the provider is whose row it is."""
    return OF_REFERRAL | {"provider": f"{of}.source_system"} | more


HUB_FACTS = [
    Fact(
        "hub_referral",
        "Referrals to the hub, duplicates and the copies that providers hold of them left out.",
        rows=f"all_referral r {WHO.format(of='r')} LEFT JOIN feed_trait t ON t.person_id = r.person_id",
        where=TO_THE_HUB,
        day="r.received_on",
        person=PERSON.format(of="r"),
        splits=OF_REFERRAL
        | {
            "gender": "t.gender",
            "status": "r.status",
            "triage_outcome": "r.triage_outcome",
            "closure_reason": "r.closure_reason",
        },
        values={
            "referrer_org_id": "r.referrer_org_id",
            "referrer": "coalesce(r.referrer_org_id::VARCHAR, CASE r.referrer_type "
            "WHEN '02' THEN 'self' WHEN '03' THEN 'carer' END)",
            "triage_days": "r.triage_days",
        },
        uses=REFERRAL_USES,
    ),
    Fact(
        "hub_advice",
        "Pieces of advice that the hub gave.",
        rows=of_work("all_advice", "d"),
        where=f"d.{OF_THE_HUB}",
        day="d.given_on",
        person=PERSON.format(of="d"),
        splits=splits_of_work("d", advice_category="d.category"),
        values={"wait_working_days": "d.wait_working_days"},
        uses={"advice": ("given_on",)},
    ),
    Fact(
        "hub_first_advice",
        "The first advice that the hub gave in each referral, with its wait in working days.",
        rows=of_work(ON_FIRST_ADVICE, "d"),
        where=f"d.{OF_THE_HUB}",
        day="d.given_on",
        person=PERSON.format(of="d"),
        splits=splits_of_work("d"),
        values={"wait_working_days": "d.wait_working_days"},
        uses={"advice": ("given_on", "wait_working_days")},
    ),
    Fact(
        "hub_signposting",
        "Signpostings by the hub: somebody was told of another organisation, and nothing was sent.",
        rows=of_work("all_signposting", "s"),
        where=f"s.{OF_THE_HUB}",
        day="s.signposted_on",
        person=PERSON.format(of="s"),
        splits=splits_of_work("s"),
        values={"to_org_id": "s.to_org_id"},
        uses={"signposting": ("signposted_on",)},
    ),
    Fact(
        "hub_onward",
        "Referrals that the hub sent on to other organisations.",
        rows=of_work("all_onward_referral", "o"),
        where=f"o.{OF_THE_HUB}",
        day="o.made_on",
        person=PERSON.format(of="o"),
        splits=splits_of_work("o", to_lot="o.lot_code"),
        values={"to_org_id": "o.to_org_id"},
        uses={"onward_referral": ("made_on",)},
    ),
    Fact(
        "hub_need",
        "Needs that the hub recorded in its referrals.",
        rows=of_work("all_need", "n"),
        where=f"n.{OF_THE_HUB}",
        day="n.raised_on",
        person=PERSON.format(of="n"),
        splits=splits_of_work("n", need="n.need_code"),
        values={"is_primary": "n.is_primary"},
        uses={"need": ("raised_on",)},
    ),
]
