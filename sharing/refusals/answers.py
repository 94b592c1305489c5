"""Conditions asked of half-known records: which answers are possible while some fields may hold anything."""

from collections.abc import Mapping
from itertools import product

from sharing.conditions import Both, Compare, Either, Is, Name, Node, Not, Scalar, Within

Known = Mapping[Name, Scalar | None]
Answers = frozenset[bool | None]
ANY: Answers = frozenset({True, False, None})


def answers(node: Node, known: Known) -> Answers:
    """Return every answer the condition can give; null is an answer too.

    Given: what some of its names hold. Parts are taken to vary freely, so that the set may be too large
           and is never too small.
    """
    match node:
        case Not(inner):
            return frozenset(None if each is None else not each for each in answers(inner, known))
        case Both(parts):
            return _joined([answers(part, known) for part in parts], decisive=False)
        case Either(parts):
            return _joined([answers(part, known) for part in parts], decisive=True)
        case Is(left, what, negated):
            return _is(left, what, known, negated=negated)
        case Within(left, options, negated):
            return _within(left, options, known, negated=negated)
        case Compare(left, op, right):
            return _compared(left, op, right, known)


def _joined(parts: list[Answers], *, decisive: bool) -> Answers:
    """Return the answers of parts taken together; one decisive part settles it, a null leaves it open."""
    found: set[bool | None] = set()
    for each in product(*parts):
        found.add(decisive if decisive in each else None if None in each else not decisive)
    return frozenset(found)


def _is(left: Name, what: bool | None, known: Known, *, negated: bool) -> Answers:
    if left not in known:
        return frozenset({True, False})
    return frozenset({(known[left] is what) != negated})


def _within(left: Name, options: tuple[Scalar, ...], known: Known, *, negated: bool) -> Answers:
    if left not in known:
        return ANY
    held = known[left]
    return frozenset({None if held is None else (held in options) != negated})


def _compared(left: Name, op: str, right: Name | Scalar, known: Known) -> Answers:
    if left not in known or isinstance(right, Name):
        return ANY
    held = known[left]
    if held is None:
        return frozenset({None})
    return frozenset({(held == right) == (op == "=")}) if op in {"=", "!="} else ANY
