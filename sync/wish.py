"""What the operator asks of one run."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Wish:
    """What the operator asked of one run."""

    sources: tuple[str, ...] | None = None
    flows: tuple[str, ...] | None = None
    full: bool = False
    since: date | None = None
    until: date | None = None
    dry_run: bool = False
    accept_drop: bool = False
    accept_growth: bool = False
    accept_flagged: str | None = None
    accept_volume: str | None = None
    timeout: float | None = None

    @property
    def accepted(self) -> list[str]:
        """Return which brakes somebody releases by hand in this run."""
        released = ("accept_drop", "accept_growth", "accept_flagged", "accept_volume")
        return [name for name in released if getattr(self, name)]

    @property
    def whole(self) -> bool:
        """Return whether everything is to be read: what a person lets go must be there to be let go."""
        return self.full or bool(self.accepted)
