"""The brakes: far fewer or far more records than usual are held until a person says."""

from collections.abc import Mapping
from dataclasses import dataclass, field

LEAST_LIST = 5


@dataclass(frozen=True)
class Brake:
    """How much change is still usual, in percent of what there was.

    `at_least` records are always usual, but for one limit that no setting moves: more than half of a list
    of LEAST_LIST or more is a drop, so that a small charity has a brake as well.
    """

    drop_percent: float = 20.0
    growth_percent: float = 50.0
    at_least: int = 50

    def drops(self, before: int, lost: int) -> bool:
        """Return whether losing so many of so many is unusual."""
        return lost > max(self.at_least, before * self.drop_percent / 100) or _most(before, lost)

    def erases(self, before: int, erased: int) -> bool:
        """Return whether erasing so many people of so many in a night is unusual; no percentage counts."""
        return erased > self.at_least or _most(before, erased)

    def grows(self, before: int, new: int) -> bool:
        """Return whether so many new ones beside so many is unusual."""
        return new > max(self.at_least, before * self.growth_percent / 100)


def _most(before: int, lost: int) -> bool:
    return before >= LEAST_LIST and 2 * lost > before


@dataclass(frozen=True)
class Brakes:
    """The brakes of a site and its sources, and which of them a person has released for this run."""

    site: Brake = field(default_factory=Brake)
    sources: Mapping[str, Brake] = field(default_factory=dict)
    accept_drop: bool = False
    accept_growth: bool = False

    def of(self, source: str) -> Brake:
        """Return the brake of a source."""
        return self.sources.get(source, self.site)
