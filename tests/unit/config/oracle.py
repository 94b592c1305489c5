"""An independent reading of a declared file: ruamel.yaml, YAML 1.2, round trip, with its own line numbers."""

from datetime import date, datetime
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError

from config.tree import Listed, Mapped

CRASHED = object()


def read(text: str) -> Any:
    """Return the tree; None where it is no YAML 1.2; CRASHED where the library itself gives up."""
    reader = YAML(typ="rt")
    reader.version = (1, 2)
    try:
        return reader.load(text)
    except (YAMLError, ValueError):
        return None
    # Where ruamel.yaml gives up on odd text it raises one of these, its own NotImplementedError among them.
    except (TypeError, AssertionError, AttributeError, IndexError, NotImplementedError):
        return CRASHED


def scalar(value: Any) -> Any:
    """Return the value as Python's own type; an instant, which we take for text, as its type alone."""
    if isinstance(value, datetime):
        return datetime
    for kind in (bool, int, float, str, date):
        if isinstance(value, kind):
            return value if kind in {bool, date} else kind(value)
    return value


def same(ours: Any, theirs: Any) -> bool:
    """Return whether both trees hold the same keys and values, each key and item on the same line."""
    if isinstance(ours, Mapped):
        return (
            isinstance(theirs, CommentedMap)
            and list(ours) == [scalar(key) for key in theirs]
            and all(ours.lines[key] == theirs.lc.key(key)[0] + 1 for key in ours)
            and all(same(ours[key], theirs[key]) for key in ours)
        )
    if isinstance(ours, Listed):
        return (
            isinstance(theirs, CommentedSeq)
            and len(ours) == len(theirs)
            and all(line == theirs.lc.item(at)[0] + 1 for at, line in enumerate(ours.lines))
            and all(same(one, other) for one, other in zip(ours, theirs, strict=True))
        )
    theirs = scalar(theirs)
    return (type(ours) is type(theirs) and ours == theirs) or (theirs is datetime and isinstance(ours, str))
