"""The records of people who were referred, as facts: what each provider knows of those it is to help."""

from feed.fact import PERSON, WHO, Fact
from feed.hub_facts import OF_REFERRAL
from feed.service_facts import NOT_DUPLICATE

TELLS_NOTHING = {
    "gender": ("X",),
    "employment_status": ("Unknown",),
    "unpaid_carer": ("Z", "U"),
    "ethnicity_2021": ("No data: Refused", "No data: Undeclared or not known"),
    "disability": ("ZZ",),
}
"""By characteristic the answers "refused" and "asked, not known": somebody was asked, and nothing is told."""


def _told(field: str) -> str:
    """Return two columns of a characteristic: whether it was answered, and whether that tells anything."""
    nothing = ", ".join(f"'{code}'" for code in TELLS_NOTHING[field])
    return (
        f"bool_or({field} IS NOT NULL) AS answered_{field}, "
        f"bool_or({field} IS NOT NULL AND {field} NOT IN ({nothing})) AS told_{field}"
    )


RECORD_VIEW = (
    f"SELECT person_id, {', '.join(map(_told, TELLS_NOTHING))} FROM all_characteristics GROUP BY person_id"
)
RECORD_VIEWS = {"feed_record": RECORD_VIEW}

RECORD_FACTS = [
    Fact(
        "record",
        "Referrals that name a person, with what the provider's record of the person tells.",
        rows=f"all_referral r {WHO.format(of='r')} LEFT JOIN feed_record q ON q.person_id = r.person_id",
        where=f"{NOT_DUPLICATE} AND r.person_id IS NOT NULL",
        day="r.received_on",
        person=PERSON.format(of="r"),
        splits=OF_REFERRAL,
        values={
            f"{how}_{field}": f"coalesce(q.{how}_{field}, false)"
            for field in TELLS_NOTHING
            for how in ("answered", "told")
        },
        uses={"referral": ("received_on", "status", "person_id")},
    ),
]
