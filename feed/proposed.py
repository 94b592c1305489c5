"""The proposed set of figures, and as what each of them is told: nothing of it goes missing unseen."""

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from feed.declared import FOLDER, Declarations, Kpi

LIST = FOLDER / "proposed_set.csv"


@dataclass(frozen=True)
class Proposed:
    """One figure of the set; `elsewhere` says where it comes from, if no declaration tells it."""

    kpi_id: str
    name: str
    source: str
    elsewhere: str

    def told_as(self, declared: Declarations) -> list[Kpi]:
        """Return the figures that tell it: itself, and its meanings and parts (K03a, K14.soon)."""
        mine = re.compile(rf"{re.escape(self.kpi_id)}[a-z]?(\..+)?")
        others = {each.kpi_id for each in proposed_set()} - {self.kpi_id}
        return [kpi for kpi in declared.kpis.values() if mine.fullmatch(kpi.id) and kpi.id not in others]


@cache
def proposed_set() -> tuple[Proposed, ...]:
    """Return the set in its own order."""
    lines = LIST.read_text(encoding="utf-8").splitlines()
    rows = csv.DictReader(line for line in lines if not line.startswith("#"))
    return tuple(Proposed(**row) for row in rows)


def untold(declared: Declarations) -> list[str]:
    """Return the figures of the set that nothing tells, not even why they cannot be told."""
    return [each.kpi_id for each in proposed_set() if not each.elsewhere and not each.told_as(declared)]


def whether_told(figures: Iterable[Kpi]) -> str:
    """Return the numbers of the figures, those that cannot be told in brackets."""
    return ", ".join(f"({kpi.id})" if kpi.because else kpi.id for kpi in figures)
