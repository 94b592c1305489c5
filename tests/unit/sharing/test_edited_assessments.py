"""Hundreds of single-token edits of the example's assessment: none lets more out without saying so."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from sharing import Dpia, load_dpia
from sharing.diff import Effect, compare, refused_versions
from sharing.errors import DpiaRefused
from sharing.signing import needed
from tests.edited_assessments import PROSE, Cells, Edit, edits, released
from tests.unit.sharing.records import EXAMPLE, example

SEED, SOME, ONE_IN = 20_261_122, 510, 6
SOURCES = ("hub", "community_support", "domestic_abuse_support")
NOTHING = "changes nothing that leaves"


@dataclass
class Trial:
    """Edits tried one by one; of those that are said to let no more out, one in so many is decided anew."""

    folder: Path
    one_in: int = ONE_IN
    sources: tuple[str, ...] = ("hub",)
    counts: Counter[str] = field(default_factory=Counter)
    decided: int = 0

    def __post_init__(self) -> None:
        self.before: Cells = released(example(), self.sources)

    def run(self, chosen: list[Edit]) -> str:
        """Try them all and return what became of them, in words."""
        for edit in chosen:
            outcome = self.became(edit)
            assert outcome == NOTHING or not PROSE.search(edit.after), (edit.line, edit.after, outcome)
            self.counts[outcome] += 1
        told = ", ".join(f"{count} {what}" for what, count in sorted(self.counts.items()))
        return f"{len(chosen)} edits: {told}; 0 widen silently; {self.decided} decided anew for a whole world"

    def became(self, edit: Edit) -> str:
        """Return what became of the edit: refused, or what it does; more cells must be called more."""
        path = self.folder / "edited.yaml"
        path.write_text(edit.text, encoding="utf-8")
        try:
            after = load_dpia(path, sources=SOURCES)
        except DpiaRefused:
            return "refused"
        assert after.sha256 != example().sha256, f"line {edit.line}: what was signed would be this as well"
        changes = compare(example(), after)
        told = f"line {edit.line}: {edit.before!r} became {edit.after!r}"
        if any(change.effect is Effect.WIDENS for change in changes):
            assert any("widens" in why for why in refused_versions("1.0.0", "1.1.0", changes)), told
            self.asks(after, any_one=False)
            return "demands MAJOR"
        self.asks(after, any_one=True)
        less = any(change.effect is Effect.NARROWS for change in changes)
        if (self.counts.total()) % self.one_in == 0:
            self.decided += 1
            now = released(after, self.sources)
            assert not now - self.before, f"{told}: more leaves, and nobody says so"
            assert less or now == self.before, f"{told}: it is said to change nothing"
        return "narrows" if less else NOTHING

    def asks(self, after: Dpia, *, any_one: bool) -> None:
        """See, of one edit in so many, that signing it anew asks whom it must: the touched, or anybody."""
        if self.counts.total() % ONE_IN == 0:
            found = needed(example(), after)
            assert found.any_one == any_one
            assert found.lacking(frozenset()) == sorted(found.parties) != []


def text() -> str:
    return EXAMPLE.read_text(encoding="utf-8")


def test_no_edit_of_one_token_lets_more_out_silently(tmp_path: Path, say: Callable[[str], None]) -> None:
    """Each is refused, narrows, changes nothing released, or demands a MAJOR version; prose does nothing.

    What is released is decided for a world of awkward people under both files, apart from the comparison.
    Each has a digest of its own, so it must be signed anew, by whom it touches if it lets more out.
    """
    trial = Trial(tmp_path)
    say(trial.run(edits(text(), SOME, SEED)))
    assert len(trial.counts) == 4
    assert trial.counts.total() == SOME
    assert trial.decided > 10


@pytest.mark.soak
def test_no_edit_at_all_lets_more_out_silently(tmp_path: Path, say: Callable[[str], None]) -> None:
    """As above with every edit there is, each decided anew for people of every source."""
    say(Trial(tmp_path, one_in=1, sources=SOURCES).run(edits(text(), 1_000_000, SEED)))


def test_the_world_would_show_what_a_blind_comparison_lets_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The net itself: were every change taken for prose, edits that let more out would be seen."""
    monkeypatch.setattr("sharing.diff.comparing.judge_of", lambda _path: lambda _was, _now: Effect.NEITHER)
    trial, caught = Trial(tmp_path, one_in=1), 0
    for edit in edits(text(), 24, SEED):
        try:
            trial.became(edit)
        except AssertionError:
            caught += 1
    assert caught > 1
