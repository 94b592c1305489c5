"""The calls of a night that a sweep disturbs, one at a time, and what an undisturbed night leaves."""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tests.crash.calls import Trace
from tests.crash.left import Left, what_is_left
from tests.crash.promises import rows_of
from tests.crash.scene import NIGHT, Stage, sample_of_tomorrow, sample_of_tonight
from tests.crash.tracing import Inject
from tests.secret_words import SecretWords

SEED = "traced"
GATE = "planned"
ENOUGH_TO_KNOW = 30
Rows = dict[str, frozenset[str]]


@dataclass(frozen=True)
class Point:
    """One call to disturb: the how-manieth of its name after the gate, and what it does."""

    name: str
    number: int
    label: str
    ordinal: int
    gate: str | None = None

    def inject(self, tamper: str, *, lasting: bool = False) -> Inject:
        """Return the injection at this call; `lasting` from this call on."""
        return Inject(self.name, f"{self.number}{'+' if lasting else ''}", tamper)

    def __str__(self) -> str:
        return f"{self.label} #{self.ordinal}"


@dataclass
class Swept:
    """What a sweep found: how many calls it disturbed by name, and what each broke."""

    calls: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)

    def take(self, point: Point, broken: list[str]) -> None:
        """Note one disturbed call and what it broke."""
        self.calls[point.name] += 1
        self.broken += [f"{point}: {one}" for one in broken]

    def __str__(self) -> str:
        names = ", ".join(f"{name} {count}" for name, count in self.calls.most_common())
        return f"{self.calls.total()} calls ({names}): {len(self.broken)} differences"


@dataclass(frozen=True)
class Night:
    """A night from one start: its changing calls, the states its warehouse may be in, and what it leaves."""

    start: Path
    points: list[Point]
    states: list[Rows]
    left: Left
    words: SecretWords


def night_from(stage: Stage, start: Path) -> Night:
    """Return the night that follows this start when nobody disturbs it, with its calls traced."""
    site = stage.copy(start)
    points = all_points(stage, start, site)
    states = [rows_of(start), rows_of(site)]
    night = Night(start, points, states, what_is_left(site), secret_words())
    stage.drop(site)
    return night


def all_points(stage: Stage, start: Path, site: Path, words: tuple[str, ...] = NIGHT) -> list[Point]:
    """Return the changing calls of a night on the site, which it runs, by these words.

    A traced process stops at each of its calls, and most of these are threads handing work to each other
    before anything is planned. What comes later is counted from there, so that few nights are traced from
    their start.
    """
    copy = stage.copy(start)
    points = traced_points(stage, copy, words=words)
    after = traced_points(stage, site, gate=GATE, words=words)
    stage.drop(copy)
    begins = [point.label for point in after[:ENOUGH_TO_KNOW]]
    labels = [point.label for point in points]
    early = next(at for at in range(len(points)) if labels[at : at + ENOUGH_TO_KNOW] == begins)
    return _numbered([*points[:early], *after])


def _numbered(points: list[Point]) -> list[Point]:
    """Return the points, the ordinal of each counted anew."""
    seen: Counter[str] = Counter()
    numbered = []
    for point in points:
        seen[point.label] += 1
        numbered.append(replace(point, ordinal=seen[point.label]))
    return numbered


def traced_points(
    stage: Stage,
    site: Path,
    gate: str | None = None,
    bug: str | None = None,
    words: tuple[str, ...] = NIGHT,
) -> list[Point]:
    """Run a verb on the site, a night by default, and return its changing calls after the gate."""
    told = stage.tracer.verb(site, *words, seed=SEED, bug=bug, gate=gate)
    assert told.said["code"] in {0, 1}, told.said["err"]
    return points_of(told.trace, site, gate)


def points_of(trace: Trace, site: Path, gate: str | None = None) -> list[Point]:
    """Return the calls that change something under the site, where temporary files go too.

    All of them are the first thread's: strace counts by thread, so a call of another could not be aimed at.
    """
    points = []
    for call in trace.changing(str(site)):
        label = call.label(str(site))
        assert call.thread == trace.calls[0].thread, f"not in the first thread: {label}"
        points.append(Point(call.name, call.number, label, 0, gate))
    return _numbered(points)


def spread(points: Sequence[Any], count: int, seed: int) -> list[Any]:
    """Return so many points, one drawn from each of as many equal stretches of the night."""
    drawn = random.Random(seed)
    stretch = len(points) / count
    return [points[int((number + drawn.random()) * stretch)] for number in range(count)]


def secret_words() -> SecretWords:
    """Return the personal values of both days."""
    days = [SecretWords.of(sample) for sample in (sample_of_tonight(), sample_of_tomorrow())]
    return SecretWords(
        frozenset().union(*(day.numbers for day in days)),
        frozenset().union(*(day.dates for day in days)),
        frozenset().union(*(day.postcodes for day in days)),
    )
