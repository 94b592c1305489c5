"""Whom a condition reaches, compared with whom another reaches: decided by trying every case that matters.

A condition of the closed grammar asks fields against values, so only a few values of each field can make a
difference: those it names, their neighbours, one that it does not name, and none at all.
"""

import itertools
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from canonical import ENTITIES, FRACTIONS, Kind, spec
from sharing.compiled import EVERYONE, RECORD
from sharing.conditions import Both, Compare, Either, Is, Name, Node, Not, Within, parse, tests

MOST_CASES = 60_000
Case = Mapping[str, Any]


def reaches(before: str | None, after: str | None, *, unknown_is_met: bool) -> tuple[bool, bool] | None:
    """Return whether somebody is reached who was not, and whether somebody is no longer reached.

    Given: two conditions, None or `everyone` for all; whether what cannot be answered counts as met.
    Returns: None where it cannot be told: a field is asked against another, or the cases are too many.
    """
    if before == after:
        return False, False
    nodes = [None if text in {None, EVERYONE} else parse(str(text)) for text in (before, after)]
    asked = [node for node in nodes if node is not None]
    if any(
        isinstance(test, Compare) and isinstance(test.right, Name) for node in asked for test in tests(node)
    ):
        return None
    cases = _cases(_values(asked))
    if cases is None:
        return None
    more = fewer = False
    for case in cases:
        was, now = (node is None or _met(node, case, unknown_is_met) for node in nodes)
        more, fewer = more or (now and not was), fewer or (was and not now)
    return more, fewer


def overlap(entity: str, one: str | None, other: str | None) -> bool | None:
    """Return whether a record of the entity may meet both conditions; what cannot be answered meets none.

    Given: two conditions, None for all records. Returns: None where it cannot be told.
    """
    said = [text.replace(f"{RECORD}.", f"{entity}.") for text in (one, other) if text is not None]
    if len(said) < 2:
        return True
    nodes = [parse(text) for text in said]
    every = [test for node in nodes for test in tests(node)]
    if any(isinstance(test, Compare) and isinstance(test.right, Name) for test in every):
        return None
    cases = _cases(_values(nodes))
    if cases is None:
        return None
    return any(all(_met(node, case, unknown_is_met=False) for node in nodes) for case in cases)


def _cases(values: Mapping[str, list[Any]]) -> Iterator[Case] | None:
    """Return every case that can make a difference; None where they are too many."""
    count = 1
    for options in values.values():
        count *= len(options)
    if count > MOST_CASES:
        return None
    return (dict(zip(values, chosen, strict=True)) for chosen in itertools.product(*values.values()))


def _met(node: Node, case: Case, unknown_is_met: bool) -> bool:
    answer = _answer(node, case)
    return unknown_is_met if answer is None else answer


def _answer(node: Node, case: Case) -> bool | None:
    """Return the answer as Polars gives it: a comparison with null is null, and `and`, `or` are Kleene's."""
    match node:
        case Not(inner):
            answer = _answer(inner, case)
            return None if answer is None else not answer
        case Both(parts):
            answers = [_answer(part, case) for part in parts]
            return False if False in answers else None if None in answers else True
        case Either(parts):
            answers = [_answer(part, case) for part in parts]
            return True if True in answers else None if None in answers else False
        case Is(left, what, negated):
            return (case[str(left)] == what and (what is None) == (case[str(left)] is None)) != negated
        case Within(left, options, negated):
            value = case[str(left)]
            return None if value is None else (value in {_typed(left, each) for each in options}) != negated
        case Compare(left, op, right):
            return _compared(case[str(left)], op, _typed(left, right))


def _compared(one: Any, op: str, other: Any) -> bool | None:
    if one is None or other is None:
        return None
    if op in {"=", "!="}:
        return bool(one == other) == (op == "=")
    return bool({"<": one < other, "<=": one <= other, ">": one > other, ">=": one >= other}[op])


def _values(nodes: list[Node]) -> dict[str, list[Any]]:
    """Return, per field, every value that can make a difference."""
    found: dict[str, set[Any]] = {}
    for test in itertools.chain.from_iterable(tests(node) for node in nodes):
        values = found.setdefault(str(test.left), set(_always(test.left)))
        values.update(_named(test))
    return {name: [None, *sorted(values - {None}, key=repr)] for name, values in found.items()}


def _always(name: Name) -> Iterator[Any]:
    kind = _kind(name)
    yield None
    if kind is Kind.BOOLEAN:
        yield from (True, False)
    elif kind is Kind.DATE:
        yield date(1904, 1, 1)
    elif kind is Kind.INTEGER or kind in FRACTIONS:
        yield Decimal(-1_000_000)
    else:
        yield "\x00 a value that nobody names"


def _named(test: Compare | Within | Is) -> Iterator[Any]:
    """Yield the values a test names, and what lies just before and after each."""
    said: tuple[Any, ...] = ()
    if isinstance(test, Within):
        said = test.options
    elif isinstance(test, Compare) and not isinstance(test.right, Name):
        said = (test.right,)
    for value in (_typed(test.left, each) for each in said):
        yield value
        if isinstance(value, date):
            yield from (value - timedelta(1), value + timedelta(1))
        elif isinstance(value, Decimal):
            step = Decimal(1) if _kind(test.left) is Kind.INTEGER else Decimal("0.000001")
            yield from (value - step, value + step)
        elif isinstance(value, str):
            yield from (f"{value}\x00", value[:-1])


def _typed(name: Name, value: Any) -> Any:
    kind = _kind(name)
    if kind is Kind.DATE:
        return date.fromisoformat(str(value))
    if isinstance(value, bool) or kind is Kind.BOOLEAN:
        return value
    return Decimal(str(value)) if kind is Kind.INTEGER or kind in FRACTIONS else value


def _kind(name: Name) -> Kind:
    """Return the kind of a field; of the record at hand, that of the first entity that has such a field."""
    entities = ENTITIES if name.entity == RECORD else (name.entity,)
    return next(
        spec(entity).fields[name.field].kind for entity in entities if name.field in spec(entity).fields
    )
