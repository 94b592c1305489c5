"""Whose case review is due: read from the flow that names people, for the early-help team and nobody else.

Nothing of this is published, and no file is written: the list goes to whoever asks, in keys of the flow.
"""

from datetime import date

import polars as pl

from feed.errors import WarehouseNotThere
from feed.facts import Opened, opened
from feed.move_facts import REVIEW_LASTS, SINCE_REVIEW_IS_DUE

FLOW = "early_help"
NEEDED = {
    "service_episode": ("episode_id", "person_id", "service_id", "started_on", "ended_on", "case_review_on"),
    "service": ("service_id", "name"),
    "person": ("person_id", "death_date"),
}
DUE = f"""SELECT e.person_id::VARCHAR AS person, e.episode_id::VARCHAR AS episode, s.name AS service,
        e.source_system AS provider, e.started_on AS since, $day::DATE - e.started_on AS days_open,
        e.case_review_on AS last_review, $day::DATE - e.case_review_on AS days_since_review
    FROM {FLOW}.service_episode e LEFT JOIN {FLOW}.service s ON s.service_id = e.service_id
        LEFT JOIN {FLOW}.person p ON p.person_id = e.person_id
    WHERE e.started_on <= $day::DATE - {SINCE_REVIEW_IS_DUE}
        AND (e.ended_on IS NULL OR e.ended_on > $day::DATE) AND p.death_date IS NULL
        AND (e.case_review_on IS NULL OR e.case_review_on < $day::DATE - {REVIEW_LASTS})
    ORDER BY coalesce(e.case_review_on, e.started_on), e.episode_id"""


def reviews_due(warehouse: Opened, day: date) -> pl.DataFrame:
    """Return the episodes whose case review is due on the day, longest without one first.

    Given:   a warehouse file, or a copy of the flow's tables in memory.
    Returns: DataFrame[person, episode, service, provider, since, days_open, last_review, days_since_review]:
             open for more than 90 days, of somebody not known to have died, with no review in the last 31.
             Whose days are withheld because they may be in danger is not on the list.
    Errors:  WarehouseNotThere, where the flow was never loaded or does not release what is needed.
    Source:  award entry (monthly case review of people whom a service has worked with for a few months).
    """
    connection = opened(warehouse)
    try:
        found = connection.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = ?", [FLOW]
        ).fetchall()
        wanted = {(table, column) for table, columns in NEEDED.items() for column in columns}
        if lacking := sorted(wanted - set(found)):
            raise WarehouseNotThere(f"it has no {FLOW}.{'.'.join(lacking[0])}")
        return connection.execute(DUE, {"day": day}).pl()
    finally:
        connection.close()
