"""Declared files, read strictly: YAML 1.2 with no surprise, every problem at once, each with its line."""

import difflib
import types
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    NodeEvent,
    ScalarEvent,
)

from common.errors import Answer, Failure, ViaductError

LARGEST_BYTES = 1_000_000
DEEPEST = 24
UNNAMED = Path()
M = TypeVar("M", bound=BaseModel)
OLD_BOOLEANS = frozenset({"y", "n", "yes", "no", "on", "off"})


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a declared file: where, and what."""

    file: Path
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.file.as_posix()}, line {self.line}: {self.text}"


class DocumentRefused(ViaductError):
    """A declared file (site, source, mapping, DPIA) does not load; every problem is listed."""

    code = "E101"
    exit_code = 10
    title = "A declared file does not load."
    answer = Answer.PUT_RIGHT
    failure = Failure.CONFIG
    remedy = "Correct the file, then: python run_sync.py check"

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)), sent="Nothing was read and nothing was sent.")
        self.problems = problems


@dataclass(frozen=True)
class Place:
    """Where each key of a loaded document stands, so that later checks can name file and line."""

    file: Path
    tree: Any = field(repr=False)

    def line(self, *path: str | int) -> int:
        """Return the line (from 1) of the key or item at the path, or of its nearest parent."""
        line, node = 1, self.tree
        for step in path:
            try:
                position = node.lc.key(step) if isinstance(node, CommentedMap) else node.lc.item(step)
                line, node = position[0] + 1, node[step]
            except (AttributeError, KeyError, IndexError, TypeError):
                break
        return line

    def problem(self, text: str, *path: str | int) -> Problem:
        """Return a Problem at the path."""
        return Problem(self.file, self.line(*path), text)


def read_document(path: Path, model: type[M]) -> M:
    """Return the file as the model. Errors: DocumentRefused with every problem."""
    return read_with_place(path, model)[0]


def read_with_place(path: Path, model: type[M]) -> tuple[M, Place]:
    """Return the file as the model, and the place of each of its keys. Errors: DocumentRefused."""
    tree = read_tree(path)
    place = Place(path, tree)
    try:
        return model.model_validate(plain(tree)), place
    except ValidationError as error:
        found = error.errors(include_input=False, include_context=False, include_url=False)
    raise DocumentRefused([_problem(place, model, item["loc"], item["type"], item["msg"]) for item in found])


def read_tree(path: Path) -> CommentedMap:
    """Return the file's mapping with line numbers, to be read and not changed. Errors: DocumentRefused."""
    tree, refused = _parsed(_text(path))
    if tree is None:
        raise DocumentRefused([replace(problem, file=path) for problem in refused])
    return tree


@lru_cache(maxsize=64)
def _parsed(text: str) -> tuple[CommentedMap | None, list[Problem]]:
    """Return the text's mapping, or what is wrong with it; the same words are read once in a process."""
    refused = list(_forbidden(text))
    if refused:
        return None, refused
    reader = YAML(typ="rt")
    reader.version = (1, 2)
    try:
        tree = reader.load(text)
    except (YAMLError, ValueError) as error:
        return None, [_syntax(error)]
    if isinstance(tree, CommentedMap):
        return tree, []
    return None, [Problem(UNNAMED, 1, "The file must be a mapping of keys to values.")]


def plain(node: Any) -> Any:
    """Return the tree as plain dictionaries, lists and scalars."""
    if isinstance(node, CommentedMap):
        return {key: plain(value) for key, value in node.items()}
    if isinstance(node, CommentedSeq):
        return [plain(value) for value in node]
    if isinstance(node, bool):
        return node
    for kind in (int, float, str):
        if isinstance(node, kind) and type(node) is not kind:
            return kind(node)
    return node


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError:
        content = None
    if content is None:
        raise DocumentRefused([Problem(path, 1, "The file is missing or may not be read.")])
    if len(content) > LARGEST_BYTES:
        raise DocumentRefused([Problem(path, 1, "The file is larger than 1 MB.")])
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        bad = error.start
        text = ""
    else:
        bad = next((at for at, mark in enumerate(text) if mark in "\x85\u2028\u2029\ufeff" and at > 0), -1)
    if bad >= 0:
        line = content[:bad].count(b"\n") + 1
        text = "The file holds a byte or line break that is not plain UTF-8 text."
        raise DocumentRefused([Problem(path, line, text)])
    return text.removeprefix("\ufeff")


