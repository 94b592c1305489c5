"""What a night does to the findings: one transaction over tables, told change by change."""

import sqlite3
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

import polars as pl

from canonical import ENTITIES
from common.clock import LONDON, stamp
from quality import life
from quality.answers import record_name
from quality.checks import Severity, catalogue
from quality.inspection import FINDINGS, UNDECIDED

RECORDS = pl.Schema({"source": pl.String(), "entity": pl.String(), "record": pl.String()})
GONE = pl.Schema({**RECORDS, "why": pl.String()})
VERIFIED = GONE
SAYS_MOST_LAST = [why.value for why in life.GONE]
"""Why a record is gone; of one that is forgotten too nothing more is asked, whatever else is so."""
IDENTITY = ["source", "entity", "record", "check", "field"]
IN_TURN = (*IDENTITY, "severity", "effect", "other")
TEMPORARY = """
CREATE TEMP TABLE found (source TEXT, entity TEXT, record TEXT, check_id TEXT, field TEXT, severity TEXT,
                         effect TEXT, other TEXT);
CREATE TEMP TABLE undecided (source TEXT, entity TEXT, record TEXT, check_id TEXT);
CREATE TEMP TABLE complete (source TEXT PRIMARY KEY);
CREATE TEMP TABLE vanishing (source TEXT PRIMARY KEY);
CREATE TEMP TABLE seen (source TEXT, entity TEXT, record TEXT);
CREATE TEMP TABLE gone (source TEXT, entity TEXT, record TEXT, why TEXT);
CREATE TEMP TABLE known_check (check_id TEXT PRIMARY KEY);
CREATE TEMP TABLE known_entity (entity TEXT PRIMARY KEY);
CREATE TEMP TABLE switched_off (source TEXT, check_id TEXT);
CREATE TEMP TABLE judged_from (source TEXT, check_id TEXT, month TEXT NOT NULL);
CREATE TEMP TABLE due (severity TEXT PRIMARY KEY, day TEXT NOT NULL);
CREATE TEMP TABLE unseen (number INTEGER PRIMARY KEY, source TEXT, entity TEXT, record TEXT, check_id TEXT);
CREATE TEMP TABLE change (finding INTEGER PRIMARY KEY, to_state TEXT NOT NULL, reason TEXT NOT NULL);
"""
INDEXES = """
CREATE INDEX temp.undecided_of ON undecided (source, entity, check_id, record);
CREATE INDEX temp.seen_of ON seen (source, entity, record);
CREATE INDEX temp.gone_of ON gone (source, entity, record);
"""
FILL = {
    "found": "INSERT INTO found VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    "undecided": "INSERT INTO undecided VALUES (?, ?, ?, ?)",
    "seen": "INSERT INTO seen VALUES (?, ?, ?)",
    "gone": "INSERT INTO gone VALUES (?, ?, ?, ?)",
    "complete": "INSERT OR IGNORE INTO complete VALUES (?)",
    "vanishing": "INSERT OR IGNORE INTO vanishing VALUES (?)",
    "known_check": "INSERT OR IGNORE INTO known_check VALUES (?)",
    "known_entity": "INSERT OR IGNORE INTO known_entity VALUES (?)",
    "switched_off": "INSERT INTO switched_off VALUES (?, ?)",
    "judged_from": "INSERT INTO judged_from VALUES (?, ?, ?)",
}
NOT_OF_THE_GONE = """
DELETE FROM found WHERE EXISTS (SELECT 1 FROM gone AS g WHERE g.why <> 'anonymised'
    AND g.source = found.source AND g.entity = found.entity AND g.record = found.record)
"""
OPEN_NEW_OR_KEEP = """
INSERT INTO finding (code, source, entity, record, check_id, field, severity, effect, other, state, baseline,
                     first_seen, first_run, last_seen, last_run, opened, opened_run, due)
SELECT '', source, entity, record, check_id, field, severity, effect, other, 'open',
       NOT EXISTS (SELECT 1 FROM looked WHERE looked.source = found.source AND looked.run_id <> :run),
       :at, :run, :at, :run, :at, :run,
       coalesce((SELECT day FROM due WHERE due.severity = found.severity), '')
FROM found WHERE true
ON CONFLICT (source, entity, record, check_id, field)
DO UPDATE SET effect = excluded.effect, other = excluded.other, last_seen = :at, last_run = :run,
    due = CASE WHEN severity = excluded.severity AND due <> '' THEN due ELSE excluded.due END,
    severity = excluded.severity
"""
NAME_NEW = "UPDATE finding SET code = public_code(source, entity, record, check_id, field) WHERE code = ''"
UNSEEN = """
INSERT INTO unseen SELECT number, source, entity, record, check_id FROM finding
WHERE state IN ('open', 'acknowledged', 'mended', 'accepted', 'disputed') AND last_run <> :run
"""
OF_GONE = """
INSERT OR IGNORE INTO change SELECT f.number, 'withdrawn', g.why
FROM unseen AS f JOIN gone AS g USING (source, entity, record)
"""
OF_RETIRED = """
INSERT OR IGNORE INTO change SELECT f.number, 'withdrawn', 'check_retired'
FROM unseen AS f WHERE f.source IN (SELECT source FROM complete)
AND f.check_id NOT IN (SELECT check_id FROM known_check)
"""
OF_SWITCHED_OFF = """
INSERT OR IGNORE INTO change SELECT f.number, 'withdrawn', 'switched_off'
FROM unseen AS f JOIN switched_off USING (source, check_id)
"""
OF_PERIOD_OVER = """
INSERT OR IGNORE INTO change SELECT f.number, 'withdrawn', 'period_over'
FROM unseen AS f JOIN judged_from AS j USING (source, check_id) WHERE first_month(f.record) < j.month
"""
OF_VANISHED = """
INSERT OR IGNORE INTO change
SELECT f.number, 'withdrawn', CASE WHEN f.record LIKE 'row %' THEN 'row_gone' ELSE 'vanished' END
FROM unseen AS f WHERE f.source IN (SELECT source FROM vanishing)
AND f.entity IN (SELECT entity FROM known_entity)
AND NOT EXISTS (SELECT 1 FROM seen AS s WHERE s.source = f.source AND s.entity = f.entity
                AND s.record = f.record)
"""
OF_PASSING = """
INSERT OR IGNORE INTO change SELECT f.number, 'mended', 'passes'
FROM unseen AS f WHERE f.source IN (SELECT source FROM complete)
AND (:all_seen OR f.entity NOT IN (SELECT entity FROM known_entity)
     OR EXISTS (SELECT 1 FROM seen AS s WHERE s.source = f.source AND s.entity = f.entity
                AND s.record = f.record))
AND NOT EXISTS (SELECT 1 FROM undecided AS u WHERE u.source = f.source AND u.entity = f.entity
                AND u.check_id = f.check_id AND (u.record IS NULL OR u.record = f.record))
"""
OF_RELAPSED = """
INSERT OR IGNORE INTO change SELECT f.number, 'open', 'found_again'
FROM finding AS f WHERE f.state IN ('mended', 'closed', 'withdrawn') AND f.last_run = :run
"""
OF_EXPIRED = """
INSERT OR IGNORE INTO change SELECT f.number, 'open', 'expired'
FROM finding AS f WHERE f.state = 'accepted' AND f.until < :today
"""
ENDS = (OF_GONE, OF_RETIRED, OF_SWITCHED_OFF, OF_PERIOD_OVER, OF_VANISHED)
CHANGES = (*ENDS, OF_PASSING, OF_RELAPSED, OF_EXPIRED)
OF_DELIVERED = """
INSERT OR IGNORE INTO change SELECT f.number, 'closed', g.why
FROM gone AS g JOIN finding AS f USING (source, entity, record)
WHERE f.state = 'mended' AND f.passed_run = :run
"""
PASSED_AGAIN = """
UPDATE finding SET passed_run = :run WHERE number IN (SELECT finding FROM change WHERE to_state = 'mended')
"""
TELL = """
INSERT INTO event (finding, at, run_id, from_state, to_state, acted_by, reason)
SELECT c.finding, :at, :run, f.state, c.to_state, '', c.reason
FROM change AS c JOIN finding AS f ON f.number = c.finding WHERE c.to_state <> f.state ORDER BY c.finding
"""
CHANGE = """
UPDATE finding SET state = c.to_state, reason = c.reason,
    opened = CASE c.reason WHEN 'found_again' THEN :at ELSE opened END,
    opened_run = CASE c.reason WHEN 'found_again' THEN :run ELSE opened_run END,
    times_opened = times_opened + (c.reason = 'found_again'),
    due = CASE c.to_state WHEN 'open'
          THEN coalesce((SELECT day FROM due WHERE due.severity = finding.severity), '') ELSE due END,
    acted_by = CASE c.reason WHEN 'found_again' THEN '' ELSE acted_by END,
    acted_at = CASE c.reason WHEN 'found_again' THEN '' ELSE acted_at END,
    until = CASE c.to_state WHEN 'open' THEN '' ELSE until END,
    ended_at = CASE WHEN c.to_state IN ('closed', 'withdrawn') THEN :at END,
    ended_run = CASE WHEN c.to_state IN ('closed', 'withdrawn') THEN :run END
FROM change AS c WHERE c.finding = finding.number AND c.to_state <> finding.state
"""
NOTE_LOOKED = "INSERT INTO looked SELECT source, :run, :at FROM complete WHERE true ON CONFLICT DO NOTHING"
COUNTS = """
SELECT severity, count(*) FROM finding WHERE state IN ('open', 'acknowledged', 'accepted', 'disputed')
GROUP BY severity
UNION ALL SELECT 'mended', count(*) FROM finding WHERE state = 'mended'
UNION ALL SELECT 'new', count(*) FROM finding WHERE first_run = :run
UNION ALL SELECT 'reopened', count(*) FROM finding WHERE opened_run = :run AND times_opened > 1
UNION ALL SELECT state, count(*) FROM finding WHERE ended_run = :run GROUP BY state
"""
COUNTED = (*(level.value for level in Severity), "mended", "new", "reopened", "closed", "withdrawn")


