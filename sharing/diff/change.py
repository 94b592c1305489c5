"""One difference between two versions of an assessment, and what it does to what may be shared."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Path = tuple[str, ...]


class Effect(StrEnum):
    """Whether more may be shared than before, less, or neither. What cannot be told counts as more."""

    WIDENS = "widens"
    NARROWS = "narrows"
    NEITHER = "neither"


@dataclass(frozen=True)
class Change:
    """What changed, in plain words.

    before, after: what stood there, as JSON; None where nothing did.
    """

    path: Path
    effect: Effect
    says: str
    before: Any = None
    after: Any = None

    def to_json(self) -> dict[str, Any]:
        """Return the change as one JSON object."""
        return {
            "path": "/".join(self.path),
            "effect": self.effect.value,
            "says": self.says,
            "before": self.before,
            "after": self.after,
        }
