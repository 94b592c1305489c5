"""The sweep: a night disturbed at one of its calls, what stands then, and what the next night makes of it."""

import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from tests.crash.points import SEED, Night, Point, Swept
from tests.crash.promises import broken_idle, broken_now, broken_then
from tests.crash.scene import NIGHT, Stage
from tests.crash.tracing import Told

# How often DuckDB flushes the log of a copy, or a thread is woken, differs from run to run by one or two, and
# by more on a busy machine: then another call is met, and the one before or after it is aimed at.
SHIFTS = (0, 0, 1, -1, 0, 1, -1, 2, -2, 0, 3, -3, 1, 2, 4, -4, 0)
KILL = "signal=KILL"
Judge = Callable[[Path, Told], list[str]]


class Sweep:
    """Disturbs one night at its calls, one at a time, each on a copy of the same start."""

    words = NIGHT

    def __init__(self, stage: Stage, night: Night, *, bug: str | None = None) -> None:
        self.stage = stage
        self.night = night
        self.bug = bug
        self.swept = Swept()

    def kill(self, point: Point, *, twice: bool = False, idle: bool = False) -> list[str]:
        """Return what is broken after a kill at the call, and after the night that follows.

        `twice`: that night is killed too, at the same name and count if it comes so far, and a third ends it.
        """
        with self._copied() as site:
            self.die(site, point)
            broken = self._stands(site)
            if twice and not broken:
                self._verb(site, point, KILL, "again")
                broken = self._stands(site)
            broken = broken or self._ends_well(site, idle=idle)
        self.swept.take(point, broken)
        return broken

    def tamper(self, point: Point, tamper: str, judge: Judge, *, lasting: bool = False) -> list[str]:
        """Return what is broken after a night whose call was tampered with, and after the next."""
        with self._copied() as site:
            told = self._verb(site, point, tamper, SEED, lasting=lasting)
            broken = [*judge(site, told), *self._stands(site)] or self._ends_well(site)
        self.swept.take(point, broken)
        return broken

    def die(self, site: Path, point: Point) -> None:
        """Kill a night at the call. Errors: AssertionError when another call was met each time."""
        for shift in SHIFTS:
            aimed = replace(point, number=max(1, point.number + shift))
            told = self._verb(site, aimed, KILL, SEED)
            met = told.trace.calls[-1].label(str(site)) if told.trace.calls else "nothing"
            if told.said["signal"] == signal.SIGKILL and met == point.label:
                return
            shutil.rmtree(site)
            shutil.copytree(self.night.start, site)
        raise AssertionError(f"aimed at {point}, met {met}, ended by signal {told.said['signal']}")

    def _verb(self, site: Path, point: Point, tamper: str, seed: str, *, lasting: bool = False) -> Told:
        asked = {"seed": seed, "bug": self.bug, "gate": point.gate if seed == SEED else None}
        return self.stage.tracer.verb(
            site, *self.words, inject=point.inject(tamper, lasting=lasting), **asked
        )

    def _stands(self, site: Path) -> list[str]:
        return broken_now(site, self.night.states, self.night.words)

    def _ends_well(self, site: Path, *, idle: bool = False) -> list[str]:
        """Return what is broken after a night that nobody disturbs, and after an idle one."""
        said = self.stage.night(site, bug=self.bug)
        broken = broken_then(site, said, self.night.left, self.night.words)
        if idle and not broken:
            broken = broken_idle(site, self.stage.night(site, bug=self.bug), self.night.left)
        return broken

    @contextmanager
    def _copied(self) -> Iterator[Path]:
        site = self.stage.copy(self.night.start)
        try:
            yield site
        finally:
            self.stage.drop(site)