@dataclass(frozen=True)
class Night:
    """What one run saw of the sources.

    complete:  sources pulled whole: of their records, a finding that is no longer found passes its check.
    vanishing: of these, the ones whose records are gone where they are not among `seen`.
    seen:      DataFrame[source, entity, record]: which records of living findings were there tonight; None
               stands for all.
    gone:      DataFrame[source, entity, record, why]: records that nobody is to mend any more. Whatever is
               found of them opens nothing.
    off:       sources and checks that the site has switched off: nobody asked, so nothing is mended.
    judged:    sources and checks of months or quarters, with the first month that is still judged (2022-05):
               of a period before it nobody is asked any more, and nobody knows whether it was mended.
    """

    run_id: str
    at: datetime
    findings: pl.DataFrame
    complete: Collection[str]
    undecided: pl.DataFrame = field(default_factory=UNDECIDED.to_frame)
    vanishing: Collection[str] = ()
    seen: pl.DataFrame | None = None
    gone: pl.DataFrame = field(default_factory=GONE.to_frame)
    off: Sequence[tuple[str, str]] = ()
    judged: Sequence[tuple[str, str, str]] = ()

    @property
    def when(self) -> dict[str, str | bool]:
        """Return the run's name and time, as the statements take them."""
        return {"run": self.run_id, "all_seen": self.seen is None, **instant(self.at)}


