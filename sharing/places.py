"""Which fields tell where somebody is: `places.yaml`, read once."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from config.documents import plain, read_tree

PATH = Path(__file__).parent / "places.yaml"
Fields = Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class Places:
    """Per entity the fields that tell a home, and those that tell where somebody is seen."""

    home: Fields
    visit: Fields
    not_of_a_person: Fields

    def of(self, entity: str) -> frozenset[str]:
        """Return every field of the entity that tells where somebody is."""
        return self.home.get(entity, frozenset()) | self.visit.get(entity, frozenset())


@cache
def places() -> Places:
    """Return the declared places."""
    said = plain(read_tree(PATH))
    kinds = ("home", "visit", "not_of_a_person")
    return Places(*({entity: frozenset(names) for entity, names in said[kind].items()} for kind in kinds))
