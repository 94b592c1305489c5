"""Thirty nights of two sources' findings, drawn by chance: what becomes of each record, who answers what."""

import random
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TypeVar

from common.clock import LONDON
from tests.unit.quality.life_model import LEADS, Look
from tests.unit.quality.life_nights import CHECKS, RETIRED, LifeNights, Name, Record, Sight

T = TypeVar("T")
NIGHTS = 30
SOURCES = ("hub", "other")
PEOPLE = (*(f"P{number}" for number in range(12)), "row 7", "row 8", "row 9")
# Of the second the year is over within the spring's nights, of the third within the autumn's.
MONTHS = ("EXPORT", "EXPORT 2021-03", "EXPORT 2021-10", "EXPORT 2022-05")
JUDGED = "SUB-03"
# A referral may have the reference of a person.
REFERRALS = ("P1", "R2", "R3", "R4", "row 7", "row 8")
RECORDS = {"person": PEOPLE, "referral": REFERRALS, "submission": MONTHS}
EVERY = [
    (source, entity, record) for source in SOURCES for entity, names in RECORDS.items() for record in names
]
NAMES: list[Name] = [
    (*record, check) for record in EVERY for check, (entity, *_) in CHECKS.items() if entity == record[1]
]
SEVERITIES = ("error", "warning", "info")
HOURS = (time(0, 20), time(5), time(23, 40))
ACTS = (
    ("acknowledge", ""),
    ("accept", "asked_unknown"),
    ("accept", "refused"),
    ("accept", "no_place_for_it"),
    ("dispute", "check_is_wrong"),
    ("dispute", "correct_as_is"),
    ("uphold", "check_is_wrong"),
    ("reject", "dispute_rejected"),
    ("take_back", ""),
)
TO_BE_MET = {
    *("passes", "delivered", "nothing_shared", "no_record", "found_again", "expired", "vanished", "row_gone"),
    *(
        "merged",
        "anonymised",
        "forgotten",
        "switched_off",
        "check_retired",
        "period_over",
        "asked_unknown",
        "check_is_wrong",
    ),
    *(
        "dispute_rejected",
        "changed",
        "already",
        "not_from_here",
        "unknown",
        "dry run",
        "killed",
        "recorded again",
    ),
}