def instant(at: datetime) -> dict[str, str]:
    """Return an instant and its day in London, as the statements take them."""
    return {"at": stamp(at), "today": at.astimezone(LONDON).date().isoformat()}


def record_night(store: sqlite3.Connection, night: Night, due: Mapping[str, date]) -> None:
    """Bring every finding to where the night leaves it, within the transaction that is open."""
    take(store, due)
    _take_night(store, night)
    when = night.when
    store.execute(NOT_OF_THE_GONE)
    store.execute(OPEN_NEW_OR_KEEP, when)
    store.execute(NAME_NEW)
    for statement in (UNSEEN, *CHANGES):
        store.execute(statement, when)
    store.execute(PASSED_AGAIN, when)
    apply(store, when)
    store.execute(NOTE_LOOKED, when)


def close_delivered(store: sqlite3.Connection, verified: pl.DataFrame, when: Mapping[str, str]) -> None:
    """Close what passed in this run and whose record is verified as delivered: DataFrame as VERIFIED."""
    take(store, {})
    _fill(store, "gone", verified.select(VERIFIED.names()).unique(RECORDS.names()))
    store.execute(OF_DELIVERED, when)
    apply(store, when)


def counted(store: sqlite3.Connection, run_id: str) -> dict[str, int]:
    """Return how many findings fail by severity and are mended, and how many the run opened and ended."""
    return dict.fromkeys(COUNTED, 0) | dict(store.execute(COUNTS, {"run": run_id}).fetchall())


def take(store: sqlite3.Connection, due: Mapping[str, date]) -> None:
    """Make the temporary tables, kept in memory, and fill in what is due when."""
    for statement in TEMPORARY.split(";"):
        store.execute(statement)
    days = [(severity, day.isoformat()) for severity, day in due.items()]
    store.executemany("INSERT INTO due VALUES (?, ?)", days)


def apply(store: sqlite3.Connection, when: Mapping[str, str | bool]) -> None:
    """Tell of the changes, then make them."""
    store.execute(TELL, when)
    store.execute(CHANGE, when)


def _take_night(store: sqlite3.Connection, night: Night) -> None:
    named = night.findings.with_columns(record=record_name("reference", "row"))
    found = named.select(IN_TURN).unique(IDENTITY, keep="first", maintain_order=True)
    _fill(store, "found", found)
    _fill(store, "undecided", night.undecided.select(UNDECIDED.names()))
    _fill(store, "seen", (RECORDS.to_frame() if night.seen is None else night.seen).select(RECORDS.names()))
    _fill(store, "gone", _one_reason(night.gone))
    names: dict[str, Collection[str]] = {
        "complete": night.complete,
        "vanishing": () if night.seen is None else night.vanishing,
        "known_check": {check.id for check in catalogue()},
        "known_entity": ENTITIES,
    }
    for table, given in names.items():
        store.executemany(FILL[table], [(name,) for name in given])
    store.executemany(FILL["switched_off"], night.off)
    store.executemany(FILL["judged_from"], night.judged)
    for statement in INDEXES.split(";"):
        store.execute(statement)


def _one_reason(gone: pl.DataFrame) -> pl.DataFrame:
    """Return each record that is gone once: where several reasons are given, the one that says most."""
    rank = pl.col("why").replace_strict(SAYS_MOST_LAST, list(range(len(SAYS_MOST_LAST))), default=-1)
    told = gone.select(GONE.names()).sort(rank, descending=True, maintain_order=True)
    return told.unique(RECORDS.names(), keep="first", maintain_order=True)


def _fill(store: sqlite3.Connection, table: str, rows: pl.DataFrame) -> None:
    store.executemany(FILL[table], rows.iter_rows())


__all__ = ["FINDINGS", "GONE", "RECORDS", "VERIFIED", "Night", "close_delivered", "counted", "record_night"]
