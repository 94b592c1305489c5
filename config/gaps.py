"""A declared file of which single values cannot be read: its gaps, and what may stand in them."""

import types
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Annotated, Any, Generic, Literal, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import to_json

from config.documents import Place, Problem, as_written, flattened, validated, without
from config.tree import line_of, within

M = TypeVar("M", bound=BaseModel)
Steps = tuple[str | int, ...]
ANY = "*"
"""A step to any item of a list or of keys that the file makes up itself."""
UNIONS = (Union, types.UnionType)
FLAGS = (True, False)


@dataclass(frozen=True)
class Gap:
    """A single value that is missing or cannot be read.

    steps:     the way to it.
    parallel:  the values that the file has in places like this one.
    """

    steps: Steps
    kinds: tuple[Any, ...] = field(repr=False)
    form: TypeAdapter[Any] = field(repr=False)
    parallel: tuple[Any, ...] = field(repr=False)

    def members(self) -> Iterator[Any]:
        """Yield the values that are all that may stand here, where there are but few; nothing among them."""
        for kind in self.kinds:
            if get_origin(kind) is Literal:
                yield from (one.value if isinstance(one, Enum) else one for one in get_args(kind))
            elif isinstance(kind, type) and issubclass(kind, Enum):
                yield from (one.value for one in kind)
            elif kind is bool:
                yield from FLAGS
            elif kind is type(None):
                yield None

    def takes(self, value: Any) -> bool:
        """Return whether the value may stand here."""
        try:
            self.form.validate_json(to_json(value), strict=True)
        except ValidationError:
            return False
        return True


@dataclass(frozen=True)
class Gaps(Generic[M]):
    """The file around its gaps."""

    tree: Any = field(repr=False)
    model: type[M]
    gaps: tuple[Gap, ...]

    def filled(self, values: Sequence[Any]) -> M | None:
        """Return the file as it would be with these values in its gaps; None where it could not be read."""
        tree = self.tree
        for gap, value in zip(self.gaps, values, strict=True):
            tree = _with(tree, gap.steps, value)
        return validated(tree, self.model)[0]


def gaps_of(place: Place, model: type[M], told: Sequence[Problem]) -> Gaps[M] | None:
    """Return the file around its gaps; None where more cannot be read than single values.

    Given: what was told of the file's form; a doubtful word leaves a gap as well.
    """
    _, misfits = validated(place.tree, model)
    written = {as_written(place.tree, one["loc"]): one["type"] for one in misfits}
    unknown = [loc for loc, kind in written.items() if kind == "extra_forbidden"]
    ways = {
        loc if kind == "missing" else within(place.tree, loc)
        for loc, kind in written.items()
        if kind != "extra_forbidden"
    }
    ways -= {way[:end] for way in ways for end in range(len(way))}
    lines = {problem.line for problem in told}
    ways |= {way for way in _nulls(place.tree) if line_of(place.tree, way) in lines}
    found = [_gap(place.tree, model, way) for way in sorted(ways, key=str)]
    gaps = tuple(gap for gap in found if gap is not None)
    return Gaps(without(place.tree, unknown), model, gaps) if len(gaps) == len(found) else None


def _gap(tree: Any, model: type[BaseModel], way: Steps) -> Gap | None:
    """Return the gap at the end of the way, or None where no single value stands there."""
    wholes, pattern = _walked(model, way)
    kinds = tuple(kind for whole in wholes for kind in flattened(whole))
    parallel = _distinct(value for value in _at(tree, pattern) if value is not None)
    words = any(not isinstance(value, dict | list) for value in parallel)
    if (
        not kinds
        or isinstance(_value(tree, way), dict | list)
        or (not all(map(_single, kinds)) and not words)
    ):
        return None
    whole: Any = Union[tuple(wholes)]  # noqa: UP007 - of any number
    return Gap(way, kinds, TypeAdapter(whole), parallel)


def _walked(model: type[BaseModel], way: Steps) -> tuple[list[Any], Steps]:
    """Return what may stand at the end of the way, and the way to all places like it."""
    wholes: list[Any] = [model]
    pattern: list[str | int] = []
    for step in way:
        onward: list[Any] = []
        own = False
        for kind in (kind for whole in wholes for kind in flattened(whole)):
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                known = [f for name, f in kind.model_fields.items() if (f.alias or name) == step]
                onward += [
                    Annotated[(f.annotation, *f.metadata)] if f.metadata else f.annotation for f in known
                ]
            elif get_origin(kind) in {dict, list, tuple}:
                onward.append(get_args(kind)[-1])
                own = True
        pattern.append(ANY if own else step)
        wholes = onward
    return wholes, tuple(pattern)


def _single(kind: Any) -> bool:
    model = isinstance(kind, type) and issubclass(kind, BaseModel)
    return not model and get_origin(kind) not in {dict, list, tuple}


def _at(node: Any, pattern: Steps) -> Iterator[Any]:
    """Yield the values at every place of the pattern."""
    if not pattern:
        yield node
        return
    step, *rest = pattern
    inner: Iterable[Any]
    if step == ANY:
        inner = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    else:
        inner = (node[step],) if isinstance(node, dict) and step in node else ()
    for each in inner:
        yield from _at(each, tuple(rest))


def _nulls(node: Any, way: Steps = ()) -> Iterator[Steps]:
    """Yield the way to every value that is null."""
    if node is None:
        yield way
    pairs = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for step, inner in pairs:
        yield from _nulls(inner, (*way, step))


def _value(tree: Any, way: Steps) -> Any:
    node = tree
    for step in way:
        try:
            node = node[step]
        except (KeyError, IndexError, TypeError):
            return None
    return node


def _with(node: Any, way: Steps, value: Any) -> Any:
    """Return the tree with the value at the end of the way; what is not on the way is not copied."""
    if not way:
        return value
    step, rest = way[0], way[1:]
    if isinstance(node, list):
        return [_with(inner, rest, value) if at == step else inner for at, inner in enumerate(node)]
    copied = dict(node)
    copied[str(step)] = _with(copied.get(str(step)), rest, value)
    return copied


def _distinct(values: Iterator[Any]) -> tuple[Any, ...]:
    return tuple({to_json(value): value for value in values}.values())
