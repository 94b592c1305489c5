"""Reading the API's small lists: the words of a dictionary, the names of fields, the counts of a dimension.

The manual says what they hold and not how it is written. Each reader knows the ways JSON has of writing
such a list, and answers None to any other: what cannot be read is not guessed at.
"""

from collections.abc import Iterator
from typing import Any

NAMES = ("name", "label", "value", "title", "description")
FIELD_NAMES = ("name", "field", "id")
BRANCHES = frozenset({"children", "options", "items", "values", "codes", "branches", "nodes", "subcodes"})
COUNTS = ("count", "total", "records", "number")


def read_words(said: Any) -> dict[str, str] | None:
    """Return a dictionary's words by id, those of a tree's every branch included."""
    if not isinstance(said, dict | list):
        return None
    found: dict[str, str] = {}
    for number, word in _entries(said):
        if found.get(number, word) != word:
            return None
        found[number] = word
    return found if found or not said else None


def _entries(said: Any) -> Iterator[tuple[str, str]]:
    """Yield (id, word) of {"1": "Word"}, of [{"id": 1, "name": "Word"}] and of what hangs below either."""
    pairs = said.items() if isinstance(said, dict) else ((None, each) for each in said)
    for key, value in pairs:
        if isinstance(value, str) and key is not None:
            yield str(key), value
        elif isinstance(value, dict):
            yield from _entry(key, value)
        elif isinstance(value, list):
            yield from _entries([each for each in value if isinstance(each, dict)])


def _entry(key: str | None, said: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what one object of a dictionary says: itself, and its branches."""
    number = said.get("id", key)
    word = next((said[name] for name in NAMES if isinstance(said.get(name), str)), None)
    if word is None and "id" not in said:
        yield from _entries(said)
        return
    if word is not None and number is not None:
        yield str(number), word
    for name, below in said.items():
        # An object beside a word may be anything: who made it, what it replaced.
        if isinstance(below, list) or (isinstance(below, dict) and name in BRANCHES):
            yield from _entries(below)


def read_names(said: Any) -> tuple[str, ...] | None:
    """Return the names of fields: of ["id"], of [{"name": "id"}] or of {"id": ...}."""
    if isinstance(said, dict):
        return tuple(said)
    if not isinstance(said, list):
        return None
    names = [each if isinstance(each, str) else _field_name(each) for each in said]
    return None if None in names else tuple(str(name) for name in names)


def _field_name(said: Any) -> str | None:
    if not isinstance(said, dict):
        return None
    return next((said[name] for name in FIELD_NAMES if isinstance(said.get(name), str)), None)


def read_count(said: Any) -> int | None:
    """Return how many records a breakdown counts: of {"1": 20} or of [{"project": 1, "count": 20}]."""
    if isinstance(said, dict):
        counts = list(said.values())
    elif isinstance(said, list) and all(isinstance(each, dict) for each in said):
        counts = [_count(each) for each in said]
    else:
        return None
    if not all(isinstance(count, str) and count.isascii() and count.isdigit() for count in counts):
        return None
    return sum(int(count) for count in counts)


def _count(said: dict[str, Any]) -> Any:
    return next((said[name] for name in COUNTS if name in said), None)
