"""Who is linked to whom is part of what may be shared: each change of it is judged."""

from pathlib import Path

import pytest

from sharing import load_dpia
from sharing.diff import Effect, compare
from tests.unit.sharing.records import example
from tests.unit.sharing.test_diff import edited

WIDENS, NARROWS, NEITHER = Effect.WIDENS, Effect.NARROWS, Effect.NEITHER
NUMBER = "      - {id: number, agreeIn: [person.nhs_number]}\n"
NONE = "    probabilistic: none\n"
WEIGHED = "    probabilistic: splink\n    linkFrom: 0.999\n"


@pytest.mark.parametrize(
    ("old", "new", "there", "back"),
    [
        ("    sources: [hub, community_support]\n", "    sources: [hub]\n", NARROWS, WIDENS),
        (NUMBER, "", NARROWS, WIDENS),
        (NONE, WEIGHED, WIDENS, NARROWS),
        ("whoLearns: nobody", "whoLearns: each_provider_its_own", WIDENS, NARROWS),
        ("    why: Whoever is known to the hub", "    why: Anybody known to the hub", NEITHER, NEITHER),
    ],
    ids=["a source", "a rule", "weighing", "who learns", "the reason"],
)
def test_linking_more_widens_and_linking_less_narrows(
    tmp_path: Path, old: str, new: str, there: Effect, back: Effect
) -> None:
    """Whoever is linked by more, or to more, is a change that all controllers sign."""
    changed = load_dpia(edited(tmp_path, old, new))
    assert compare(example(), changed)[0].effect is there
    assert compare(changed, example())[0].effect is back


def test_a_lower_probability_widens(tmp_path: Path) -> None:
    """What links from 0.99 on links more than what links from 0.999 on."""
    strict = load_dpia(edited(tmp_path, NONE, WEIGHED))
    loose = load_dpia(edited(tmp_path, NONE, WEIGHED.replace("0.999", "0.99")))
    (lower,), (higher,) = compare(strict, loose), compare(loose, strict)
    assert (lower.effect, higher.effect) == (WIDENS, NARROWS)


def test_what_is_less_probable_and_told_widens(tmp_path: Path) -> None:
    """A pair that is told to its own provider before it links is told to somebody who was not told before."""
    silent = load_dpia(edited(tmp_path, NONE, WEIGHED))
    telling = load_dpia(edited(tmp_path, NONE, WEIGHED + "    tellFrom: 0.9\n"))
    (more,), (less,) = compare(silent, telling), compare(telling, silent)
    assert (more.effect, less.effect) == (WIDENS, NARROWS)
