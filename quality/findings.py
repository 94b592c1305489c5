"""The findings of a site and their life: opened, mended, verified as delivered, closed; never a value."""

import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import fields
from datetime import date, datetime, timedelta
from pathlib import Path

import polars as pl

from common.clock import LONDON, stamp
from config.findings import DueDays
from config.site import Site
from quality.finding_acts import Outcome, act_on, require_act
from quality.finding_file import FindingsUnreadable, opened
from quality.finding_night import RECORDS, Night, close_delivered, counted, instant, record_night
from quality.finding_rows import EVENTS, EVERY_EVENT, FOUND, FRAME, HISTORY, STANDING, Event, Finding
from quality.inspection import UNDECIDED
from quality.life import LIVING, Action, Reason, State

FILE = "findings.sqlite"
CODE = re.compile(r"F[a-z2-7]{16}")
COUNT_SWEPT = """
INSERT INTO swept SELECT source, check_id, count(*) FROM finding
WHERE state IN ('closed', 'withdrawn') AND ended_at < :before GROUP BY source, check_id
ON CONFLICT (source, check_id) DO UPDATE SET findings = findings + excluded.findings
"""
SWEEP_EVENTS = """
DELETE FROM event WHERE finding IN
    (SELECT number FROM finding WHERE state IN ('closed', 'withdrawn') AND ended_at < :before)
"""
SWEEP = "DELETE FROM finding WHERE state IN ('closed', 'withdrawn') AND ended_at < :before"


