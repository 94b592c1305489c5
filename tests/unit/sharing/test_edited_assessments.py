"""Hundreds of single-token edits of the example's assessment: none lets more out without saying so."""

import gc
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest

from config.documents import Problem
from sharing import Dpia
from sharing.diff import Effect, compare
from tests.edited_assessments import PROSE, Deciding, Edit, edits
from tests.parties import EVERYBODY
from tests.signed_edits import MAJOR, PATCH, Signing
from tests.today import SEED
from tests.unit.sharing.records import EXAMPLE, example

DRAWN_BY, SOME, UNSIGNED_ONE_IN, DAYS = 20_261_122, 510, 16, 3
HUB, ALL_SOURCES = ("hub",), ("hub", "community_support", "domestic_abuse_support")
NEEDS_MAJOR = re.compile(r"version 1\.0\.1 widens 1\.0\.0 and must be 2\.0\.0, signed by all")
SPEAKS = re.compile(r"what only they can say of themselves\.$|whose records are shared on\.$")
NOTHING = "changes nothing that leaves"
WIDENS = "demands MAJOR"
REFUSED = "refused"


@pytest.fixture(autouse=True)
def _collected_seldom() -> Iterator[None]:
    """Let Python look for garbage less often while large files are read by the hundred."""
    usual = gc.get_threshold()
    gc.set_threshold(200_000, 50, 50)
    yield
    gc.set_threshold(*usual)


@cache
def deciding(sources: tuple[str, ...]) -> Deciding:
    """Return what decides for these sources; what it decided once, it knows."""
    return Deciding(sources)


@dataclass
class Trial:
    """Edits tried one by one, each signed anew; each that is said to let no more out is decided anew."""

    folder: Path
    sources: tuple[str, ...] = HUB
    counts: Counter[str] = field(default_factory=Counter)
    signed: Counter[str] = field(default_factory=Counter)
    unsigned_one_in: int = 1
    unsigned: int = 0
    decided: int = 0
    silent: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.signing = Signing(self.folder, text())
        self.before = deciding(self.sources).released(example())

    def run(self, chosen: list[Edit]) -> str:
        """Try them all and return what became of them, in words."""
        for edit in chosen:
            outcome = self.became(edit)
            assert outcome == NOTHING or not PROSE.search(edit.after), (edit.line, edit.after, outcome)
            self.counts[outcome] += 1
        told = ", ".join(f"{count} {what}" for what, count in sorted(self.counts.items()))
        who = ", ".join(f"{count} by {what}" for what, count in sorted(self.signed.items()))
        world = deciding(self.sources)
        return (
            f"{len(chosen)} edits, each signed by all: {told} ({self.unsigned} of them loaded unsigned too:"
            f" the same); all {self.signed.total()} that load run signed by those whom they ask ({who}) and"
            f" by no fewer; all {self.decided} that let no more out decided anew for a world of awkward"
            f" people ({world.decided} flows decided, {world.as_before} compiled just as one of these),"
            f" {len(self.silent)} of them let more out silently"
        )

    def became(self, edit: Edit) -> str:
        """Return what became of the edit: refused, or what it does; what lets more out unsaid is noted."""
        told = f"line {edit.line}: {edit.before!r} became {edit.after!r}"
        loaded = self.signing.load(edit, PATCH, EVERYBODY)
        if self.counts.total() % self.unsigned_one_in == 0:
            self.same_unsigned(edit, loaded, told)
        if isinstance(loaded, Dpia):
            self.runs_signed(loaded, told, widens=False)
            return self.no_more(loaded, told)
        if any(not NEEDS_MAJOR.match(problem.text) for problem in loaded):
            return REFUSED
        major = self.signing.load(edit, MAJOR, EVERYBODY)
        assert isinstance(major, Dpia), (told, major)
        self.runs_signed(major, told, widens=True)
        return WIDENS

    def same_unsigned(self, edit: Edit, loaded: Dpia | list[Problem], told: str) -> None:
        """See that signatures make no difference to what loads, and to what is wrong with what does not."""
        self.unsigned += 1
        unsigned = self.signing.load(edit, PATCH, ())
        assert said_of(unsigned) == said_of(loaded), told

    def runs_signed(self, after: Dpia, told: str, *, widens: bool) -> None:
        """See that it runs signed by all, and by those alone whom it asks; and not with one fewer."""
        assert after.sha256 != example().sha256, f"{told}: what was signed would be this as well"
        assert self.signing.standing(after, EVERYBODY).reasons == [], told
        unsigned = self.signing.standing_as_before(after)
        asked = unsigned.needed
        assert unsigned.reasons != [], f"{told}: it runs under the old signatures"
        assert unsigned.judged.parties == frozenset(), told
        assert unsigned.lacking == sorted(asked.parties) != [], told
        assert asked.any_one != (widens or bool(SPEAKS.search(asked.because))), told
        turn = self.signed.total()
        first = unsigned.lacking[turn % len(unsigned.lacking)]
        others = [party for party in unsigned.lacking if party != first]
        enough = [first] if asked.any_one else [first, *others]
        assert self.signing.standing(after, enough).reasons == [], told
        if others and not asked.any_one:
            assert self.signing.standing(after, others).lacking == [first], told
        self.signed["any one" if asked.any_one else f"each of {len(enough)}"] += 1

    def no_more(self, after: Dpia, told: str) -> str:
        """Return which it does, less or nothing, of an edit said to let no more out; and decide it."""
        changes = compare(example(), after)
        assert all(change.effect is not Effect.WIDENS for change in changes), told
        less = any(change.effect is Effect.NARROWS for change in changes)
        self.decided += 1
        now = deciding(self.sources).released(after)
        self.silent += [told] if now - self.before else []
        assert less or not self.before - now, f"{told}: it is said to change nothing"
        return "narrows" if less else NOTHING


