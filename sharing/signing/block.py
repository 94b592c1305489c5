"""The block `signoff.signatures` in the file's own text: entries come and go, every other byte stays."""

import json
import re
from collections.abc import Collection, Sequence

import yaml
from yaml.nodes import CollectionNode, MappingNode, Node, SequenceNode

from config.reading import loader
from sharing.document import SignedElsewhere

Entry = str | SignedElsewhere
KEY = "signatures"
COMMENT = re.compile(r"(^|\s)#", re.MULTILINE)
Edit = tuple[int, int, str]


class OddlyWritten(Exception):
    """The list is written so that nothing can be added to it with all else kept."""


def rewritten(text: str, entries: Sequence[Entry], drop: Collection[int], add: Sequence[Entry]) -> str:
    """Return the text with some of the entries of `signoff.signatures` taken out, and some added at its end.

    Given:  the file's text, without errors; its entries now; the places of those to be dropped, from 0.
    Errors: OddlyWritten, where the block stands between braces, or a comment within the list's brackets.
    """
    signoff = _value(yaml.compose(text, Loader=loader()), "signoff")
    if not isinstance(signoff, MappingNode) or signoff.flow_style:
        raise OddlyWritten
    listed, column = _value(signoff, KEY), signoff.start_mark.column
    if listed is None:
        at, lines = _line_end(text, _last(signoff)), [f"{' ' * column}{KEY}:", *_written(add, column + 2)]
        return _applied(text, [(at, at, _joined(text, at, lines))])
    if not isinstance(listed, SequenceNode):
        raise OddlyWritten
    if listed.flow_style:
        kept = [entry for at, entry in enumerate(entries) if at not in drop]
        return _applied(text, [_out_of_brackets(text, listed, _written([*kept, *add], column + 2))])
    edits = [_taken_out(text, listed, listed.value[at]) for at in sorted(drop)]
    at = _line_end(text, _last(listed))
    lines = _written(add, listed.start_mark.column)
    return _applied(text, [*edits, (at, at, _joined(text, at, lines))] if lines else edits)


def _value(node: Node | None, key: str) -> Node | None:
    pairs = node.value if isinstance(node, MappingNode) else []
    return next((value for name, value in pairs if name.value == key), None)


def _last(node: Node) -> int:
    """Return where the last character of the node's own words ends; a block ends before what follows it."""
    if not isinstance(node, CollectionNode) or node.flow_style:
        return int(node.end_mark.index)
    last = node.value[-1]
    return _last(last[1] if isinstance(last, tuple) else last)


def _line_end(text: str, at: int) -> int:
    """Return where the line ends on which the words before this place stand, its break included."""
    found = text.find("\n", max(at - 1, 0))
    return len(text) if found < 0 else found + 1


def _taken_out(text: str, listed: SequenceNode, item: Node) -> Edit:
    """Return the edit that takes out the lines of an item, from its dash on."""
    lines, column, number = text.split("\n"), listed.start_mark.column, item.start_mark.line
    while lines[number][: column + 1] != " " * column + "-":
        number -= 1
    return sum(len(line) + 1 for line in lines[:number]), _line_end(text, _last(item)), ""


def _out_of_brackets(text: str, listed: SequenceNode, lines: list[str]) -> Edit:
    """Return the edit that writes a list anew, an entry a line, which stood within brackets."""
    begin, end = listed.start_mark.index, listed.end_mark.index
    if COMMENT.search(text[begin:end]):
        raise OddlyWritten
    begin = len(text[:begin].rstrip(" "))
    newline = _newline(text)
    return begin, end, newline + newline.join(lines)


def _written(entries: Sequence[Entry], column: int) -> list[str]:
    """Return the lines of entries of a block list whose dashes stand in this column."""
    lines: list[str] = []
    for entry in entries:
        said = entry if isinstance(entry, str) else entry.model_dump(mode="json", by_alias=True)
        first, *rest = [_quoted(said)] if isinstance(said, str) else _pairs(said)
        lines += [f"{' ' * column}- {first}", *(f"{' ' * column}  {line}" for line in rest)]
    return lines


def _pairs(said: dict[str, object]) -> list[str]:
    return [f"{key}: {_quoted(value) if key != 'signedOn' else value}" for key, value in said.items()]


def _quoted(said: object) -> str:
    """Return a text or a mapping as JSON writes it, which is YAML as well."""
    return json.dumps(said, ensure_ascii=False)


def _joined(text: str, at: int, lines: list[str]) -> str:
    newline = _newline(text)
    before = "" if at == 0 or text[at - 1] == "\n" else newline
    return before + "".join(line + newline for line in lines)


def _newline(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _applied(text: str, edits: list[Edit]) -> str:
    for begin, end, words in sorted(edits, reverse=True):
        text = text[:begin] + words + text[end:]
    return text
