"""Conditions against the canonical schema: whether the names are ours, and the question can be asked."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal

from canonical import FRACTIONS, FieldSpec, Kind, code_lists, codes
from config.documents import suggest
from sharing.conditions import Compare, ConditionFault, Is, Name, Node, Scalar, Within, parse, tests

Fields = Mapping[str, Mapping[str, FieldSpec]]
ORDERED = frozenset({Kind.DATE, Kind.INTEGER, *FRACTIONS})
WORDS = frozenset({Kind.TEXT, Kind.CODE})
MOST = {Kind.INTEGER: 2**31, Kind.DECIMAL: 10**9, Kind.COORDINATE: 10**3}
"""What a number written down as a field's value stays below, so that its column can hold it."""


def read_condition(text: str, fields: Fields) -> tuple[Node | None, list[str]]:
    """Return the tree and what is wrong with it: grammar, names (with a suggestion) or types."""
    try:
        node = parse(text)
    except ConditionFault as fault:
        return None, [f"the condition {fault}"]
    wrong = [problem for test in tests(node) for problem in _faults(test, fields)]
    return (None if wrong else node), wrong


def _faults(test: Compare | Within | Is, fields: Fields) -> Iterator[str]:
    named = [test.left] + ([test.right] if isinstance(test, Compare) and isinstance(test.right, Name) else [])
    unknown = [problem for name in named for problem in _unknown(name, fields)]
    if unknown:
        yield from unknown
        return
    match test:
        case Is(left, what):
            if what is not None and fields[left.entity][left.field].kind is not Kind.BOOLEAN:
                yield f"{left} is not a yes or no; 'is true' and 'is false' cannot be asked of it"
        case Within(left, options):
            for option in options:
                yield from _mismatch(left, "=", option, fields)
        case Compare(left, op, right):
            yield from _mismatch(left, op, right, fields)


def _unknown(name: Name, fields: Fields) -> Iterator[str]:
    if name.entity not in fields:
        yield f"{name}: {name.entity} cannot be asked here.{suggest(name.entity, sorted(fields))}"
    elif name.field not in fields[name.entity]:
        yield f"{name}: no such field.{suggest(name.field, sorted(fields[name.entity]))}"


def _mismatch(left: Name, op: str, right: Name | Scalar, fields: Fields) -> Iterator[str]:
    spec = fields[left.entity][left.field]
    if spec.kind in {Kind.KEY, Kind.INSTANT}:
        yield f"{left} is {spec.kind}: only 'is null' can be asked of it"
    elif op not in {"=", "!="} and spec.kind not in ORDERED:
        yield f"{left} has no order: {op} cannot be asked of it"
    elif isinstance(right, Name):
        if _family(fields[right.entity][right.field].kind) != _family(spec.kind):
            yield f"{left} and {right} are of different types"
    elif not _fits(right, spec):
        yield f"{left} is {spec.kind}: {right!r} can never be its value.{_nearest(right, spec)}"


def _family(kind: Kind) -> str:
    return "words" if kind in WORDS else str(kind)


def _fits(value: Scalar, spec: FieldSpec) -> bool:
    if spec.kind is Kind.BOOLEAN:
        return isinstance(value, bool)
    if isinstance(value, bool):
        return False
    if spec.kind is Kind.INTEGER:
        return isinstance(value, int) and abs(value) < 2**62
    if spec.kind in FRACTIONS:
        return isinstance(value, int | Decimal)
    if spec.kind is Kind.DATE:
        return isinstance(value, str) and _is_day(value)
    return isinstance(value, str) and (spec.kind is not Kind.CODE or value in (_codes_of(spec) or [value]))


def can_hold(spec: FieldSpec, value: str | bool | int) -> bool:
    """Return whether a field may hold the value as a declared file writes it: days and instants as words."""
    if spec.kind is Kind.INSTANT:
        return isinstance(value, str) and _is_instant(value)
    if spec.kind in MOST and not (isinstance(value, int) and abs(value) < MOST[spec.kind]):
        return False
    return _fits(value, spec)


def _is_instant(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _codes_of(spec: FieldSpec) -> list[str]:
    """Return the codes the field may hold, or nothing where its list is open."""
    return list(codes(spec.codes)) if spec.codes in code_lists() else []


def _nearest(value: Scalar, spec: FieldSpec) -> str:
    known = _codes_of(spec)
    return suggest(str(value), known) or (f" It may be {', '.join(known[:8])}." if known else "")
