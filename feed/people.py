"""Figures about people: somebody known to two providers is one person, where the flow tells so."""

from feed.measure import Counted, Measure, banded
from feed.model import Breakdown
from feed.released import Released
from feed.suppression import cells

LINKED = ("person", "linked_person_id")
ONE_EACH = (
    "People are counted as each provider's system knows them: the flow does not say who is known to several."
)
AS_LINKED = "Counted once, whichever providers know them, but for those whom a safety rule keeps unlinked."


def by_person(tables: Released, view: str) -> str:
    """Return the view with `person`: who each row is about, the same for all of their records if linked."""
    if not tables.has(*LINKED):
        return f"(SELECT *, person_id AS person FROM {view})"
    return (
        f"(SELECT v.*, coalesce(p.linked_person_id, v.person_id) AS person FROM {view} v "
        "LEFT JOIN commissioning.person p ON p.person_id = v.person_id)"
    )


def _referred(tables: Released) -> Counted:
    """Return the people referred, by how many providers they were referred to."""
    counted = tables.rows(
        "SELECT providers, count(*) FROM (SELECT count(DISTINCT source_system) AS providers "
        f"FROM {by_person(tables, 'any_referral')} WHERE person IS NOT NULL GROUP BY person) GROUP BY 1"
    )
    bands = banded(counted, [("One provider", 1, 1), ("Two providers or more", 2, None)])
    return Counted(
        sum(people for _, people in counted),
        completeness=tables.completeness(
            "any_referral",
            "person_id",
            note="A referral that a safety rule keeps unlinked names nobody.",
        ),
        breakdowns=[
            Breakdown(
                id="any_referral.providers",
                title="People by how many providers they were referred to",
                unit="people",
                kind="bars",
                cells=cells(bands),
            )
        ],
        note=AS_LINKED if tables.has(*LINKED) else ONE_EACH,
    )


MEASURES = [
    Measure(
        "K17",
        "People referred to the hub or a provider",
        "Different people among all referrals received in the period by any provider whose rows this flow "
        "carries, except those closed as duplicates; one passed on through the portal counts for both.",
        {"referral": ("source_system", "status", "person_id")},
        _referred,
    ),
]
