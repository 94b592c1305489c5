"""Systematic mutations of a declared file: lines, keys, values and odd characters, each with its line."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

import yaml
from yaml.events import CollectionEndEvent, MappingStartEvent, NodeEvent, ScalarEvent

FREE = frozenset({"providers", "words", "contacts", "files"})
VALUES = (
    "[Zqa]",
    "{Zqa: Zqb}",
    "12",
    "true",
    "~",
    "1.5",
    "'12'",
    "2026-10-01",
    "-9999999",
    "'Zq quite other words'",
)
ODD = (
    *("\x85", "\u2028", "\u2029", "\r", "\t", "\x00", "\x0c", "\x1b", "\ufeff", "\u200b", "\u202e", "\u2066"),
    *("\u00a0", "\u00ad", "\ufffd", "\ufe0f", "\ue000"),
)
FORBIDDEN = ("&Zqa ", "*Zqa ", "!!str ", "!Zqa ")


@dataclass(frozen=True)
class Token:
    """One key or value of the text: where it stands, and whether it is a key that a schema knows."""

    start: int
    end: int
    line: int
    is_key: bool
    free: bool


@dataclass(frozen=True)
class Slip:
    """What stands in place of part of a text; `exact` says that a refusal must name this very line."""

    kind: str
    line: int
    start: int
    end: int
    word: str
    exact: bool = False
    may_load: bool = False

    def text(self, whole: str) -> str:
        """Return the text with the slip in it."""
        return whole[: self.start] + self.word + whole[self.end :]


def tokens(text: str) -> Iterator[Token]:
    """Yield the keys and plain or quoted values on one line, in their order."""
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    open_: list[list[object]] = []
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, NodeEvent):
            top = open_[-1] if open_ else [None, None, False]
            is_key = top[0] == "map" and top[1] is None
            free = bool(top[2])
            if isinstance(event, ScalarEvent) and event.style not in {"|", ">"}:
                begin, end = event.start_mark, event.end_mark
                if begin.line == end.line and end.column > begin.column:
                    at = starts[begin.line]
                    yield Token(at + begin.column, at + end.column, begin.line + 1, is_key, free)
            name = top[1] if not is_key else None
            if top[0] == "map":
                top[1] = event.value if is_key and isinstance(event, ScalarEvent) else None
            if not isinstance(event, ScalarEvent):
                kind = "map" if isinstance(event, MappingStartEvent) else "list"
                open_.append([kind, None, name in FREE])
        elif isinstance(event, CollectionEndEvent):
            open_.pop()


def slips(text: str) -> Iterator[Slip]:
    """Yield every slip that we make in the text: in its lines, its keys, its values, at each of its words."""
    found, start = list(tokens(text)), 0
    for number, line in enumerate(text.split("\n"), start=1):
        end = min(start + len(line) + 1, len(text))
        if line.strip() and not line.lstrip().startswith("#"):
            is_key = _begins_with_key(found, number, line)
            yield Slip("line deleted", number, start, end, "", may_load=True)
            yield Slip("line doubled", number + 1, end, end, f"{line}\n", exact=is_key, may_load=not is_key)
        start = end
    for token in found:
        yield from _in_word(token, text[token.start : token.end])


def _in_word(token: Token, word: str) -> Iterator[Slip]:
    at = (token.line, token.start, token.end)
    if token.is_key:
        for typo in _typos(word):
            yield Slip("key mistyped", *at, typo, exact=not token.free, may_load=True)
    else:
        for value in VALUES:
            yield Slip("value changed", *at, value, may_load=True)
    for odd in ODD:
        yield Slip("odd character", *at, word[:1] + odd + word[1:], exact=True)
        yield Slip("odd character", *at, odd + word, exact=True)
    for forbidden in FORBIDDEN:
        yield Slip("anchor or tag", *at, forbidden + word)


def chosen(text: str, of_each: int, seed: int) -> list[Slip]:
    """Return so many slips of each kind, by the seed; those that change nothing left out."""
    by_kind: dict[str, list[Slip]] = {}
    for slip in slips(text):
        if text[slip.start : slip.end] != slip.word:
            by_kind.setdefault(slip.kind, []).append(slip)
    pick = random.Random(seed)
    return [one for found in by_kind.values() for one in pick.sample(found, min(of_each, len(found)))]


def _begins_with_key(found: list[Token], number: int, line: str) -> bool:
    """Return whether the line is one key with its value: doubled it can only be a key given twice."""
    pairs = ("[]", "{}")
    if line.lstrip().startswith(("-", "{", "[")) or any(line.count(a) != line.count(b) for a, b in pairs):
        return False
    return any(token.is_key for token in found if token.line == number)


def _typos(word: str) -> Iterator[str]:
    if word.isidentifier() and len(word) > 3:
        middle = len(word) // 2
        yield word[:middle] + word[middle + 1 :]
        yield word[:middle] + ("x" if word[middle] != "x" else "z") + word[middle + 1 :]
        yield word + word[-1]
        yield word.replace("a", "\u0430", 1).replace("e", "\u0435", 1)
        yield word.swapcase()
