"""How often each check is right: what runs on two samples found of the flaws planted in them."""

import csv
import io
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from pathlib import Path

from common.files import write_atomic

FILE = Path(__file__).with_name("precision.csv")


class Truth(StrEnum):
    """Which sample it was measured on."""

    FIRST = "first"
    SECOND = "second"


@dataclass(frozen=True, order=True)
class Measured:
    """One check on one sample.

    planted, found: the flaws in it, and how many of them the check told.
    look_alikes:    records that look wrong to it and are right; misfires: those it told all the same.
    """

    check: str
    sample: Truth
    planted: int
    found: int
    look_alikes: int
    misfires: int

    @property
    def precision(self) -> float:
        """Return how much of what it told is true; 1 where it told nothing."""
        told = self.found + self.misfires
        return self.found / told if told else 1.0

    @property
    def recall(self) -> float:
        """Return how much of what is true it told; 1 where nothing was."""
        return self.found / self.planted if self.planted else 1.0

    @property
    def words(self) -> str:
        """Return both in words, with the numbers they come from."""
        alike = f", {self.misfires} of {self.look_alikes} look-alikes told" if self.look_alikes else ""
        counts = f"{self.found} of {self.planted} flaws found{alike}"
        return f"precision {self.precision:.0%}, recall {self.recall:.0%} ({counts})"


def read_measured() -> list[Measured]:
    """Return what was measured last, by check and sample."""
    rows = csv.DictReader(FILE.read_text(encoding="utf-8").splitlines())
    return [_read(**row) for row in rows]


def _read(check: str, sample: str, **counts: str) -> Measured:
    return Measured(check, Truth(sample), **{name: int(cell) for name, cell in counts.items()})


def stated() -> dict[str, str]:
    """Return by check what was measured of it, in words that name the sample."""
    told: dict[str, list[str]] = {}
    for row in read_measured():
        told.setdefault(row.check, []).append(f"{row.sample} sample: {row.words}")
    return {check: "; ".join(words) for check, words in told.items()}


def write_measured(rows: Iterable[Measured]) -> None:
    """Write down what was measured."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, [one.name for one in fields(Measured)], lineterminator="\n")
    writer.writeheader()
    writer.writerows(asdict(row) for row in rows)
    write_atomic(FILE, text.getvalue().encode("utf-8"), private=False)
