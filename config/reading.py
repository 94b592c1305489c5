"""From the parser's events to a tree, in one pass: what is ambiguous is refused while the tree is built."""

import re
import unicodedata
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
)

from config.characters import holds_control, mixes_alphabets
from config.scalars import Ambiguous, meaning
from config.tree import Listed, Mapped, Node

DEEPEST = 24
MOST_VALUES = 50_000
LONGEST_TEXT = 20_000
MOST_WRONG = 1_000
# libyaml takes what follows for a comment, other readers for an error.
GLUED_COMMENT = re.compile(r"[|>][-+1-9]*#")
Wrong = tuple[int, str]


class _Enough(Exception):
    """Nothing more is to be learnt from this file."""


@dataclass
class _Open:
    """A mapping or list whose end has not come; in a mapping, the key that waits for its value."""

    node: Mapped | Listed
    key: str | None = None
    line: int = 0
    waiting: bool = False


@dataclass
class Reading:
    """One file being read: its tree so far, and each thing wrong with its line."""

    lines: list[str] = field(repr=False)
    tree: Node = field(default=None, repr=False)
    wrong: list[Wrong] = field(default_factory=list, repr=False)
    whole: bool = False
    _open: list[_Open] = field(default_factory=list)
    _documents: int = 0
    _values: int = 0

    def take(self, event: Event) -> None:
        """Add one event. Errors: _Enough once the file is past all bounds."""
        mark = event.start_mark
        line = mark.line + 1 if mark is not None else 1
        if isinstance(event, NodeEvent):
            self._values += 1
            if self._values > MOST_VALUES:
                self._stop(line, f"The file holds more than {MOST_VALUES} keys and values.")
            if event.anchor or getattr(event, "tag", None):
                self._refuse_names(event, line)
            if isinstance(event, ScalarEvent):
                self._scalar(event, line)
            else:
                self._collection(event, line)
        elif isinstance(event, MappingEndEvent | SequenceEndEvent):
            self._open.pop()
        elif isinstance(event, DocumentStartEvent):
            self._document(event, line)

    def _say(self, line: int, text: str) -> None:
        self.wrong.append((line, text))
        if len(self.wrong) >= MOST_WRONG:
            raise _Enough

    def _stop(self, line: int, text: str) -> None:
        self._say(line, text)
        raise _Enough

    def _document(self, event: DocumentStartEvent, line: int) -> None:
        self._documents += 1
        if self._documents > 1:
            self._stop(line, "A second document in one file.")
        if event.version or event.tags:
            self._say(1, "Directives (lines that begin with %) are not allowed.")

    def _refuse_names(self, event: NodeEvent, line: int) -> None:
        if isinstance(event, AliasEvent) or event.anchor:
            self._say(line, "Anchors and aliases are not allowed: write the value out.")
        if getattr(event, "tag", None):
            self._say(line, "Tags are not allowed.")

    def _scalar(self, event: ScalarEvent, line: int) -> None:
        value: Any = event.value
        if event.style and event.style in "|>" and self._has_glued_comment(event):
            self._say(line, "A comment needs a space before it.")
        if len(event.value) > LONGEST_TEXT:
            self._say(line, f"A text of more than {LONGEST_TEXT} characters.")
            value = None
        elif not event.value.isprintable() and holds_control(event.value):
            self._say(line, "A text holds a control character.")
            value = None
        elif not event.style:
            try:
                value = meaning(event.value)
            except Ambiguous as ambiguous:
                self._say(line, str(ambiguous))
                value = None
        self._put(value, line)

    def _has_glued_comment(self, event: ScalarEvent) -> bool:
        mark = event.start_mark
        return mark is not None and bool(GLUED_COMMENT.match(self.lines[mark.line], mark.column))

    def _collection(self, event: Event, line: int) -> None:
        if isinstance(event, AliasEvent):
            self._put(None, line)
            return
        node = Mapped() if isinstance(event, MappingStartEvent) else Listed()
        self._put(node, line)
        self._open.append(_Open(node))
        if len(self._open) > DEEPEST:
            self._stop(line, f"Nested deeper than {DEEPEST} levels.")

    def _put(self, value: Node, line: int) -> None:
        """Give the value to what is open: an item, a key, or a key's value."""
        if not self._open:
            self.tree = value
            return
        top = self._open[-1]
        if isinstance(top.node, Listed):
            top.node.append(value)
            top.node.lines.append(line)
        elif not top.waiting:
            top.key, top.line, top.waiting = self._key(top.node, value, line), line, True
        else:
            top.waiting = False
            if top.key is not None:
                top.node[top.key] = value
                top.node.lines[top.key] = top.line

    def _key(self, node: Mapped, value: Node, line: int) -> str | None:
        """Return the key, or None for one that may not stand here; then its value is passed over."""
        if not isinstance(value, str):
            if not self.wrong or self.wrong[-1][0] != line:
                self._say(line, "A key must be a text: put it in quotes.")
            return None
        key = unicodedata.normalize("NFC", value)
        if mixes_alphabets(key):
            self._say(line, "A key has letters of two alphabets in one word; write it anew.")
        if key in node:
            self._say(line, f"{key}: this key is given twice, first on line {node.lines[key]}.")
            return None
        return key


def read_events(text: str) -> Reading:
    """Return the text's tree and all that is wrong with its words.

    Given:   text without odd characters.
    Returns: `whole` is true if it was read to its end; then `tree` is all of it, doubtful values as null.
    """
    reading = Reading(text.split("\n"))
    try:
        # What `yaml.parse` does, without its asking before each event whether there is one.
        parser = loader()(text)
        while (event := parser.get_event()) is not None:
            reading.take(event)
    except _Enough:
        return reading
    except yaml.YAMLError as error:
        reading.wrong.append(_syntax(error))
        return reading
    reading.whole = True
    return reading


@cache
def loader() -> Any:
    """Return the parser: libyaml where it is built in, else the same in Python."""
    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _syntax(error: yaml.YAMLError) -> Wrong:
    """Return where the text stops being YAML; nothing of the text, which may hold a secret."""
    mark = getattr(error, "problem_mark", None)
    return (mark.line + 1 if mark is not None else 1), "This is not well-formed YAML."
