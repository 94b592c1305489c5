"""Nights and answers told to a store of findings and to the model of their life, which must agree."""

import sqlite3
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl

from common.clock import LONDON
from quality import FINDINGS, GONE, RECORDS, UNDECIDED, VERIFIED, Finding, FindingStore, Night, State
from tests.unit.quality.life_model import OVER, Life, Look

CHECKS = {
    "PER-05": ("person", "nhs_number", "error"),
    "PER-06": ("person", "nhs_number", "warning"),
    "PER-12": ("person", "nhs_number", "info"),
    "REF-01": ("referral", "received_at", "error"),
    "REF-07": ("referral", "triaged_at", "warning"),
    "SUB-03": ("submission", "period", "warning"),
    "PER-99": ("person", "nhs_number", "warning"),
}
RETIRED = "PER-99"
"""A check that an earlier release asked: whatever a night finds of it, such a release found."""
DAYS = ("at", "first_seen", "last_seen", "opened", "acted_at")
Name = tuple[str, str, str, str]
Record = tuple[str, str, str]


@dataclass(frozen=True)
class Sight:
    """What one run sees and brings: how it looked at each source, what it saw of each finding, what arrived.

    unasked: sources and checks that could not be asked of any record; killed: the run ended before it could
    say what arrived; again: it is recorded again, "with more" where the first time it knew only of findings
    that the store had; judged: the first month of which a source's check of months is still asked.
    """

    looks: Mapping[str, str]
    said: Mapping[Name, Look]
    arrived: Mapping[Record, str] = field(default_factory=dict)
    unasked: Collection[tuple[str, str]] = ()
    killed: bool = False
    again: str = ""
    judged: Collection[tuple[str, str, str]] = ()

    def whole(self) -> list[str]:
        """Return the sources that were pulled whole."""
        return [source for source, how in self.looks.items() if how.startswith("whole")]


class LifeNights:
    """A store, and the model's lives beside it."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "state" / "findings.sqlite"
        self.store = FindingStore(self.path)
        self.lives: dict[Name, Life] = {}
        self.live_since: dict[str, int] = {}
        self.swept: list[Life] = []
        self.nights = 0

    def night(self, at: datetime, sight: Sight) -> None:
        """Let a night pass for both, and compare them after it."""
        self.nights += 1
        day, told = _day(at), _night(f"run-{self.nights}", at, sight)
        if sight.again == "with more":
            known = [name for name in sight.said if name in self.lives]
            self.store.record_night(_night(told.run_id, at, sight, only=known))
        counts = self.store.record_night(told)
        before = sum(life.state not in OVER for life in self.lives.values())
        self._live(day, sight)
        self._passed(told.run_id)
        if sight.again == "as it was":
            assert self.store.record_night(told) == counts
        if not sight.killed:
            counts = self._arrive(at, told.run_id, sight)
        self._count(day, counts, before)
        self.agrees(day)
        if sight.again == "when all is done":
            assert self.store.record_night(told) == counts
            self.agrees(day)

    def dry_run(self, at: datetime, sight: Sight) -> None:
        """Let a run look that keeps nothing."""
        self.nights += 1
        before = self._stands()
        self.store.record_night(_night(f"run-{self.nights}", at, sight), keep=False)
        assert self._stands() == before

    def answer(
        self, at: datetime, whose: Iterable[Name], action: str, reason: str, until: date | None
    ) -> Counter[str]:
        """Let somebody answer some findings, and compare what came of it; return how often each did."""
        codes = {code_of(name): name for name in whose}
        told = self.store.acted(codes, action, "somebody", reason, at, until=until)
        expected = {
            code: self.lives[name].act(_day(at), action, "somebody", reason, until)
            if name in self.lives
            else "unknown"
            for code, name in codes.items()
        }
        assert told == expected
        return Counter(expected.values())

    def sweep(self, before: datetime) -> None:
        """Let what ended before the instant go, with its history."""
        old = [name for name, life in self.lives.items() if life.ended and life.ended < _day(before)]
        assert self.store.sweep(before) == len(old)
        if not old:
            return
        for name in old:
            self.swept.append(self.lives.pop(name))
        with closing(sqlite3.connect(self.path)) as file:
            nobodys = "SELECT count(*) FROM event WHERE finding NOT IN (SELECT number FROM finding)"
            assert file.execute(nobodys).fetchone() == (0,)

    def agrees(self, today: date) -> None:
        """Compare every finding, its history, and what is told of them all, with what the model says."""
        assert self._stands() == {
            name: (
                code_of(name),
                life.state,
                life.severity,
                life.born,
                life.seen,
                life.opened,
                life.times,
                life.due,
                life.baseline,
                life.by,
                life.acted,
                life.reason,
                "" if life.until is None else str(life.until),
                life.told,
            )
            for name, life in self.lives.items()
        }
        living = {name[:3] for name, life in self.lives.items() if life.state not in OVER}
        assert set(self.store.watched().rows()) == living
        wanted = [life for life in self.lives.values() if life.state in ("open", "acknowledged")]
        overdue = sum(bool(life.due) and life.due < str(today) for life in wanted)
        assert self.store.standing(today)["overdue"] == overdue

    def _live(self, day: date, sight: Sight) -> None:
        for name, look in sight.said.items():
            if name in self.lives:
                self.lives[name].night(day, look)
            elif look.found:
                early = self.live_since.get(name[0], self.nights) == self.nights
                self.lives[name] = Life(look.severity or CHECKS[name[3]][2], day, early)
        for source in sight.whole():
            self.live_since.setdefault(source, self.nights)

    def _passed(self, run_id: str) -> None:
        """See that the records to be looked for among what arrived are those that passed tonight."""
        mended = {name[:3] for name, life in self.lives.items() if life.state == "mended"}
        tonight = {name[:3] for name, life in self.lives.items() if life.passed_tonight}
        assert set(self.store.passed(run_id).rows()) == mended & tonight

    def _arrive(self, at: datetime, run_id: str, sight: Sight) -> dict[str, int]:
        rows = [(*record, why) for record, why in sight.arrived.items()]
        counts = self.store.delivered(run_id, at, pl.DataFrame(rows, schema=VERIFIED, orient="row"))
        for name, life in self.lives.items():
            if name[:3] in sight.arrived:
                life.arrived(_day(at), sight.arrived[name[:3]])
        return counts

    def _count(self, day: date, counts: dict[str, int], before: int) -> None:
        """See that the counts of the run are what the model's lives say."""
        states = Counter(life.state for life in self.lives.values())
        failing = Counter(
            life.severity for life in self.lives.values() if life.state not in ("mended", *OVER)
        )
        assert {name: counts[name] for name in ("error", "warning", "info")} == {
            name: failing[name] for name in ("error", "warning", "info")
        }
        assert counts["mended"] == states["mended"]
        now = sum(number for state, number in states.items() if state not in OVER)
        relapsed = sum(
            (day, "mended", "open") in [change[:3] for change in life.told] for life in self.lives.values()
        )
        came, went = counts["new"] + counts["reopened"] - relapsed, counts["closed"] + counts["withdrawn"]
        assert now == before + came - went

    def _stands(self) -> dict[Name, Any]:
        told: dict[str, list[Any]] = {}
        for code, *change in (
            _in_days(self.store.events()).select("code", "at", "from", "to", "reason").rows()
        ):
            told.setdefault(code, []).append(tuple(change))
        every = _in_days(self.store.frame(set(State))).select(
            "source", "entity", "record", "check", "code", "state", "severity", "first_seen", "last_seen",
            "opened", "times_opened", "due", "baseline", "acted_by", "acted_at", "reason", "until",
        )  # fmt: skip
        return {row[:4]: (*row[4:], told[row[4]]) for row in every.rows()}


