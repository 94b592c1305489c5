"""What the operator asks of one run."""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import date

Attend = Callable[[str, list[str]], AbstractContextManager[None]]
"""Given a run's id and the sources that it is to pull whole: what goes on beside the run."""


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
    choose: Callable[[], tuple[str, ...]] | None = field(default=None, repr=False, compare=False)
    attend: Attend | None = field(default=None, repr=False, compare=False)

    def chosen(self) -> "Wish":
        """Return the wish with its sources settled; what chooses them is asked while the lock is held."""
        return self if self.choose is None else replace(self, sources=self.choose(), choose=None)

    def attended(self, run_id: str, sources: Iterable[str]) -> AbstractContextManager[None]:
        """Return what goes on beside the run of this id while the lock is held; as a rule nothing."""
        return nullcontext() if self.attend is None else self.attend(run_id, self.asked_of(sources))

    @property
    def accepted(self) -> list[str]:
        """Return which brakes somebody releases by hand in this run."""
        released = ("accept_drop", "accept_growth", "accept_flagged", "accept_volume")
        return [name for name in released if getattr(self, name)]

    def asked_of(self, sources: Iterable[str]) -> list[str]:
        """Return which of the sources are asked for whole; none if flows or days are left out."""
        limited = self.flows is not None or self.since is not None or self.until is not None
        return [] if limited else sorted(sources if self.sources is None else self.sources)

    @property
    def whole(self) -> bool:
        """Return whether everything is to be read: what a person lets go must be there to be let go."""
        return self.full or bool(self.accepted)
