"""What refuses a DPIA whatever stands where something cannot be read: told at once, beside what cannot.

A refusal is told if it is there whichever of many values is put into the gap: every word that may stand there
where there are few, the values of places like it, the names of the file, what the refusal itself names, days
and periods before and after every other. What one of them makes go away is asked once the value is mended.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import chain, product
from typing import Any

from config.documents import HINT, Problem
from config.gaps import Gap, Gaps
from sharing.document import DpiaFile
from sharing.lawpacks import known_packs, law_pack

MOST_TRIED = 400
NUMBERS = (0, 1, 2, 7, 14, 28, 30, 31, 100, 365, 366, 10**9)
PROSE = "Some words."
FRESH = ("unheard-of", "unheard_of", "uk:unheard-of", PROSE, "0.0.1", "P0D", "P999Y", "unheard_of.it")
CONDITIONS = ("person.safety_flag is not false", "person.safety_flag is true", "person.safety_flag is false")
FAR = (date(1, 1, 1), date(9999, 1, 1))
Refuse = Callable[[DpiaFile], Iterable[Problem]]
Told = dict[tuple[int, str], Problem]


def refused_whatever_stands(gaps: Gaps[DpiaFile], refuse: Refuse) -> list[Problem]:
    """Return the problems that no value in the gaps would make go away.

    Given: what yields the problems of a file. Where so many values cannot be read that not every combination
           can be tried, nothing is returned: it is asked once they are mended.
    """
    told: Told | None = None
    for values in _tried(gaps, refuse):
        if told == {}:
            break
        file = gaps.filled(values)
        if file is not None:
            found = _by_words(refuse(file))
            told = found if told is None else {key: told[key] for key in told if key in found}
    return [_without_hint(problem) for problem in (told or {}).values()]


def _tried(gaps: Gaps[DpiaFile], refuse: Refuse) -> Iterator[Sequence[Any]]:
    """Yield the values to put into the gaps, those that say least first; nothing where there are too many."""
    first = [
        next(_fitting(gap, chain(gap.members(), FRESH, _days(gaps.tree), NUMBERS)), None) for gap in gaps.gaps
    ]
    file = gaps.filled(first)
    texts = " ".join(problem.text for problem in refuse(file)) if file is not None else ""
    alone = len(gaps.gaps) == 1
    pools = [list(_fitting(gap, _pool(gap, gaps.tree, texts, wide=alone))) for gap in gaps.gaps]
    number = 1
    for pool in pools:
        number *= len(pool)
    return product(*pools) if alone or number <= MOST_TRIED else iter(())


def _pool(gap: Gap, tree: Any, texts: str, *, wide: bool) -> Iterator[Any]:
    yield from gap.members()
    yield from FRESH
    yield from _words(texts)
    yield from gap.parallel
    yield from CONDITIONS
    if wide and not gap.takes(PROSE):
        yield from chain(_codes(), _names(tree))
    if date in gap.kinds:
        yield from _days(tree)
    yield from chain(NUMBERS, _periods(tree))


def _fitting(gap: Gap, values: Iterable[Any]) -> Iterator[Any]:
    tried: set[str] = set()
    for value in values:
        if repr(value) not in tried and gap.takes(value):
            yield value
        tried.add(repr(value))


def _words(texts: str) -> Iterator[str]:
    """Yield the words of the texts, whole and in their parts."""
    for word in dict.fromkeys(texts.split()):
        bare = word.strip("().,:;'")
        yield from dict.fromkeys([bare, word.rstrip("."), *re.split(r"[.@/:]", bare)])


def _codes() -> Iterator[str]:
    """Yield every code of every law pack."""
    for name in known_packs():
        pack = law_pack(name)
        yield from chain(pack.article6, pack.article9, pack.article10, pack.schedule1)


def _names(tree: Any) -> Iterator[str]:
    """Yield the names that the file gives."""
    yield from (value for key, value in _leaves(tree) if key == "id" and isinstance(value, str))


def _days(tree: Any) -> Iterator[date]:
    """Yield days around every day of the file, and days before and after them all."""
    yield from FAR
    for day in dict.fromkeys(value for _, value in _leaves(tree) if isinstance(value, date)):
        yield from (day, day - timedelta(days=1), day + timedelta(days=1))


def _periods(tree: Any) -> Iterator[str]:
    yield from (value for _, value in _leaves(tree) if isinstance(value, str) and value.startswith("P"))


def _leaves(node: Any, key: Any = None) -> Iterator[tuple[Any, Any]]:
    pairs = (
        node.items()
        if isinstance(node, dict)
        else ((key, one) for one in node)
        if isinstance(node, list)
        else ()
    )
    if not isinstance(node, dict | list):
        yield key, node
    for name, inner in pairs:
        yield from _leaves(inner, name)


def _by_words(problems: Iterable[Problem]) -> Told:
    return {(problem.line, problem.text.partition(HINT)[0]): problem for problem in problems}


def _without_hint(problem: Problem) -> Problem:
    return Problem(problem.file, problem.line, problem.text.partition(HINT)[0])