def code_of(name: Name) -> str:
    """Return the public code of a finding."""
    source, entity, record, check = name
    text = ("",) * 5
    return Finding(
        source, entity, record, check, CHECKS[check][1], "", "", State.OPEN, *text, 1, "", False, *text
    ).code


def _day(at: datetime) -> date:
    return at.astimezone(LONDON).date()


def _in_days(told: pl.DataFrame) -> pl.DataFrame:
    """Return the table with the days in London of its instants."""
    instants = pl.col([name for name in DAYS if name in told.columns])
    read = instants.str.to_datetime("%Y-%m-%dT%H:%M:%SZ", time_zone="UTC", strict=False)
    return told.with_columns(read.dt.convert_time_zone("Europe/London").dt.date())


def _night(run_id: str, at: datetime, sight: Sight, only: Collection[Name] | None = None) -> Night:
    """Return what the store is told of the night; where names are given, other findings are not told of."""
    found = [
        (*_row(name), name[3], CHECKS[name[3]][1], look.severity or CHECKS[name[3]][2], "none", "")
        for name, look in sight.said.items()
        if look.there and look.answer == "fails" and not (look.off or look.over)
        if only is None or name in only
    ]
    one_by_one = {name for name, look in sight.said.items() if look.answer == "unsure"}
    unsure = [name for name in one_by_one if (name[0], name[3]) not in sight.unasked]
    unsure += [(source, CHECKS[check][0], None, check) for source, check in sight.unasked]
    gone = {(*name[:3], look.gone) for name, look in sight.said.items() if look.gone}
    return Night(
        run_id,
        at,
        pl.DataFrame(found, schema=FINDINGS, orient="row"),
        sight.whole(),
        pl.DataFrame(unsure, schema=UNDECIDED, orient="row"),
        [source for source, how in sight.looks.items() if how == "whole"],
        _records({name[:3] for name, look in sight.said.items() if look.there}),
        pl.DataFrame(sorted(gone), schema=GONE, orient="row"),
        sorted({(name[0], name[3]) for name, look in sight.said.items() if look.off}),
        sorted(sight.judged),
    )


def _records(names: Collection[Record]) -> pl.DataFrame:
    return pl.DataFrame(sorted(names), schema=RECORDS, orient="row")


def _row(name: Name) -> tuple[str, str, str | None, int]:
    """Return how an export names the record: by its reference, or by its row alone."""
    source, entity, record, _ = name
    if record.startswith("row "):
        return source, entity, None, int(record.removeprefix("row "))
    return source, entity, record, 1
