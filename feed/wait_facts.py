"""Waits as facts: the first response to each referral, the first service, and who waits at a period's end.

Days are calendar days. There are two clocks: from the day on which the service itself received the referral,
and from the day on which the hub received the one that it passed on.

Source: DHSC, waiting times method, version 1.0 (23 February 2026, provisional): a wait belongs to the period
in which it ends, runs in calendar days from the request, and ends with the first event after it.
"""

from canonical.lists import code_rows
from feed.dimensions import WAIT_BANDS, Bands, names_of
from feed.fact import PERSON, WHO, Fact
from feed.hub_facts import OF_REFERRAL
from feed.place import PLACE

DID_NOT_HAPPEN = ("0", "2", "3", "4", "7")
"""Attendance: still to come, cancelled by either, not attended, too late to be seen."""
NOT_DUPLICATE = "r.status IS DISTINCT FROM 'duplicate'"


def each_band(bands: Bands) -> str:
    """Return the join by which a row stands once in each band: its category, first day, first day beyond."""
    rows = ", ".join(
        f"('{name}', {first}, {'NULL' if last is None else last + 1})"
        for name, (first, last) in zip(names_of(bands), bands, strict=True)
    )
    return f"JOIN (VALUES {rows}) b(band, first, beyond) ON true"


def _over() -> str:
    """Return the statuses of a referral that waits no longer, as a list of SQL."""
    ended = [row["code"] for row in code_rows("referral_status") if row["terminal"] == "Y"]
    return ", ".join(f"'{code}'" for code in (*ended, "in_service"))


NOT_OVER = f"NOT (r.left_on IS NULL AND coalesce(r.status, '') IN ({_over()}))"
"""Not of those that say that they wait no longer, and give no day for it."""


CLOCK_VIEW = """SELECT r.referral_id, min(r.received_on) AS received_on, min(r.status) AS status,
        min(h.received_on) AS hub_received_on
    FROM all_referral r LEFT JOIN all_referral h ON h.referral_id = r.parent_referral_id
    GROUP BY r.referral_id"""
"""Of each referral the day its service received it, and the day the hub received the one it passed on."""
RESPONSE_VIEW = f"""SELECT c.referral_id, min(c.contact_on) AS response_on
    FROM all_contact c JOIN feed_clock k ON k.referral_id = c.referral_id
    WHERE c.is_administrative = false AND coalesce(c.attendance, '') NOT IN {DID_NOT_HAPPEN}
        AND c.contact_on >= k.received_on
    GROUP BY c.referral_id"""
"""Of each referral the first contact after it that took place and was more than paperwork."""
EPISODE_VIEW = """SELECT referral_id, min(accepted_on) AS accepted_on, min(started_on) AS started_on,
        CASE WHEN count(*) = count(ended_on) THEN max(ended_on) END AS ended_on
    FROM all_service_episode WHERE referral_id IS NOT NULL GROUP BY referral_id"""
"""Of each referral when a service accepted it, first worked with the person, and had ended all its work."""
WAIT_VIEWS = {"feed_clock": CLOCK_VIEW, "feed_response": RESPONSE_VIEW, "feed_episode": EPISODE_VIEW}

FIRST_STARTS = """(SELECT *, row_number() OVER (PARTITION BY referral_id ORDER BY started_on, episode_id)
        AS turn FROM all_service_episode WHERE started_on IS NOT NULL) e"""
OF_EPISODE = {
    "provider": "e.source_system",
    "lot": "e.lot_code",
    "source_type": "r.referrer_type",
    "age_band": "r.age_band",
    **PLACE,
}
"""Splits of a fact whose rows are episodes: e is the episode, r the referral it came of, a the place."""
TOLD_BY_EPISODE = {"lot": "service_episode.lot_code"}
TO_EPISODE = f"LEFT JOIN feed_case r ON r.referral_id = e.referral_id {WHO.format(of='e')}"

ACCEPTED = """(SELECT r.*, least(x.started_on, x.ended_on, r.closed_at) AS left_on, coalesce(x.accepted_on,
        CASE WHEN r.triage_outcome = 'accept' OR (r.status = 'waiting' AND r.triage_outcome IS NULL)
            THEN r.received_on + coalesce(r.triage_days, 0) END) AS taken_on
    FROM all_referral r LEFT JOIN feed_episode x ON x.referral_id = r.referral_id) r"""
"""Referrals with the day a service took them on, and the day the wait was over: started, ended, closed."""


def _days(last: str, first: str) -> str:
    """Return the calendar days from one day to another; null the wrong way round."""
    return f"CASE WHEN {last} >= {first} THEN {last} - {first} END"


WAIT_FACTS = [
    Fact(
        "first_response",
        "Of each referral to a service the first contact that took place and was no paperwork.",
        rows=f"""all_referral r JOIN feed_response f ON f.referral_id = r.referral_id
            LEFT JOIN feed_clock k ON k.referral_id = r.referral_id {WHO.format(of="r")}""",
        where=NOT_DUPLICATE,
        day="f.response_on",
        person=PERSON.format(of="r"),
        splits=OF_REFERRAL,
        values={
            "wait_days": "f.response_on - r.received_on",
            "hub_wait_days": _days("f.response_on", "k.hub_received_on"),
        },
        uses={
            "referral": ("received_on", "status"),
            "contact": ("referral_id", "contact_on", "is_administrative", "attendance"),
        },
    ),
    Fact(
        "first_service",
        "Of each referral the first day on which the service worked with the person.",
        rows=f"{FIRST_STARTS} LEFT JOIN feed_clock k ON k.referral_id = e.referral_id {TO_EPISODE}",
        where="(e.turn = 1 OR e.referral_id IS NULL) AND k.status IS DISTINCT FROM 'duplicate'",
        day="e.started_on",
        person=PERSON.format(of="e"),
        splits=OF_EPISODE,
        told_by=TOLD_BY_EPISODE,
        values={
            "wait_days": "e.wait_days",
            "hub_wait_days": _days("e.started_on", "k.hub_received_on"),
            "offer_days": _days("e.offered_start_on", "k.received_on"),
            "offered_start_on": "e.offered_start_on",
            "chose_later": "e.started_on > e.offered_start_on",
        },
        uses={"service_episode": ("started_on",)},
    ),
    Fact(
        "waiting",
        "Referrals that a service took on, with whose person it does not work yet, by days since.",
        rows=f"{ACCEPTED} {each_band(WAIT_BANDS)} {WHO.format(of='r')}",
        where=f"{NOT_DUPLICATE} AND r.taken_on IS NOT NULL AND {NOT_OVER}",
        day="greatest(r.taken_on, r.received_on + b.first)",
        until="least(r.left_on, r.received_on + b.beyond)",
        person=PERSON.format(of="r"),
        splits=OF_REFERRAL | {"wait_band": "b.band"},
        uses={
            "referral": ("received_on", "status", "triage_outcome", "triage_days", "closed_at"),
            "service_episode": ("referral_id", "accepted_on", "started_on", "ended_on"),
        },
    ),
]
