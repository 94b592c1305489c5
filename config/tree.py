"""A declared file as plain dictionaries and lists that know on which line each of their items stands."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from config.scalars import Scalar

Node = Any


class Mapped(dict[str, Node]):
    """Keys and their values; `lines` says where each key stands."""

    __slots__ = ("lines",)

    def __init__(self) -> None:
        super().__init__()
        self.lines: dict[str, int] = {}


class Listed(list[Node]):
    """Items in their order; `lines` says where each begins."""

    __slots__ = ("lines",)

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[int] = []


def plain(node: Node) -> Any:
    """Return the tree as plain dictionaries, lists and scalars."""
    if isinstance(node, dict):
        return {key: plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [plain(value) for value in node]
    return node


def line_of(tree: Node, path: tuple[str | int, ...]) -> int:
    """Return the line (from 1) of the key or item at the path, or of its nearest parent."""
    line = 1
    for node, step in steps(tree, path):
        line = node.lines[step]
    return line


def within(tree: Node, path: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """Return as much of the path as the tree has."""
    return tuple(step for _, step in steps(tree, path))


def steps(tree: Node, path: tuple[str | int, ...]) -> Iterator[tuple[Any, Any]]:
    """Yield each node on the path with the step that leaves it, as far as the tree has them."""
    node = tree
    for step in path:
        known = isinstance(node, Mapped) and step in node
        if not known and not (isinstance(node, Listed) and isinstance(step, int) and step < len(node)):
            return
        yield node, step
        node = node[step]


def as_json(value: Scalar) -> str:
    """Return a day as JSON writes it; every other scalar is JSON already."""
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError
