"""Thirty nights and more: after each, every finding stands where an independent model says it stands."""

import tempfile
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import polars as pl
from hypothesis import HealthCheck, Phase, event, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from quality import FINDINGS, GONE, RECORDS, UNDECIDED, VERIFIED, Finding, FindingStore, Night, State
from tests.today import SEED
from tests.unit.quality.life_model import OVER, Life, Look

SOURCES = ("hub", "other")
RECORDS_OF = ("P1", "P2", "P3")
CHECKS = {"PER-05": "error", "PER-06": "warning", "PER-12": "info"}
NAMES = [(source, record, check) for source in SOURCES for record in RECORDS_OF for check in CHECKS]
LOOKS = ("not read", "a part", "whole", "whole", "whole", "whole, the account narrowed")
ANSWERS = ("fails", "fails", "passes", "passes", "unsure")
PRESENT = ("there", "there", "there", "not there", "merged", "anonymised")
ARRIVALS = ("delivered", "delivered", "nothing_shared", "owed")
NO_RECORD = {source: pl.Schema(RECORDS) for source in SOURCES}
Name = tuple[str, str, str]


def of(*choices: str, number: int) -> st.SearchStrategy[list[str]]:
    """Return a choice for each of so many."""
    return st.lists(st.sampled_from(choices), min_size=number, max_size=number)


class LifeOfFindings(RuleBasedStateMachine):
    """Nights and people's answers in any order, told to the store and to the model."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self.store = FindingStore(Path(self._folder.name) / "state" / "findings.sqlite")
        self.lives: dict[Name, Life] = {}
        self.live_since: dict[str, int] = {}
        self.day = date(2022, 12, 1)
        self.nights = 0

    def teardown(self) -> None:
        """Leave nothing behind."""
        event(f"nights: {self.nights // 10 * 10} or more")
        self._folder.cleanup()

    @property
    def at(self) -> datetime:
        """Return the time of tonight's run."""
        return datetime.combine(self.day, time(5), UTC)

    @rule(
        days=st.integers(1, 6),
        looks=of(*LOOKS, number=len(SOURCES)),
        present=of(*PRESENT, number=len(SOURCES) * len(RECORDS_OF)),
        answers=of(*ANSWERS, number=len(NAMES)),
        arrivals=of(*ARRIVALS, number=len(SOURCES) * len(RECORDS_OF)),
        how=st.sampled_from(("as usual", "as usual", "as usual", "dry", "killed", "recorded again")),
    )
    def night(
        self,
        days: int,
        looks: list[str],
        present: list[str],
        answers: list[str],
        arrivals: list[str],
        how: str,
    ) -> None:
        """Let a night pass; killed, it has no chance to say what was delivered."""
        self.day += timedelta(days=days)
        self.nights += 1
        who = [(source, record) for source in SOURCES for record in RECORDS_OF]
        seen = dict(zip(who, present, strict=True))
        look = dict(zip(SOURCES, looks, strict=True))
        said = {
            name: _look(look[name[0]], seen[name[:2]], answer)
            for name, answer in zip(NAMES, answers, strict=True)
        }
        night = _night(f"run-{self.nights}", self.at, look, said)
        if how == "dry":
            before = self._stands()
            self.store.record_night(night, keep=False)
            assert self._stands() == before
            return
        counts = self.store.record_night(night)
        if how == "recorded again":
            assert self.store.record_night(night) == counts
        ended = self._model(look, said)
        verified = [
            (source, "person", record, why)
            for (source, record), why in zip(who, arrivals, strict=True)
            if why != "owed" and how != "killed"
        ]
        if how != "killed":
            told = pl.DataFrame(verified, schema=VERIFIED, orient="row")
            counts = self.store.delivered(night.run_id, self.at, told)
            for source, _, record, why in verified:
                for name in NAMES:
                    if name[:2] == (source, record) and name in self.lives:
                        self.lives[name].arrived(self.day, why)
        self._compare(counts, ended)

    def _model(self, look: dict[str, str], said: dict[Name, Look]) -> int:
        """Let the model live through the night; return how many findings were living before."""
        living = sum(life.state not in OVER for life in self.lives.values())
        for name, one in said.items():
            if name in self.lives:
                self.lives[name].night(self.day, one)
            elif one.there and one.answer == "fails" and not one.gone:
                early = self.live_since.get(name[0], self.nights) == self.nights
                self.lives[name] = Life(CHECKS[name[2]], self.day, early)
        for source, how in look.items():
            if how.startswith("whole"):
                self.live_since.setdefault(source, self.nights)
        return living

    def _compare(self, counts: dict[str, int], living: int) -> None:
        self._agree()
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
            life.told[-1][0] == self.day and life.told[-1][1] == "mended" and life.told[-1][2] == "open"
            for life in self.lives.values()
        )
        came, went = counts["new"] + counts["reopened"] - relapsed, counts["closed"] + counts["withdrawn"]
        assert now == living + came - went

    @rule(
        whose=st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True),
        answer=st.sampled_from(
            [
                ("acknowledge", ""),
                ("accept", "asked_unknown"),
                ("accept", "refused"),
                ("dispute", "check_is_wrong"),
                ("dispute", "correct_as_is"),
                ("uphold", "check_is_wrong"),
                ("reject", "dispute_rejected"),
                ("take_back", ""),
            ]
        ),
        days=st.integers(0, 20),
    )
    def answer(self, whose: list[Name], answer: tuple[str, str], days: int) -> None:
        """Let somebody answer some findings."""
        action, reason = answer
        until = self.day + timedelta(days=days) if action in ("accept", "uphold") else None
        codes = {_code(name): name for name in whose}
        told = self.store.acted(codes, action, "somebody", reason, self.at, until=until)
        expected = {
            code: self.lives[name].act(self.day, action, "somebody", reason, until)
            if name in self.lives
            else "unknown"
            for code, name in codes.items()
        }
        assert told == expected
        self._agree()

    @rule(days=st.integers(5, 40))
    def sweep(self, days: int) -> None:
        """Let what ended long ago go."""
        before = self.day - timedelta(days=days)
        old = [name for name, life in self.lives.items() if life.ended and life.ended < before]
        assert self.store.sweep(datetime.combine(before, time(5), UTC)) == len(old)
        for name in old:
            del self.lives[name]
        self._agree()

    def _agree(self) -> None:
        assert self._stands() == {
            name: (
                life.state,
                life.severity,
                str(life.born),
                str(life.opened),
                life.times,
                life.due,
                life.baseline,
                life.by,
                life.reason,
                "" if life.until is None else str(life.until),
                life.told,
            )
            for name, life in self.lives.items()
        }

    def _stands(self) -> dict[Name, Any]:
        told: dict[str, list[Any]] = {}
        for row in self.store.events().iter_rows(named=True):
            change = (date.fromisoformat(row["at"][:10]), row["from"], row["to"], row["reason"])
            told.setdefault(row["code"], []).append(change)
        return {
            (row["source"], row["record"], row["check"]): (
                row["state"],
                row["severity"],
                row["first_seen"][:10],
                row["opened"][:10],
                row["times_opened"],
                row["due"],
                row["baseline"],
                row["acted_by"],
                row["reason"],
                row["until"],
                told[row["code"]],
            )
            for row in self.store.frame(set(State)).iter_rows(named=True)
        }


def _look(look: str, present: str, answer: str) -> Look:
    whole = look.startswith("whole")
    there = look != "not read" and present == "there"
    gone = present if present in ("merged", "anonymised") and look != "not read" else ""
    return Look(whole, look == "whole", there or (bool(gone) and answer == "fails"), answer, gone)


def _night(run_id: str, at: datetime, look: dict[str, str], said: dict[Name, Look]) -> Night:
    """Return the night as the store is told of it."""
    found = [
        (source, "person", record, 1, check, "nhs_number", CHECKS[check], "none", "")
        for (source, record, check), one in said.items()
        if one.there and one.answer == "fails"
    ]
    unsure = [
        (source, "person", record, check)
        for (source, record, check), one in said.items()
        if one.answer == "unsure"
    ]
    seen = {(source, "person", record) for (source, record, _), one in said.items() if one.there}
    gone = {(source, "person", record, one.gone) for (source, record, _), one in said.items() if one.gone}
    return Night(
        run_id,
        at,
        pl.DataFrame(found, schema=FINDINGS, orient="row"),
        [source for source, how in look.items() if how.startswith("whole")],
        pl.DataFrame(unsure, schema=UNDECIDED, orient="row"),
        [source for source, how in look.items() if how == "whole"],
        pl.DataFrame(sorted(seen), schema=RECORDS, orient="row"),
        pl.DataFrame(sorted(gone), schema=GONE, orient="row"),
    )


def _code(name: Name) -> str:
    source, record, check = name
    text = ("",) * 7
    return Finding(
        source, "person", record, check, "nhs_number", "", "", State.OPEN, *text[:5], 1, "", False, *text[:5]
    ).code


TestLifeOfFindings = seed(SEED)(LifeOfFindings).TestCase
TestLifeOfFindings.settings = settings(
    max_examples=30,
    stateful_step_count=45,
    deadline=None,
    database=None,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)