def _forbidden(text: str) -> Iterator[Problem]:
    depth = documents = 0
    try:
        for event in YAML(typ="rt").parse(text):
            documents += isinstance(event, DocumentStartEvent)
            depth += _step(event)
            reason = _why_forbidden(event) or ("Nested too deep." if depth > DEEPEST else "")
            if documents > 1:
                reason = "A second document in one file."
            if reason:
                yield Problem(UNNAMED, event.start_mark.line + 1, reason)
            if depth > DEEPEST or documents > 1:
                return
    except (YAMLError, RecursionError) as error:
        yield _syntax(error)


def _step(event: Event) -> int:
    if isinstance(event, CollectionStartEvent):
        return 1
    return -1 if type(event).__name__ in {"MappingEndEvent", "SequenceEndEvent"} else 0


def _why_forbidden(event: Event) -> str:
    if isinstance(event, AliasEvent) or (isinstance(event, NodeEvent) and event.anchor):
        return "Anchors and aliases are not allowed: write the value out."
    tag = getattr(event, "tag", None)
    if tag and str(tag) != "!":
        return "Tags are not allowed."
    if isinstance(event, ScalarEvent) and event.style is None:
        if event.value == "<<":
            return "Merge keys are not allowed: write the keys out."
        return _ambiguous(str(event.value))
    return ""


def _ambiguous(word: str) -> str:
    if word.lower() in OLD_BOOLEANS:
        return "Write true or false, or put the word in quotes."
    digits = word.lstrip("+-")
    if len(digits) > 1 and digits.isdigit() and digits.startswith("0"):
        return "A number with a leading zero is ambiguous: put it in quotes."
    if digits[:2].lower() in {"0o", "0x", "0b"}:
        return "Write numbers in decimal, or put the word in quotes."
    return ""


def _syntax(error: Exception) -> Problem:
    mark = getattr(error, "problem_mark", None) if isinstance(error, MarkedYAMLError) else None
    line = mark.line + 1 if mark is not None else 1
    duplicate = type(error).__name__ == "DuplicateKeyError"
    return Problem(UNNAMED, line, "A key is given twice." if duplicate else "This is not well-formed YAML.")


def _problem(
    place: Place, model: type[BaseModel], loc: tuple[str | int, ...], kind: str, message: str
) -> Problem:
    steps = tuple(step for step in loc if step != "[key]")
    name = ".".join(map(str, steps))
    if kind == "extra_forbidden":
        hint = suggest(str(steps[-1]), _names(model, steps[:-1]))
        return place.problem(f"{name}: no such key.{hint}", *steps)
    if kind == "missing":
        return place.problem(f"{name}: this key is missing.", *steps[:-1])
    return place.problem(f"{name}: {message}.", *steps)


def suggest(word: str, known: list[str]) -> str:
    """Return ' Did you mean …?' for the nearest known word, or nothing."""
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    return f" Did you mean {near[0]}?" if near else ""


def _names(model: type[BaseModel], steps: tuple[str | int, ...]) -> list[str]:
    """Return the keys allowed at the path; union and container steps are looked through."""
    current: list[Any] = [model]
    for step in steps:
        onward: list[Any] = []
        for kind in current:
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                onward += [f.annotation for n, f in kind.model_fields.items() if (f.alias or n) == step]
            elif get_origin(kind) in (dict, list, tuple):
                onward.append(get_args(kind)[-1])
        current = [inner for kind in onward for inner in _flatten(kind)] or current
    models = [kind for kind in current if hasattr(kind, "model_fields")]
    return [f.alias or n for kind in models for n, f in kind.model_fields.items()]


def _flatten(kind: Any) -> list[Any]:
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return [inner for part in get_args(kind) for inner in _flatten(part)]
    if origin is not None and hasattr(kind, "__metadata__"):
        return _flatten(get_args(kind)[0])
    return [kind]
