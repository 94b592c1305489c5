"""Treatments: which columns of an entity the recipient sees, and how closely."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import rfc8785

from sharing.vocabulary import Action


@dataclass(frozen=True)
class Treatment:
    """What a record is shared with: an action per released column, redactions included. It holds no value."""

    entity: str
    fields: Mapping[str, Action]
    digest: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "fields", MappingProxyType(dict(self.fields)))
        object.__setattr__(self, "digest", _digest(self.entity, tuple(self.fields.items())))

    def to_json(self) -> dict[str, Any]:
        """Return the treatment as JSON values."""
        return {"entity": self.entity, "fields": _plain(self.fields), "digest": self.digest}

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> "Treatment":
        """Return the treatment that `to_json` wrote."""
        return cls(str(said["entity"]), {str(name): Action(value) for name, value in said["fields"].items()})

    def redacted(self) -> list[str]:
        """Return the columns that leave as null."""
        return [name for name, action in self.fields.items() if action is Action.REDACT]


def narrower(old: Treatment, new: Treatment) -> bool:
    """Return whether any column is shared less closely under `new` than it was under `old`."""
    if old.entity != new.entity:
        return True
    return any(
        new.fields.get(name, Action.REDACT).precision < action.precision
        for name, action in old.fields.items()
    )


def nothing_of(entity: str, columns: tuple[str, ...] = ()) -> Treatment:
    """Return the treatment under which nothing of the entity is seen."""
    return Treatment(entity, dict.fromkeys(columns, Action.REDACT))


def _plain(fields: Mapping[str, Action]) -> dict[str, str]:
    return {name: action.value for name, action in fields.items()}


@lru_cache(maxsize=4096)
def _digest(entity: str, fields: tuple[tuple[str, Action], ...]) -> str:
    """Return SHA-256 of the treatment as RFC 8785 JSON; tonight's are mostly those remembered."""
    text = rfc8785.dumps({"entity": entity, "fields": _plain(dict(fields))})
    return hashlib.sha256(text).hexdigest()