class FindingStore:
    """The findings of a site in one SQLite file; each night is one transaction, whole or absent."""

    def __init__(self, path: Path, due_days: DueDays | None = None) -> None:
        self._path = path
        self._due_days = due_days or DueDays()

    @classmethod
    def of(cls, site: Site) -> "FindingStore":
        """Return the site's store, with the days within which its providers are to mend."""
        return cls(site.var / "state" / FILE, site.findings.due_days)

    def record(
        self,
        findings: pl.DataFrame,
        run_id: str,
        complete: Collection[str],
        at: datetime,
        undecided: pl.DataFrame | None = None,
        *,
        keep: bool = True,
    ) -> dict[str, int]:
        """Return what `record_night` returns, of a night in which every record was still there."""
        unanswered = UNDECIDED.to_frame() if undecided is None else undecided
        return self.record_night(Night(run_id, at, findings, complete, unanswered), keep=keep)

    def record_night(self, night: Night, *, keep: bool = True) -> dict[str, int]:
        """Return how many findings fail by severity, are mended, and were opened and ended by this run.

        What passes is mended, and closed by `delivered` alone. keep=False counts what would happen and
        changes nothing. A run may be recorded again.
        Errors: FindingsUnreadable.
        """
        target = self._path if keep or self._path.exists() else None
        with opened(target) as store:
            store.execute("BEGIN IMMEDIATE")
            record_night(store, night, self._due(night.at))
            counts = counted(store, night.run_id)
            store.execute("COMMIT" if keep else "ROLLBACK")
        return counts

    def delivered(self, run_id: str, at: datetime, verified: pl.DataFrame) -> dict[str, int]:
        """Close what passed in this run and whose record no flow owes any more; return the counts anew.

        Given:  DataFrame[source, entity, record, why], why one of delivered, nothing_shared, no_record.
        Errors: FindingsUnreadable.
        """
        with opened(self._path) as store:
            store.execute("BEGIN IMMEDIATE")
            close_delivered(store, verified, {"run": run_id, **instant(at)})
            counts = counted(store, run_id)
            store.execute("COMMIT")
        return counts

    def acted(
        self,
        codes: Iterable[str],
        action: Action | str,
        by: str,
        reason: Reason | str,
        at: datetime,
        *,
        until: date | str | None = None,
    ) -> dict[str, Outcome]:
        """Return for each code what the action did to it; all of them in one transaction.

        Given:  by: who acts; reason: a word of the closed list; until: the last day of an acceptance.
        Errors: ActionRefused, before anything is changed; FindingsUnreadable.
        """
        act = require_act(action, by, reason, at, until)
        wanted = list(dict.fromkeys(codes))
        if not self._path.exists():
            return dict.fromkeys(wanted, Outcome.UNKNOWN)
        with opened(self._path) as store:
            store.execute("BEGIN IMMEDIATE")
            told = act_on(store, [code for code in wanted if CODE.fullmatch(code)], act, self._due(at))
            store.execute("COMMIT")
        return {code: told.get(code, Outcome.UNKNOWN) for code in wanted}

    def sweep(self, before: datetime) -> int:
        """Remove findings that ended before the instant, with their history, and return how many.

        Their number per check is kept. Errors: FindingsUnreadable.
        """
        if not self._path.exists():
            return 0
        with opened(self._path) as store:
            store.execute("BEGIN IMMEDIATE")
            store.execute(COUNT_SWEPT, {"before": stamp(before)})
            store.execute(SWEEP_EVENTS, {"before": stamp(before)})
            gone = store.execute(SWEEP, {"before": stamp(before)}).rowcount
            store.execute("COMMIT" if gone else "ROLLBACK")
        return gone

    def open(self, source: str | None = None) -> list[Finding]:
        """Return the living findings of one source or of all, gravest first. Errors: FindingsUnreadable."""
        order = [one.name for one in fields(Finding)]
        rows = self.frame(LIVING, source).select(order).iter_rows(named=True)
        return [Finding(**{**row, "state": State(row["state"])}) for row in rows]

    def frame(self, states: Collection[State] = LIVING, source: str | None = None) -> pl.DataFrame:
        """Return the findings in these states, gravest first: DataFrame as FRAME."""
        return self._read(FOUND, {"states": json.dumps(sorted(states)), "source": source}, FRAME)

    def standing(self, today: date, source: str | None = None) -> dict[str, int]:
        """Return how many findings are in each state, and how many of those wanted are overdue."""
        counts = dict.fromkeys([*map(str, State), "overdue"], 0)
        if not self._path.exists():
            return counts
        with opened(self._path) as store:
            told = store.execute(STANDING, {"source": source, "today": today.isoformat()}).fetchall()
        return counts | dict(told)

    def watched(self) -> pl.DataFrame:
        """Return the records that living findings name: DataFrame[source, entity, record]."""
        told = """SELECT DISTINCT source, entity, record FROM finding
                  WHERE state IN ('open', 'acknowledged', 'mended', 'accepted', 'disputed')"""
        return self._read(told, {}, RECORDS)

    def passed(self, run_id: str) -> pl.DataFrame:
        """Return the records of which a finding passed in the run and waits: DataFrame as RECORDS."""
        told = (
            "SELECT DISTINCT source, entity, record FROM finding WHERE state = 'mended' AND passed_run = :run"
        )
        return self._read(told, {"run": run_id}, RECORDS)

    def history(self, code: str) -> list[Event]:
        """Return every change of a finding, the first first; none for an unknown code."""
        if not self._path.exists():
            return []
        with opened(self._path) as store:
            return [Event(*row[:-1]) for row in store.execute(HISTORY, {"code": code})]

    def events(self) -> pl.DataFrame:
        """Return every change of every finding that is kept, in their order: DataFrame as EVENTS."""
        return self._read(EVERY_EVENT, {}, EVENTS)

    def _read(self, told: str, given: dict[str, str | None], shape: pl.Schema) -> pl.DataFrame:
        if not self._path.exists():
            return shape.to_frame()
        with opened(self._path) as store:
            rows = store.execute(told, given).fetchall()
        return pl.DataFrame(rows, schema=_read_as(shape), orient="row").cast(shape)

    def _due(self, at: datetime) -> Mapping[str, date]:
        day = at.astimezone(LONDON).date()
        return {
            severity: day + timedelta(days=days)
            for severity, days in self._due_days.model_dump().items()
            if days is not None
        }


def _read_as(shape: pl.Schema) -> pl.Schema:
    """Return how SQLite gives the columns: it has no truth values."""
    return pl.Schema({name: pl.Int64() if kind == pl.Boolean() else kind for name, kind in shape.items()})


__all__ = ["EVENTS", "FILE", "FRAME", "Event", "Finding", "FindingStore", "FindingsUnreadable"]
