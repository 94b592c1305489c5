"""Hundreds of single-token edits of the example's assessment: none lets more out without saying so."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from commands.sample_site import write_sample_site
from config.site import Site
from sealing.trust import read_trust
from sharing import Dpia, load_dpia
from sharing.diff import Effect, compare, refused_versions
from sharing.errors import DpiaRefused
from sharing.signing import judge, needed, why_not_signed
from tests.edited_assessments import PROSE, Cells, Deciding, Edit, edits
from tests.signing_of_sites import sign_site
from tests.unit.sharing.records import EXAMPLE, example

SEED, SOME, ASKS_ONE_IN = 20_261_122, 510, 6
SOURCES = ("hub", "community_support", "domestic_abuse_support")
EACH, NONE_YET = 4, "signatures: []\n"
SPEAKS = re.compile(r"what only they can say of themselves\.$")
NOTHING = "changes nothing that leaves"


@dataclass
class Trial:
    """Edits tried one by one; each that is said to let no more out is decided anew."""

    folder: Path
    sources: tuple[str, ...] = ("hub",)
    asks_one_in: int = ASKS_ONE_IN
    counts: Counter[str] = field(default_factory=Counter)
    decided: int = 0
    asked: int = 0
    silent: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.deciding = Deciding(self.sources)
        self.before: Cells = self.deciding.released(example())

    def run(self, chosen: list[Edit]) -> str:
        """Try them all and return what became of them, in words."""
        for edit in chosen:
            outcome = self.became(edit)
            assert outcome == NOTHING or not PROSE.search(edit.after), (edit.line, edit.after, outcome)
            self.counts[outcome] += 1
        told = ", ".join(f"{count} {what}" for what, count in sorted(self.counts.items()))
        return (
            f"{len(chosen)} edits: {told}; all {self.decided} that let no more out decided anew for a world"
            f" of awkward people ({self.deciding.decided} flows decided, {self.deciding.as_before} compiled"
            f" just as one of these), {len(self.silent)} of them let more out silently; of {self.asked} it"
            " was asked who must sign"
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
        self.decided += 1
        now = self.deciding.released(after)
        self.silent += [told] if now - self.before else []
        assert less or not self.before - now, f"{told}: it is said to change nothing"
        return "narrows" if less else NOTHING

    def asks(self, after: Dpia, *, any_one: bool) -> None:
        """See, of one edit in so many, that signing it anew asks whom it must: the touched, or anybody."""
        if self.counts.total() % self.asks_one_in == 0:
            self.asked += 1
            found = needed(example(), after)
            assert any_one or not found.any_one
            assert found.any_one == any_one or SPEAKS.search(found.because)
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
    assert trial.decided == trial.counts["narrows"] + trial.counts[NOTHING] > 100
    assert trial.asked > 30


@pytest.mark.soak
@pytest.mark.parametrize(("count", "sources"), [(SOME, ("hub",)), (1_000_000, SOURCES)], ids=("some", "all"))
def test_no_edit_that_is_decided_anew_lets_more_out_silently(
    count: int, sources: tuple[str, ...], tmp_path: Path, say: Callable[[str], None]
) -> None:
    """Each edit of the test above, then every edit there is for every source: all of them decided anew."""
    trial = Trial(tmp_path, asks_one_in=1, sources=sources)
    say(trial.run(edits(text(), count, SEED)))
    assert trial.silent == []
    assert trial.decided == trial.counts["narrows"] + trial.counts[NOTHING]


def test_the_world_would_show_what_a_blind_comparison_lets_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The net itself: were every change taken for prose, edits that let more out would be seen."""
    monkeypatch.setattr("sharing.diff.comparing.judge_of", lambda _path: lambda _was, _now: Effect.NEITHER)
    trial, caught = Trial(tmp_path, asks_one_in=1), 0
    for edit in edits(text(), 24, SEED):
        try:
            trial.became(edit)
        except AssertionError:
            caught += 1
    assert trial.silent
    assert caught > 1


def test_an_edit_that_is_signed_anew_runs_only_under_the_number_it_needs(
    tmp_path: Path, say: Callable[[str], None]
) -> None:
    """Four of each kind, signed by the parties of a real site as the next version of what they signed before.

    The old signatures hold for nobody over the new bytes. What lets no more out loads as a PATCH, signed;
    what lets more out is refused as a PATCH though all have signed it, and loads as a MAJOR version.
    """
    site = write_sample_site(tmp_path / "site", {})
    site.dpia.write_bytes(EXAMPLE.read_bytes())
    sign_site(site)
    first = site.dpia.read_text(encoding="utf-8")
    lines = re.findall(r"(?m)^    - .*controller-.*\n", first)
    tried: Counter[str] = Counter()
    for edit in edits(text(), 60, SEED):
        kind = kind_of(edit, tmp_path)
        if kind == "refused" or tried[kind] == EACH:
            continue
        tried[kind] += 1
        site.dpia.write_text(edit.text.replace(NONE_YET, f"signatures:\n{''.join(lines)}"), encoding="utf-8")
        trust = read_trust(site.keys.public)
        assert judge(load_dpia(site.dpia), trust).parties == frozenset()
        signed_as(site, edit, first, patch=True)
        if kind == "demands MAJOR":
            with pytest.raises(DpiaRefused, match="widens"):
                load_dpia(site.dpia)
            signed_as(site, edit, first, patch=False)
        after = load_dpia(site.dpia, sources=SOURCES)
        assert after.version == ("2.0.0" if kind == "demands MAJOR" else "1.0.1")
        assert why_not_signed(after, trust) == []
    say(f"{tried.total()} edits signed anew and loaded: {dict(sorted(tried.items()))}")
    assert set(tried.values()) == {EACH}
    assert len(tried) == 3


def kind_of(edit: Edit, folder: Path) -> str:
    """Return what the edit does, as the comparison says."""
    path = folder / "edited.yaml"
    path.write_text(edit.text, encoding="utf-8")
    try:
        effects = {change.effect for change in compare(example(), load_dpia(path, sources=SOURCES))}
    except DpiaRefused:
        return "refused"
    less = "narrows" if Effect.NARROWS in effects else NOTHING
    return "demands MAJOR" if Effect.WIDENS in effects else less


def signed_as(site: Site, edit: Edit, previous: str, *, patch: bool) -> None:
    """Let all parties sign the edited file as the version after the one that they signed before."""
    site.dpia.write_text(edit.text, encoding="utf-8", newline="")
    sign_site(site, patch=patch, previous=previous)
