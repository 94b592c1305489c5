"""Power cuts: from one traced night, what the disk may hold after any of its calls; and the night after."""

import random
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle

from tests.crash.calls import Call
from tests.crash.disk import Cut, Disk, lay
from tests.crash.points import SEED, Night
from tests.crash.promises import broken_now, broken_then
from tests.crash.scene import NIGHT, Stage

CUTS = (Cut.NOTHING, Cut.NAMES, Cut.HALF)


@dataclass
class Cuts:
    """What was tried: how many calls there are, how many different disks stood after them, and what broke."""

    calls: int = 0
    tried: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        told = ", ".join(f"{count} sparing {cut}" for cut, count in self.tried.items())
        return f"{self.calls} calls, {self.tried.total()} disks ({told}): {len(self.broken)} differences"


class PowerCut:
    """One traced night, replayed on a disk that knows what is durable, and cut short wherever asked."""

    def __init__(self, stage: Stage, night: Night, *, bug: str | None = None) -> None:
        self.stage = stage
        self.night = night
        self.cuts = Cuts()
        self._site = stage.copy(night.start)
        told = stage.tracer.verb(self._site, *NIGHT, seed=SEED, bug=bug, whole=True)
        assert told.said["code"] in {0, 1}, told.said["err"]
        self.calls = told.trace.calls
        self.places = told.trace.changing(str(self._site))

    def disk(self) -> Disk:
        """Return the disk as it was before the night."""
        return Disk(self._site, self.night.start)

    def everywhere(self) -> None:
        """Cut after every changing call, in every way; a disk that was met before is not tried again."""
        met: set[str] = set()
        for call, disk in self._replayed():
            for cut in CUTS:
                if (said := disk.digest(cut)) not in met:
                    met.add(said)
                    self._try(call, disk, cut)

    def at(self, places: set[int], seed: int) -> None:
        """Cut after these calls, in each way in turn."""
        ways = cycle(random.Random(seed).sample(CUTS, len(CUTS)))
        for number, (call, disk) in enumerate(self._replayed()):
            if number in places:
                self._try(call, disk, next(ways))

    def _replayed(self) -> Iterator[tuple[Call, Disk]]:
        """Yield each changing call and the disk after it."""
        disk, changing = self.disk(), set(map(id, self.places))
        self.cuts.calls = len(self.places)
        for call in self.calls:
            disk.apply(call)
            if id(call) in changing:
                yield call, disk

    def _try(self, call: Call, disk: Disk, cut: Cut) -> None:
        """Lay out what the cut leaves, look at it, and let the next night run on it."""
        site = self.stage.copy(self.night.start)
        shutil.rmtree(site / "var")
        lay({path: content for path, content in disk.left(cut).items() if path.startswith("var")}, site)
        broken = broken_now(site, self.night.states, self.night.words)
        if not broken:
            said = self.stage.night(site)
            broken = broken_then(site, said, self.night.left, self.night.words)
        self.stage.drop(site)
        self.cuts.tried[cut] += 1
        where = f"{call.label(str(self._site))}, sparing {cut}"
        self.cuts.broken += [f"{where}: {one}" for one in broken]
