"""How findings and their history are told: one at a time, or as columns."""

from dataclasses import dataclass

import polars as pl

from quality.life import State, public_code

FOUND = """
SELECT code, source, entity, record, check_id, field, severity, effect, state, first_seen, first_run,
       last_seen, last_run, opened, times_opened, due, baseline, acted_by, acted_at, reason, until, other
FROM finding WHERE state IN (SELECT value FROM json_each(:states)) AND (:source IS NULL OR source = :source)
ORDER BY source, CASE severity WHEN 'error' THEN 1 WHEN 'warning' THEN 2 ELSE 3 END, check_id, record, field
"""
EVERY_EVENT = """
SELECT f.code, f.source, f.entity, f.check_id, f.field, f.severity, e.at, e.run_id, e.from_state, e.to_state,
       e.acted_by, e.reason
FROM (SELECT number AS finding, 0 AS turn, first_seen AS at, first_run AS run_id, '' AS from_state,
             'open' AS to_state, '' AS acted_by, '' AS reason FROM finding
      UNION ALL
      SELECT finding, number, at, run_id, from_state, to_state, acted_by, reason FROM event) AS e
JOIN finding AS f ON f.number = e.finding ORDER BY e.at, e.turn, e.finding
"""
HISTORY = """
SELECT first_seen, first_run, '', 'open', '', '', 0 AS turn FROM finding WHERE code = :code
UNION ALL
SELECT e.at, e.run_id, e.from_state, e.to_state, e.acted_by, e.reason, e.number
FROM event AS e JOIN finding AS f ON f.number = e.finding WHERE f.code = :code
ORDER BY turn
"""
STANDING = """
SELECT state, count(*) FROM finding WHERE (:source IS NULL OR source = :source) GROUP BY state
UNION ALL
SELECT 'overdue', count(*) FROM finding WHERE state IN ('open', 'acknowledged') AND due <> '' AND due < :today
    AND (:source IS NULL OR source = :source)
"""
TEXT = pl.String()
FRAME = pl.Schema(
    {
        "code": TEXT,
        "source": TEXT,
        "entity": TEXT,
        "record": TEXT,
        "check": TEXT,
        "field": TEXT,
        "severity": TEXT,
        "effect": TEXT,
        "state": TEXT,
        "first_seen": TEXT,
        "first_run": TEXT,
        "last_seen": TEXT,
        "last_run": TEXT,
        "opened": TEXT,
        "times_opened": pl.Int64(),
        "due": TEXT,
        "baseline": pl.Boolean(),
        "acted_by": TEXT,
        "acted_at": TEXT,
        "reason": TEXT,
        "until": TEXT,
        "other": TEXT,
    }
)
EVENTS = pl.Schema(
    dict.fromkeys(
        (
            "code",
            "source",
            "entity",
            "check",
            "field",
            "severity",
            "at",
            "run_id",
            "from",
            "to",
            "by",
            "reason",
        ),
        TEXT,
    )
)


@dataclass(frozen=True)
class Finding:
    """One finding: which record of which source, which field, how it stands and since when; never a value.

    opened: the beginning of the present spell; due: the day by which it is to be mended, "" for none;
    baseline: it was there when the source was first read whole; until: the last day of an acceptance.
    """

    source: str
    entity: str
    record: str
    check: str
    field: str
    severity: str
    effect: str
    state: State
    first_seen: str
    first_run: str
    last_seen: str
    last_run: str
    opened: str
    times_opened: int
    due: str
    baseline: bool
    acted_by: str
    acted_at: str
    reason: str
    until: str
    other: str

    @property
    def code(self) -> str:
        """Return the public id: the same in every store."""
        return public_code(self.source, self.entity, self.record, self.check, self.field)


@dataclass(frozen=True)
class Event:
    """One change of a finding: when, in which run or by whom, from which state to which, and why."""

    at: str
    run_id: str
    from_state: str
    to_state: str
    by: str
    reason: str
