"""Declared files, read strictly: YAML 1.2 with no surprise, every problem at once, each with its line."""

import json
import re
import stat
import types
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from config.characters import foreign_letters, odd_lines
from config.problems import DocumentRefused, Place, Problem, suggest
from config.reading import Reading, read_events
from config.tree import Mapped, as_json, plain, steps, within

__all__ = [
    "HINT",
    "DocumentRefused",
    "Place",
    "Problem",
    "as_written",
    "flattened",
    "peek",
    "plain",
    "read_as_far",
    "read_document",
    "read_place",
    "read_text",
    "read_tree",
    "read_with_place",
    "read_words",
    "suggest",
    "validated",
    "without",
]

LARGEST_BYTES = 1_000_000
M = TypeVar("M", bound=BaseModel)
Wrong = tuple[int, str]
FORMS = {"[file]", "[server]"}
"""What pydantic puts into a path to say which form of a setting was read; no key of the file."""
HINT = " Did you mean "
WORDING = {
    "string_type": "write a text here, in quotes if it looks like something else",
    "int_type": "write a whole number",
    "bool_type": "write true or false",
    "list_type": "write a list",
    "tuple_type": "write a list",
    "dict_type": "write keys with their values",
    "model_type": "write keys with their values",
    "too_short": "this may not be empty",
}


def read_document(path: Path, model: type[M]) -> M:
    """Return the file as the model. Errors: DocumentRefused with every problem."""
    return read_with_place(path, model)[0]


def read_with_place(path: Path, model: type[M], *, remedy: str | None = None) -> tuple[M, Place]:
    """Return the file as the model, and the place of each of its keys.

    Given:  what to type once the file is corrected, where that is not `check`.
    Errors: DocumentRefused.
    """
    try:
        read, place, problems = read_as_far(path, model)
    except DocumentRefused as refused:
        raise DocumentRefused(refused.problems, remedy=remedy) from None
    if problems or read is None:
        raise DocumentRefused(problems, remedy=remedy)
    return read, place


def read_as_far(path: Path, model: type[M]) -> tuple[M | None, Place, list[Problem]]:
    """Return the file as the model, the place of each of its keys, and everything wrong with its form.

    Returns: the model without the keys it does not know, so that what the rest says can be looked at too;
             None where other things are wrong. Errors: DocumentRefused where there is no tree.
    """
    place, wrong = _placed(path)
    tree = place.tree
    read, misfits = validated(tree, model)
    told = [Problem(path, line, text) for line, text in wrong]
    told += _misfits(place, model, misfits, {line for line, _ in wrong})
    if read is None and all(misfit["type"] == "extra_forbidden" for misfit in misfits):
        read, _ = validated(without(tree, [as_written(tree, misfit["loc"]) for misfit in misfits]), model)
    return read, place, sorted(told, key=lambda problem: problem.line)


def without(tree: Mapped, unknown: list[tuple[str | int, ...]]) -> Any:
    """Return the tree, plain, without these keys."""
    kept = plain(tree)
    for loc in unknown:
        *path, last = within(tree, loc)
        node = kept
        for step in path:
            node = node[step]
        del node[last]
    return kept


def read_tree(path: Path) -> Mapped:
    """Return the file's mapping with line numbers, to be read and not changed. Errors: DocumentRefused."""
    tree: Mapped = read_place(path).tree
    return tree


def read_place(path: Path) -> Place:
    """Return the same with the words it was read from. Errors: DocumentRefused."""
    place, wrong = _placed(path)
    if wrong:
        raise DocumentRefused([Problem(path, line, text) for line, text in wrong])
    return place


def peek(path: Path) -> Mapped:
    """Return as much of the file as could be read, whatever is wrong with it; nothing where nothing could."""
    try:
        tree: Mapped = _placed(path)[0].tree
    except DocumentRefused:
        return Mapped()
    return tree


def _placed(path: Path) -> tuple[Place, list[Wrong]]:
    """Return the tree and what is wrong with its words. Errors: DocumentRefused when there is no tree."""
    words = read_text(path, LARGEST_BYTES)
    reading = read_words(words)
    if reading.whole and isinstance(reading.tree, Mapped):
        return Place(path, reading.tree, words), reading.wrong
    if reading.whole:
        what = "The file is empty." if reading.tree is None else "The file must hold keys with their values."
        raise DocumentRefused([Problem(path, 1, what)])
    raise DocumentRefused([Problem(path, line, text) for line, text in reading.wrong])


@lru_cache(maxsize=64)
def read_words(text: str) -> Reading:
    """Return what the text says, to be looked at only; the same words are read once in a process."""
    return read_events(text)


def read_text(path: Path, largest_bytes: int) -> str:
    """Return a declared file's text. Errors: DocumentRefused, naming each line that is not plain text."""
    content = _content(path, largest_bytes)
    try:
        text = content.removeprefix(b"\xef\xbb\xbf").decode("utf-8")
    except UnicodeDecodeError as error:
        wide = b"\0" in content[:4] or content[:2] in {b"\xff\xfe", b"\xfe\xff"}
        line = 1 if wide else content.count(b"\n", 0, error.start) + 1
        what = (
            "The file is UTF-16 text: save it as UTF-8."
            if wide
            else "The file holds bytes that are not UTF-8."
        )
        wrong = [(line, what)]
    else:
        wrong = [
            (line, f"{name}: write a space, or an escape such as \\u00a0 within double quotes.")
            for line, name in odd_lines(text)
        ]
    if wrong:
        raise DocumentRefused([Problem(path, line, said) for line, said in wrong])
    return text


