"""Wellbeing as facts: what the forms filled in with an episode of a service's work tell of it.

A form is known here by its day, its point in the work and its score, never by its words, which are copyright.
WEMWBS is counted in its raw total and SWEMWBS in its metric score; the one is never set against the other.
"""

from feed.fact import PERSON, Fact
from feed.hub_facts import of_work, splits_of_work
from feed.wellbeing_bands import LEVELS, SCALES, THRESHOLDS, Scale

_SCORE = " ".join(f"WHEN '{scale.tool}' THEN {scale.field}::DECIMAL(12, 2)" for scale in SCALES)
_IS_ONE = " OR ".join(
    f"(tool = '{scale.tool}' AND score BETWEEN {scale.lowest} AND {scale.highest})" for scale in SCALES
)
FORM_VIEW = f"""SELECT episode_id, tool, timepoint, completed_on, min(score) AS score
    FROM (SELECT *, CASE tool {_SCORE} END AS score FROM all_outcome_measure)
    WHERE episode_id IS NOT NULL AND completed_on IS NOT NULL AND ({_IS_ONE})
    GROUP BY episode_id, tool, timepoint, completed_on HAVING min(score) = max(score)"""
"""Forms with a score; the same form twice is one, and two of one day that contradict each other are none."""
PAIR_VIEW = """SELECT episode_id, tool,
        arg_min(score, completed_on) FILTER (timepoint = 'baseline') AS first_score,
        min(completed_on) FILTER (timepoint = 'baseline') AS first_on,
        arg_max(score, completed_on) FILTER (timepoint = 'exit') AS last_score,
        max(completed_on) FILTER (timepoint = 'exit') AS last_on
    FROM feed_form GROUP BY episode_id, tool"""
"""Of each episode and form the first baseline and the last exit; reviews and follow-ups take no part."""
WELLBEING_VIEWS = {"feed_form": FORM_VIEW, "feed_pair": PAIR_VIEW}
IS_PAIR = "m.last_on > m.first_on"
"""An exit of the day of the baseline, or before it, tells of no change."""
HAS_START = """LEFT JOIN (SELECT episode_id, bool_or(first_on IS NOT NULL) AS has_start
    FROM feed_pair GROUP BY episode_id) m ON m.episode_id = e.episode_id"""

EPISODES = of_work("all_service_episode", "e")
SPLITS = splits_of_work("e", lot="e.lot_code")
TOLD_BY = {"lot": "service_episode.lot_code", "provider": "service_episode.source_system"}
ENDED = {"service_episode": ("ended_on",)}


def _uses(scale: Scale) -> dict[str, tuple[str, ...]]:
    return {"outcome_measure": ("episode_id", "tool", "timepoint", "completed_on", scale.field)}


def _of_scale(scale: Scale) -> str:
    return f"{EPISODES} JOIN feed_pair m ON m.episode_id = e.episode_id AND m.tool = '{scale.tool}'"


def _starts(scale: Scale) -> Fact:
    """Return the first baseline of each episode, on the day it was filled in."""
    levels = next(levels for levels in LEVELS if levels.scale == scale)
    return Fact(
        f"{scale.name}_start",
        f"Episodes whose person filled in {scale.tool} at the start, on the day of the first such form.",
        rows=_of_scale(scale),
        where="m.first_on IS NOT NULL",
        day="m.first_on",
        person=PERSON.format(of="e"),
        splits=SPLITS | {levels.dimension: levels.sql("m.first_score")},
        told_by=TOLD_BY | {levels.dimension: f"outcome_measure.{scale.field}"},
        uses=_uses(scale),
    )


def _changes(scale: Scale) -> Fact:
    """Return the episodes with a pair, on the day each ended."""
    change = "(m.last_score - m.first_score)"
    mine = [threshold for threshold in THRESHOLDS if threshold.scale == scale]
    return Fact(
        f"{scale.name}_pair",
        f"Episodes that ended and whose person filled in {scale.tool} at the start and, later, at the exit.",
        rows=_of_scale(scale),
        where=IS_PAIR,
        day="e.ended_on",
        person=PERSON.format(of="e"),
        splits=SPLITS | {threshold.dimension: threshold.sql(change) for threshold in mine},
        told_by=TOLD_BY | {threshold.dimension: f"outcome_measure.{scale.field}" for threshold in mine},
        values={"change": change},
        uses=ENDED | _uses(scale),
    )


WELLBEING_FACTS = [
    Fact(
        "ended_episode",
        "Episodes that ended, with whether their person filled in a form of wellbeing at the start.",
        rows=f"{EPISODES} {HAS_START}",
        day="e.ended_on",
        person=PERSON.format(of="e"),
        splits=SPLITS,
        told_by=TOLD_BY,
        values={"has_start": "m.has_start"},
        uses=ENDED,
    ),
    *(fact(scale) for scale in SCALES for fact in (_starts, _changes)),
]
