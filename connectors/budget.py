"""What one run may still ask of all its sources together: requests repeated, and time."""

import time
from dataclasses import dataclass


@dataclass
class RunBudget:
    """The ceiling of one run over its sources; each source has ceilings of its own beside it.

    retries: how many requests may still be repeated; None without a ceiling.
    ends_at: the monotonic instant at which the run must end, in seconds.
    """

    retries: int | None = None
    ends_at: float | None = None

    def spend(self) -> None:
        """Count one repeated request."""
        if self.retries is not None:
            self.retries -= 1

    @property
    def is_spent(self) -> bool:
        """Return whether no request may be repeated any more."""
        return self.retries is not None and self.retries <= 0

    def until(self, seconds: float) -> float:
        """Return the monotonic instant at which a pull that may last so long must end."""
        ends = time.monotonic() + seconds
        return ends if self.ends_at is None else min(ends, self.ends_at)
