"""The steps of a run: how long each took, and a place for those who want to watch (progress, tests)."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from common import clock
from common.ending import go_on

STAGES = (
    "finish",
    "pull",
    "gather",
    "index",
    "examine",
    "decide",
    "plan",
    "seal",
    "log",
    "deliver",
    "load",
    "remember",
)
Watcher = Callable[[str, int, int], None]


class Steps:
    """Measures the stages of one run and tells a watcher where the run stands."""

    def __init__(self, watcher: Watcher | None = None, timeout: float | None = None) -> None:
        self.durations: dict[str, float] = {}
        self.of_sources: dict[str, float] = {}
        self._watcher = watcher
        self.ends_at = time.monotonic() + timeout if timeout else None
        self._began = (clock.now(), time.monotonic())

    @property
    def out_of_time(self) -> bool:
        """Return whether the run has used up its time."""
        return self.ends_at is not None and time.monotonic() > self.ends_at

    @property
    def clock_moved_seconds(self) -> float:
        """Return by how much the clock of the day has run ahead of, or behind, the time that went by."""
        began, ticks = self._began
        return (clock.now() - began).total_seconds() - (time.monotonic() - ticks)

    @contextmanager
    def stage(self, name: str, source: str | None = None) -> Iterator[None]:
        """Measure a stage, for a source's own time too; stages that come back (one per partition) add up."""
        started = time.perf_counter()
        try:
            yield
        finally:
            seconds = time.perf_counter() - started
            self.durations[name] = self.durations.get(name, 0.0) + seconds
            if source is not None:
                self.of_sources[source] = self.of_sources.get(source, 0.0) + seconds

    def reached(self, step: str, done: int = 0, of: int = 0) -> None:
        """Say that a boundary between two steps was reached, `done` parts `of` so many.

        Errors: KeyboardInterrupt, Terminated, when this process was asked to end.
        """
        go_on()
        if self._watcher is not None:
            self._watcher(step, done, of)
