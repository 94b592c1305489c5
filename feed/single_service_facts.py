"""Work that began, as facts, for the figures of single lots: carers, hoarding."""

from feed.fact import PERSON, Fact
from feed.hub_facts import of_work, splits_of_work

HOARDING = """LEFT JOIN (SELECT DISTINCT referral_id FROM all_need WHERE need_code = 'HOUS.HOARD') h
    ON h.referral_id = e.referral_id"""

SINGLE_SERVICE_FACTS = [
    Fact(
        "work_begun",
        "Episodes of a service's work with a person, on the day they began.",
        rows=f"{of_work('all_service_episode', 'e')} {HOARDING}",
        day="e.started_on",
        person=PERSON.format(of="e"),
        splits=splits_of_work("e", lot="e.lot_code"),
        told_by={"lot": "service_episode.lot_code", "provider": "service_episode.source_system"},
        values={"of_hoarding": "h.referral_id IS NOT NULL"},
        uses={"service_episode": ("started_on",)},
    ),
]
