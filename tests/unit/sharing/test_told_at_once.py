"""A value that cannot be read hides nothing that is wrong whatever stood there, and makes nothing up."""

import copy
import random
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from config.documents import Place, Problem, read_tree, read_words, validated
from config.gaps import gaps_of
from sharing import DpiaRefused, load_dpia
from sharing.document import DpiaFile
from sharing.refusals import refusals
from sharing.whatever_stands import refused_whatever_stands
from tests.unit.sharing.records import EXAMPLE
from tests.unit.sharing.test_refusals import REFUSED, TEXT, changed

Way = tuple[str | int, ...]
Told = set[tuple[int, str]]
UNREADABLE = 7.25
TOLD_AT_ONCE = {
    "of another block": (("status: approved", "status: aproved"), ("agreement: dsa-1", "agreement: dsa-2")),
    "of the same flow": (("maxRows: 200000", "maxRows: many"), ("agreement: dsa-1", "agreement: dsa-2")),
    "of a day": (("lawPack: uk/", "lawPack: fr/"), ("effectiveFrom: 20", "effectiveFrom: in 20")),
}


def ways(node: Any, way: Way = ()) -> Iterator[Way]:
    """Yield the way to every single value."""
    pairs: Iterable[tuple[Any, Any]] = (
        node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    )
    if not isinstance(node, dict | list):
        yield way
    for step, inner in pairs:
        yield from ways(inner, (*way, step))


def unreadable(tree: Any, *places: Way) -> Place:
    """Return the file with what nobody can read at these places."""
    tree = copy.deepcopy(tree)
    for *way, last in places:
        node = tree
        for step in way:
            node = node[step]
        node[last] = UNREADABLE
    return Place(EXAMPLE, tree)


def words(problems: Iterable[Problem]) -> Told:
    return {(problem.line, problem.text.partition(" Did you mean ")[0]) for problem in problems}


def told(place: Place) -> Told | None:
    """Return what is told of the file beside what cannot be read; None where more than values cannot."""
    gaps = gaps_of(place, DpiaFile, [])
    if gaps is None:
        return None
    assert gaps.gaps
    return words(refused_whatever_stands(gaps, partial(refusals, place=place, sources=None)))


def with_mistake(name: str) -> tuple[Any, Told]:
    """Return the example with one mistake, and all that is told of it."""
    case = REFUSED[name]
    tree = read_words(TEXT.replace(case["instead_of"], case["there_stands"], 1)).tree
    file, _ = validated(tree, DpiaFile)
    return tree, words(refusals(file, Place(EXAMPLE, tree), None)) if file else set()


def pairs_of(count: int, seed: int) -> Iterator[tuple[str, Any, Told, Way]]:
    """Yield so many mistakes, each with a value somewhere in the same file."""
    draw = random.Random(seed)
    for name in draw.sample(sorted(REFUSED), count):
        tree, all_told = with_mistake(name)
        if all_told:
            yield name, tree, all_told, draw.choice(sorted(ways(tree), key=str))


@pytest.mark.parametrize("why", sorted(TOLD_AT_ONCE))
def test_what_cannot_be_read_and_what_contradicts_are_told_at_once(why: str, tmp_path: Path) -> None:
    """Both stand in one answer, each on its line; and the answer says that there may be more."""
    changes = TOLD_AT_ONCE[why]
    with pytest.raises(DpiaRefused) as refused:
        load_dpia(changed(tmp_path, *changes))
    lines = {problem.line for problem in refused.value.problems}
    text = (tmp_path / "dpia.yaml").read_text(encoding="utf-8").splitlines()
    for _, there in changes:
        assert next(number for number, line in enumerate(text, 1) if there in line) in lines
    assert "There may be more once these are put right" in "\n".join(refused.value.lines())


def test_nothing_is_made_up_about_what_cannot_be_read() -> None:
    """Of values drawn from the whole file: with any one unreadable, nothing else is told of the example."""
    tree = read_tree(EXAMPLE)
    for way in random.Random(4).sample(sorted(ways(tree), key=str), 8):
        assert not told(unreadable(tree, way)), way


@pytest.mark.parametrize(
    "places",
    [
        [("parties", 0, "id")],
        [("flows", 0, "id")],
        [("safety", 4, "id")],
        [("vocabularies", "gdpr", "iri")],
        [("flows", 0, "purpose"), ("flows", 1, "status")],
        [("parties", 1, "role"), ("operators", 0, "role"), ("flows", 0, "agreement")],
    ],
)
def test_whoever_names_what_cannot_be_read_is_not_blamed(places: list[Way]) -> None:
    """A party, flow, rule or word that others refer to by a name that is lost; of several values too."""
    assert not told(unreadable(read_tree(EXAMPLE), *places))


def test_mistakes_are_told_beside_any_value_that_cannot_be_read() -> None:
    """Of mistakes and values drawn at random: what is told is true of the mended file, and most of it."""
    found, missed = 0, 0
    for name, tree, all_told, way in pairs_of(4, seed=2):
        at_once = told(unreadable(tree, way))
        assert at_once is None or at_once <= all_told, (name, way)
        found, missed = found + len(at_once or ()), missed + len(all_told - (at_once or set()))
    assert found > 3 * missed


@pytest.mark.soak
def test_mistakes_are_told_beside_many_values_that_cannot_be_read() -> None:
    """The same of every mistake; and of every ninth value of the example alone."""
    found, missed = 0, 0
    for name, tree, all_told, way in pairs_of(len(REFUSED), seed=11):
        at_once = told(unreadable(tree, way))
        assert at_once is None or at_once <= all_told, (name, way)
        found, missed = found + len(at_once or ()), missed + len(all_told - (at_once or set()))
    print(f"seed 11: {found} told at once, {missed} only once the value is mended")
    assert found > 5 * missed
    tree = read_tree(EXAMPLE)
    for way in list(ways(tree))[::9]:
        assert not told(unreadable(tree, way)), way


def test_of_a_block_that_cannot_be_read_only_that_is_told(tmp_path: Path) -> None:
    """What a whole block would say cannot be tried out: its loss is told, and that there may be more."""
    start = TEXT.index("\ncomplaints:") + 1
    block = TEXT[start : TEXT.index("\n", start)]
    with pytest.raises(DpiaRefused) as refused:
        load_dpia(
            changed(tmp_path, (block, "complaints: none yet"), ("agreement: dsa-1", "agreement: dsa-2"))
        )
    assert [problem.text.split(":")[0] for problem in refused.value.problems] == ["complaints"]
    assert "There may be more once these are put right" in "\n".join(refused.value.lines())


def test_a_doubtful_word_leaves_a_gap_too(tmp_path: Path) -> None:
    """A bare `yes` is refused and judged by nobody; the mistake beside it is told, and no other."""
    doubtful = ("publicAuthority: true", "publicAuthority: yes")
    with pytest.raises(DpiaRefused) as refused:
        load_dpia(changed(tmp_path, doubtful, ("agreement: dsa-1", "agreement: dsa-2")))
    assert {problem.text.split(":")[0] for problem in refused.value.problems} >= {"dsa-2"}
    with pytest.raises(DpiaRefused) as refused:
        load_dpia(changed(tmp_path, doubtful))
    assert len(refused.value.problems) == 1