class ThirtyNights:
    """A world of records and what is wrong with each; every night some of it changes."""

    def __init__(self, folder: Path, drawn: random.Random) -> None:
        self.drawn = drawn
        self.told = LifeNights(folder)
        # The clocks go forward or back within the thirty nights.
        self.day = drawn.choice((date(2022, 3, 10), date(2022, 10, 15)))
        self.fails = {name: drawn.random() < 0.3 for name in NAMES}
        self.present = dict.fromkeys(EVERY, "there")
        self.off: set[tuple[str, str]] = set()
        self.graver: dict[tuple[str, str], str] = {}
        self.old_release = True
        self._met: Counter[str] = Counter()

    def one(self) -> None:
        """Let a night pass, and the day after it."""
        self.day += timedelta(days=self._one_of(1, 1, 1, 1, 2))
        at = datetime.combine(self.day, self._one_of(*HOURS), LONDON).astimezone(UTC)
        self._change()
        sight = self._sight()
        if self._now_and_then(0.15):
            self.told.dry_run(at, sight)
            self._met["dry run"] += 1
        self.told.night(at, sight)
        self._met.update({"killed": sight.killed, "recorded again": bool(sight.again)})
        for _ in range(6):
            self._answer(at)
        self.told.agrees(self.day)
        if self._now_and_then(0.1):
            before = self.day - timedelta(days=self.drawn.randint(3, 12))
            self.told.sweep(datetime.combine(before, time(), LONDON))
            self.told.agrees(self.day)

    def met(self) -> Counter[str]:
        """Return how often each thing has happened so far: reasons of changes, what came of answers, runs."""
        lives = [*self.told.lives.values(), *self.told.swept]
        return Counter(change[3] for life in lives for change in life.told if change[3]) + self._met

    def never_met(self) -> set[str]:
        """Return what should have happened and never did."""
        return TO_BE_MET - set(self.met())

    def _change(self) -> None:
        for name in NAMES:
            if self._now_and_then(0.15):
                self.fails[name] = not self.fails[name]
        for record in EVERY:
            if record[1] != "submission" and self._now_and_then(0.12):
                gone = ("not there", "not there", "merged", "anonymised", "forgotten")
                self.present[record] = self._one_of(*gone, *["there"] * 8)
        if self._now_and_then(0.1):
            self.old_release = not self.old_release
        for source in SOURCES:
            for check in CHECKS:
                self._tune(source, check)

    def _tune(self, source: str, check: str) -> None:
        """Let the site switch a check off or on, or say how grave it is."""
        if self._now_and_then(0.04):
            self.off ^= {(source, check)}
        if self._now_and_then(0.04):
            self.graver[source, check] = self._one_of(*SEVERITIES)

    def _sight(self) -> Sight:
        looks = {
            source: self._one_of("not read", "a part", *["whole, narrowed"] * 2, *["whole"] * 6)
            for source in SOURCES
        }
        unasked = {
            (source, check) for source in SOURCES for check in CHECKS if self._now_and_then(0.03)
        } - self.off
        said = {name: self._look(name, looks[name[0]], unasked) for name in NAMES}
        killed = self._now_and_then(0.1)
        again = self._one_of("as it was", "with more", "when all is done") if self._now_and_then(0.4) else ""
        again = again if self.told.nights else "with more"
        whole = [source for source, look in looks.items() if look.startswith("whole")]
        judged = {(source, JUDGED, self._judged_from) for source in whole}
        return Sight(looks, said, self._arrived(), unasked, killed, again, judged)

    @property
    def _judged_from(self) -> str:
        """Return the month of a year ago: of what was before it nobody is asked any more."""
        return f"{self.day.year - 1}-{self.day.month:02d}"

    def _look(self, name: Name, look: str, unasked: set[tuple[str, str]]) -> Look:
        of_check, present = (name[0], name[3]), self.present[name[:3]]
        read, whole = look != "not read", look.startswith("whole")
        retired = name[3] == RETIRED
        answer = "fails" if self.fails[name] and (self.old_release or not retired) else "passes"
        if of_check in unasked or self._now_and_then(0.03):
            answer = "unsure"
        gone = present if present in ("merged", "anonymised", "forgotten") and read else ""
        there = read and (present == "there" or (bool(gone) and answer == "fails"))
        vanishes = "row_gone" if name[2].startswith("row ") else "vanished"
        severity = self.graver.get(of_check, "")
        over = whole and name[3] == JUDGED and " " in name[2] and name[2].split()[1] < self._judged_from
        off, tells = of_check in self.off, look == "whole"
        return Look(whole, tells, there, answer, gone, off, severity, vanishes, retired, over)

    def _arrived(self) -> dict[Record, str]:
        """Return of the records that no flow owes tonight why that is so."""
        arrived = {}
        for record in EVERY:
            why = self._one_of("owed", "owed", "delivered", "delivered", "delivered", "nothing_shared")
            if why != "owed":
                arrived[record] = "no_record" if record[1] == "submission" else why
        return arrived

    def _answer(self, at: datetime) -> None:
        """Let somebody answer one finding, at times some; most answers fit, some are given twice."""
        action, reason = self._one_of(*ACTS)
        fit = [name for name, life in self.told.lives.items() if life.state in LEADS[action][0]]
        pool = fit if fit and not self._now_and_then(0.2) else NAMES
        whose = {self._one_of(*pool) for _ in range(self._one_of(1, 1, 3))}
        last_day = self.day + timedelta(days=self.drawn.randint(0, 6))
        until = last_day if action in ("accept", "uphold") else None
        for _ in range(self._one_of(1, 1, 1, 1, 2)):
            self._met += self.told.answer(at, whose, action, reason, until)

    def _now_and_then(self, share: float) -> bool:
        return self.drawn.random() < share

    def _one_of(self, *choices: T) -> T:
        return self.drawn.choice(choices)
