"""Movement as facts: work that ended, work that goes on and for how long, steps from service to service."""

from feed.dimensions import LENGTH_BANDS
from feed.fact import PERSON, Fact
from feed.wait_facts import OF_EPISODE, TO_EPISODE, TOLD_BY_EPISODE, each_band

REVIEW_LASTS = 31
"""Source: kpi.csv, K25: a review in the last 31 days."""
SINCE_REVIEW_IS_DUE = 91

EPISODES = f"all_service_episode e {TO_EPISODE}"
USES = {"service_episode": ("started_on", "ended_on")}
BEGUN = """e.started_on IS NOT NULL AND e.referral_id IS NOT NULL
    AND (e.ended_on IS NULL OR e.ended_on >= e.started_on)"""
"""Of work that a safety rule keeps unlinked the end is withheld: it would seem to go on for ever."""
STEPS = f"""(SELECT e.*, lag(e.lot_code) OVER (
        PARTITION BY {PERSON.format(of="e")} ORDER BY e.started_on, e.episode_id) AS came_from
    FROM all_service_episode e LEFT JOIN feed_person w ON w.person_id = e.person_id
    WHERE e.started_on IS NOT NULL AND e.person_id IS NOT NULL AND e.lot_code IS NOT NULL) e"""
"""Work that began, with the lot of the work that began before it with the same person, at any provider."""

MOVE_FACTS = [
    Fact(
        "ended_work",
        "Episodes of a service's work with a person that ended, on the day they ended.",
        rows=EPISODES,
        day="e.ended_on",
        person=PERSON.format(of="e"),
        told_by=TOLD_BY_EPISODE,
        splits=OF_EPISODE | {"end_reason": "e.end_reason", "step": "e.step"},
        values={
            "length_days": "CASE WHEN e.ended_on >= e.started_on THEN e.ended_on - e.started_on END",
        },
        uses=USES,
    ),
    Fact(
        "open_work",
        "Episodes of a service's work with a person that go on, by days since they began.",
        rows=f"{EPISODES} {each_band(LENGTH_BANDS)}",
        where=BEGUN,
        day="e.started_on + b.first",
        until="least(e.ended_on, e.started_on + b.beyond)",
        person=PERSON.format(of="e"),
        told_by=TOLD_BY_EPISODE,
        splits=OF_EPISODE | {"length_band": "b.band"},
        uses=USES,
    ),
    Fact(
        "reviewed_work",
        "Episodes that have gone on for more than 90 days and had a case review in the last 31.",
        rows=EPISODES,
        where=f"{BEGUN} AND e.case_review_on IS NOT NULL",
        day=f"greatest(e.started_on + {SINCE_REVIEW_IS_DUE}, e.case_review_on)",
        until=f"least(e.ended_on, e.case_review_on + {REVIEW_LASTS + 1})",
        person=PERSON.format(of="e"),
        told_by=TOLD_BY_EPISODE,
        splits=OF_EPISODE,
        uses={"service_episode": ("started_on", "ended_on", "case_review_on")},
    ),
    Fact(
        "step",
        "Work that began with somebody whose latest work before it was of another lot.",
        rows=f"{STEPS} {TO_EPISODE}",
        where="e.came_from <> e.lot_code",
        day="e.started_on",
        person=PERSON.format(of="e"),
        told_by=TOLD_BY_EPISODE,
        splits=OF_EPISODE | {"move": "e.came_from || '>' || e.lot_code"},
        uses={"service_episode": ("started_on", "lot_code", "person_id")},
    ),
]
