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
    asked: int = 0
    silent: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.before: Cells = released(example(), self.sources)

    def run(self, chosen: list[Edit]) -> str:
        """Try them all and return what became of them, in words."""
        for edit in chosen:
            outcome = self.became(edit)
            assert outcome == NOTHING or not PROSE.search(edit.after), (edit.line, edit.after, outcome)
            self.counts[outcome] += 1
        told = ", ".join(f"{count} {what}" for what, count in sorted(self.counts.items()))
        return (
            f"{len(chosen)} edits: {told}; {self.decided} of those that let no more out decided anew for a"
            f" whole world, {len(self.silent)} of them let more out silently; of {self.asked} it was asked"
            " who must sign"
        )

    def became(self, edit: Edit) -> str:
        """Return what became of the edit: refused, or what it does; what lets more out unsaid is noted."""
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
            self.silent += [told] if now - self.before else []
            assert less or not self.before - now, f"{told}: it is said to change nothing"
        return "narrows" if less else NOTHING

    def asks(self, after: Dpia, *, any_one: bool) -> None:
        """See, of one edit in so many, that signing it anew asks whom it must: the touched, or anybody."""
        if self.counts.total() % self.one_in == 0:
            self.asked += 1
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
    assert trial.silent == []
    assert len(trial.counts) == 4
    assert trial.counts.total() == SOME
    assert trial.decided > 10
    assert trial.asked > trial.decided


@pytest.mark.soak
@pytest.mark.parametrize(("count", "sources"), [(SOME, ("hub",)), (1_000_000, SOURCES)], ids=("some", "all"))
def test_no_edit_that_is_decided_anew_lets_more_out_silently(
    count: int, sources: tuple[str, ...], tmp_path: Path, say: Callable[[str], None]
) -> None:
    """Each edit of the test above, then every edit there is for every source: all of them decided anew."""
    trial = Trial(tmp_path, one_in=1, sources=sources)
    say(trial.run(edits(text(), count, SEED)))
    assert trial.silent == []
    assert trial.decided == trial.counts["narrows"] + trial.counts[NOTHING]


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
    assert trial.silent
    assert caught > 1
