"""The closed grammar of DPIA conditions: text in, a checked tree out, compiled to one Polars expression.

    condition   = conjunction { "or" conjunction }
    conjunction = negation { "and" negation }
    negation    = "not" negation | "(" condition ")" | test
    test        = name ( compare operand | [ "not" ] "in" list | "is" [ "not" ] state )
    state       = "null" | "true" | "false"
    compare     = "=" | "!=" | "<" | "<=" | ">" | ">="
    operand     = name | string | number | "true" | "false"

A comparison with null is null; the caller says whether a null answer counts as met.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

COMPARES = ("=", "!=", "<=", ">=", "<", ">")
TOKEN = re.compile(
    r"\s*(?:(?P<name>[a-z_]+\.[a-z0-9_]+)|(?P<word>[a-z]+)|(?P<number>-?[0-9]+(?:\.[0-9]+)?)"
    r"|(?P<string>'(?:[^']|'')*'|\"[^\"]*\")|(?P<mark><=|>=|!=|[=<>(),\[\]]))"
)
Scalar = str | int | Decimal | bool


@dataclass(frozen=True)
class Name:
    """A field of an entity, or of the `record` at hand."""

    entity: str
    field: str

    def __str__(self) -> str:
        return f"{self.entity}.{self.field}"


@dataclass(frozen=True)
class Compare:
    """A field against a value or another field."""

    left: Name
    op: str
    right: Name | Scalar


@dataclass(frozen=True)
class Within:
    """A field against a list of values."""

    left: Name
    options: tuple[Scalar, ...]
    negated: bool


@dataclass(frozen=True)
class Is:
    """A field against null, true or false; the answer is never null."""

    left: Name
    what: bool | None
    negated: bool


@dataclass(frozen=True)
class Not:
    """The opposite; null stays null."""

    inner: "Node"


@dataclass(frozen=True)
class Both:
    """Every part."""

    parts: tuple["Node", ...]


@dataclass(frozen=True)
class Either:
    """Any part."""

    parts: tuple["Node", ...]


Node = Compare | Within | Is | Not | Both | Either


class ConditionFault(Exception):
    """What is wrong with a condition's text, in words for its author."""


@lru_cache(maxsize=1024)
def parse(text: str) -> Node:
    """Return the condition as a tree; the same words are parsed once in a process. Errors: ConditionFault."""
    return _Reader(list(_tokens(text))).whole()


def names(node: Node) -> Iterator[Name]:
    """Yield each field the condition names."""
    match node:
        case Not(inner):
            yield from names(inner)
        case Both(parts) | Either(parts):
            for part in parts:
                yield from names(part)
        case Compare(left, _, right):
            yield left
            if isinstance(right, Name):
                yield right
        case Within(left) | Is(left):
            yield left


def tests(node: Node) -> Iterator[Compare | Within | Is]:
    """Yield each single test of the condition."""
    match node:
        case Not(inner):
            yield from tests(inner)
        case Both(parts) | Either(parts):
            for part in parts:
                yield from tests(part)
        case _:
            yield node


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    at = 0
    while text[at:].strip():
        found = TOKEN.match(text, at)
        if found is None:
            raise ConditionFault(f"cannot be read from {text[at:].strip()[:20]!r} on")
        at = found.end()
        kind = str(found.lastgroup)
        yield kind, found[kind]
    yield "end", "the end"


class _Reader:
    """A recursive descent over the tokens."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self.tokens = tokens
        self.at = 0
        self.depth = 0

    def whole(self) -> Node:
        node = self.condition()
        if self.peek()[0] != "end":
            raise ConditionFault(f"{self.peek()[1]!r} does not belong there")
        return node

    def peek(self) -> tuple[str, str]:
        return self.tokens[self.at]

    def take(self, *wanted: str) -> bool:
        if self.peek()[1] in wanted and self.peek()[0] in {"word", "mark"}:
            self.at += 1
            return True
        return False

    def need(self, wanted: str) -> None:
        if not self.take(wanted):
            raise ConditionFault(f"{wanted!r} is missing before {self.peek()[1]!r}")

    def condition(self) -> Node:
        parts = [self.conjunction()]
        while self.take("or"):
            parts.append(self.conjunction())
        return parts[0] if len(parts) == 1 else Either(tuple(parts))

    def conjunction(self) -> Node:
        parts = [self.negation()]
        while self.take("and"):
            parts.append(self.negation())
        return parts[0] if len(parts) == 1 else Both(tuple(parts))

    def negation(self) -> Node:
        self.depth += 1
        if self.depth > 50:
            raise ConditionFault("is nested too deep")
        try:
            if self.take("not"):
                return Not(self.negation())
            if self.take("("):
                inner = self.condition()
                self.need(")")
                return inner
            return self.test()
        finally:
            self.depth -= 1

    def test(self) -> Node:
        left = self.name()
        if self.take("is"):
            return self.is_test(left)
        if self.take("not"):
            self.need("in")
            return Within(left, self.options(), negated=True)
        if self.take("in"):
            return Within(left, self.options(), negated=False)
        op = self.peek()[1]
        if not self.take(*COMPARES):
            raise ConditionFault(f"after {left} a comparison is missing (write '{left} is true' for a yes)")
        return Compare(left, op, self.operand())

    def is_test(self, left: Name) -> Is:
        negated = self.take("not")
        word = self.peek()[1]
        if not self.take("null", "true", "false"):
            raise ConditionFault(f"after 'is' only null, true or false may stand, not {word!r}")
        return Is(left, {"null": None, "true": True, "false": False}[word], negated)

    def name(self) -> Name:
        kind, text = self.peek()
        if kind != "name":
            raise ConditionFault(f"a field such as person.role_type is missing before {text!r}")
        self.at += 1
        return Name(*text.split("."))

    def operand(self) -> Name | Scalar:
        return self.name() if self.peek()[0] == "name" else self.scalar()

    def scalar(self) -> Scalar:
        kind, text = self.peek()
        self.at += 1
        if kind == "string":
            return text[1:-1].replace("''", "'") if text[0] == "'" else text[1:-1]
        if kind == "number":
            return Decimal(text) if "." in text else int(text)
        if text in {"true", "false"} and kind == "word":
            return text == "true"
        hint = " (write 'is null')" if text == "null" else ""
        raise ConditionFault(f"a value is missing before {text!r}{hint}")

    def options(self) -> tuple[Scalar, ...]:
        closing = "]" if self.peek()[1] == "[" else ")"
        if not self.take("[", "("):
            raise ConditionFault(f"after 'in' a list in brackets is missing before {self.peek()[1]!r}")
        found = [self.scalar()]
        while self.take(","):
            found.append(self.scalar())
        self.need(closing)
        return tuple(found)