def said_of(loaded: Dpia | list[Problem]) -> str | list[str]:
    """Return the digest of what loads, else what is wrong with it."""
    return loaded.sha256 if isinstance(loaded, Dpia) else [problem.text for problem in loaded]


def text() -> str:
    return EXAMPLE.read_text(encoding="utf-8")


def test_no_edit_of_one_token_lets_more_out_silently(tmp_path: Path, say: Callable[[str], None]) -> None:
    """Each, signed by all, is refused, narrows, changes nothing released, or demands a MAJOR version.

    Prose does nothing. Each is the version after the one that all have signed, in a file of its own, and
    signatures make no difference to what loads, nor to what is wrong with what does not. What lets more out
    is refused as a PATCH though all have signed it, and loads as a MAJOR version. All that load run signed
    by those whom they ask and no others, and neither under the old signatures nor with one fewer. What is
    released is decided for a world of awkward people under both files, apart from the comparison. Every third
    of them is tried today, the others on the two days after.
    """
    trial = Trial(tmp_path, unsigned_one_in=UNSIGNED_ONE_IN)
    chosen = edits(text(), SOME, DRAWN_BY)[SEED % DAYS :: DAYS]
    say(f"seed {SEED}: {trial.run(chosen)}")
    assert trial.silent == []
    assert len(trial.counts) == 4
    assert trial.counts.total() == len(chosen) == SOME // DAYS
    assert trial.decided == trial.counts["narrows"] + trial.counts[NOTHING] > 30
    assert trial.signed.total() == len(chosen) - trial.counts[REFUSED]


@pytest.mark.soak
def test_no_edit_there_is_lets_more_out_silently(tmp_path: Path, say: Callable[[str], None]) -> None:
    """The same of every edit there is, decided for every source."""
    trial = Trial(tmp_path, sources=ALL_SOURCES)
    say(trial.run(edits(text(), 1_000_000, DRAWN_BY)))
    assert trial.silent == []
    assert trial.decided == trial.counts["narrows"] + trial.counts[NOTHING]


def test_the_world_would_show_what_a_blind_comparison_lets_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The net itself: were every change taken for prose, edits that let more out would be seen."""
    monkeypatch.setattr("sharing.diff.comparing.judge_of", lambda _path: lambda _was, _now: Effect.NEITHER)
    trial, caught = Trial(tmp_path), 0
    for edit in edits(text(), 24, DRAWN_BY):
        try:
            trial.became(edit)
        except AssertionError:
            caught += 1
    assert trial.silent
    assert caught > 1
