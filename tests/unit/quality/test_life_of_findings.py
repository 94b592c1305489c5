"""Thirty nights and more: after each, every finding stands where an independent model says it stands."""

import random
import tempfile
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, event, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from tests.today import SEED
from tests.unit.quality.life_model import Look
from tests.unit.quality.life_nights import LifeNights, Name, Sight
from tests.unit.quality.thirty_nights import NIGHTS, ThirtyNights

SOURCES = ("hub", "other")
RECORDS_OF = ("P1", "P2", "P3")
WHO = [(source, "person", record) for source in SOURCES for record in RECORDS_OF]
NAMES = [(*record, check) for record in WHO for check in ("PER-05", "PER-06", "PER-12")]
LOOKS = ("not read", "a part", "whole", "whole", "whole", "whole, the account narrowed")
ANSWERS = ("fails", "fails", "passes", "passes", "unsure")
PRESENT = ("there", "there", "there", "not there", "merged", "anonymised")
ARRIVALS = ("delivered", "delivered", "nothing_shared", "owed")
AGAIN = ("as it was", "with more", "when all is done")
ACTS = (
    ("acknowledge", ""),
    ("accept", "asked_unknown"),
    ("accept", "refused"),
    ("dispute", "check_is_wrong"),
    ("dispute", "correct_as_is"),
    ("uphold", "check_is_wrong"),
    ("reject", "dispute_rejected"),
    ("take_back", ""),
)
FIXED = (3, 4)


@pytest.mark.parametrize("number", dict.fromkeys([*FIXED, SEED]))
def test_after_each_of_thirty_nights_every_finding_stands_where_the_model_says(
    number: int, tmp_path: Path, say: Callable[[str], None]
) -> None:
    """Flaws appear, are mended, relapse, vanish, are accepted, disputed, expire: state, history and counts.

    Two sequences are always the same, one is another every day; each meets whatever there is to meet.
    """
    nights = ThirtyNights(tmp_path, random.Random(number))
    for _ in range(NIGHTS):
        nights.one()
    met = nights.met()
    say(f"life of findings, seed {number}: {NIGHTS} nights, {len(nights.told.lives)} findings, {dict(met)}")
    assert number not in FIXED or nights.never_met() == set()


def of(*choices: str, number: int) -> st.SearchStrategy[list[str]]:
    """Return a choice for each of so many."""
    return st.lists(st.sampled_from(choices), min_size=number, max_size=number)


class LifeOfFindings(RuleBasedStateMachine):
    """Nights and people's answers in any order, told to the store and to the model."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self.told = LifeNights(Path(self._folder.name))
        self.day = date(2022, 12, 1)

    def teardown(self) -> None:
        """Leave nothing behind."""
        event(f"nights: {self.told.nights // 10 * 10} or more")
        self._folder.cleanup()

    @property
    def at(self) -> datetime:
        """Return the time of tonight's run."""
        return datetime.combine(self.day, time(5), UTC)

    @rule(
        days=st.integers(1, 6),
        looks=of(*LOOKS, number=len(SOURCES)),
        present=of(*PRESENT, number=len(WHO)),
        answers=of(*ANSWERS, number=len(NAMES)),
        arrivals=of(*ARRIVALS, number=len(WHO)),
        how=st.sampled_from(("as usual", "as usual", "as usual", "dry", "killed", *AGAIN)),
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
        seen, look = dict(zip(WHO, present, strict=True)), dict(zip(SOURCES, looks, strict=True))
        said = {
            name: _look(look[name[0]], seen[name[:3]], answer)
            for name, answer in zip(NAMES, answers, strict=True)
        }
        arrived = {record: why for record, why in zip(WHO, arrivals, strict=True) if why != "owed"}
        again = how if how in AGAIN else ""
        sight = Sight(look, said, arrived, killed=how == "killed", again=again)
        (self.told.dry_run if how == "dry" else self.told.night)(self.at, sight)

    @rule(
        whose=st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True),
        answer=st.sampled_from(ACTS),
        days=st.integers(0, 20),
    )
    def answer(self, whose: list[Name], answer: tuple[str, str], days: int) -> None:
        """Let somebody answer some findings."""
        until = self.day + timedelta(days=days) if answer[0] in ("accept", "uphold") else None
        self.told.answer(self.at, whose, *answer, until)
        self.told.agrees(self.day)

    @rule(days=st.integers(5, 40))
    def sweep(self, days: int) -> None:
        """Let what ended long ago go."""
        self.told.sweep(self.at - timedelta(days=days))
        self.told.agrees(self.day)


def _look(look: str, present: str, answer: str) -> Look:
    whole = look.startswith("whole")
    there = look != "not read" and present == "there"
    gone = present if present in ("merged", "anonymised") and look != "not read" else ""
    return Look(whole, look == "whole", there or (bool(gone) and answer == "fails"), answer, gone)


TestLifeOfFindings = seed(SEED)(LifeOfFindings).TestCase
TestLifeOfFindings.settings = settings(
    max_examples=20,
    stateful_step_count=45,
    deadline=None,
    database=None,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)