def _content(path: Path, largest_bytes: int) -> bytes:
    """Return the bytes of a plain file of bounded size. Errors: DocumentRefused."""
    why, content = "The file is missing or may not be read.", b""
    try:
        found = path.lstat()
        if stat.S_ISLNK(found.st_mode):
            why = "The file is a link: put the file itself here."
        elif stat.S_ISREG(found.st_mode):
            with path.open("rb") as file:
                content = file.read(largest_bytes + 1)
            why = f"The file is larger than {largest_bytes:,} bytes." if len(content) > largest_bytes else ""
    except (OSError, ValueError):
        pass
    if why:
        raise DocumentRefused([Problem(path, 1, why)])
    return content


def validated(tree: Any, model: type[M]) -> tuple[M | None, list[ErrorDetails]]:
    """Return the model, or what does not fit it: types are taken as strictly as JSON writes them."""
    try:
        return model.model_validate_json(json.dumps(tree, default=as_json), strict=True), []
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False)
    return None, [{**misfit, "loc": tuple(s for s in misfit["loc"] if s not in FORMS)} for misfit in found]


def _misfits(
    place: Place, model: type[BaseModel], found: list[ErrorDetails], doubtful: set[int]
) -> Iterator[Problem]:
    """Yield one problem for each place; what several readings of one value ask for is joined by 'or'.

    Given: the lines with a doubtful word, of which no value is judged.
    """
    joined: dict[tuple[str | int, ...], list[str]] = {}
    for error in found:
        loc = as_written(place.tree, error["loc"])
        at = within(place.tree, loc)
        if error["type"] == "missing":
            yield place.problem(f"{_name((*at, loc[-1]))}: this key is missing.", *at)
        elif error["type"] == "extra_forbidden":
            yield place.problem(_unknown(loc, model), *loc)
        elif place.line(*at) not in doubtful:
            joined.setdefault(at, []).append(_wanted(error, place, at))
    for at, texts in joined.items():
        yield place.problem(f"{_name(at)}: {_sentence(texts)}", *at)


def _sentence(texts: list[str]) -> str:
    """Return what several readings of a value ask for, joined by 'or'; the nearest known word comes after."""
    parts = [text.partition(HINT) for text in texts]
    hint = next((mark + word for _, mark, word in parts if mark), "")
    return f"{', or '.join(dict.fromkeys(wanted for wanted, _, _ in parts))}.{hint}"


def as_written(tree: Mapped, loc: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """Return the steps that stand in the file: not the name of a key's check, nor of one of several forms."""
    node: Any = tree
    kept: list[str | int] = []
    for at, step in enumerate(loc):
        form = isinstance(node, Mapped) and step not in node and at < len(loc) - 1
        if step == "[key]" or form:
            continue
        kept.append(step)
        node = next((inner[step] for inner, _ in steps(node, (step,))), None)
    return tuple(kept)


def _unknown(steps: tuple[str | int, ...], model: type[BaseModel]) -> str:
    key = str(steps[-1])
    return f"{_name(steps)}: no such key.{suggest(key, _names(model, steps[:-1]))}{foreign_letters(key)}"


def _name(steps: tuple[str | int, ...]) -> str:
    return ".".join(map(str, steps)) or "the file"


def _wanted(error: ErrorDetails, place: Place, at: tuple[str | int, ...]) -> str:
    """Return what should stand there, never what does."""
    expected = re.findall(r"'([^']*)'", str(error.get("ctx", {}).get("expected", "")))
    if expected:
        said = plain(place.tree)
        for step in at:
            said = said[step]
        hint = suggest(said, expected) if isinstance(said, str) else ""
        return f"write one of {', '.join(expected)}{hint}"
    return WORDING.get(error["type"]) or error["msg"].removeprefix("Value error, ")


def _names(model: type[BaseModel], steps: tuple[str | int, ...]) -> list[str]:
    """Return the keys allowed at the path; union and container steps are looked through."""
    current: list[Any] = [model]
    for step in steps:
        onward: list[Any] = []
        for kind in current:
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                onward += [f.annotation for n, f in kind.model_fields.items() if (f.alias or n) == step]
            elif get_origin(kind) in (dict, list, tuple):
                onward.append([part for part in get_args(kind) if part is not ...][-1])
        current = [inner for kind in onward for inner in flattened(kind)] or current
    models = [kind for kind in current if hasattr(kind, "model_fields")]
    return [f.alias or n for kind in models for n, f in kind.model_fields.items()]


def flattened(kind: Any) -> list[Any]:
    """Return the forms of which any may stand, without what is asked of each."""
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return [inner for part in get_args(kind) for inner in flattened(part)]
    if origin is not None and hasattr(kind, "__metadata__"):
        return flattened(get_args(kind)[0])
    return [kind]
