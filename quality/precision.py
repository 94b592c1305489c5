"""How often each check is right: what runs on two samples found of the flaws planted in them."""

import csv
import io
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from pathlib import Path

from common.files import write_atomic

FILE = Path(__file__).with_name("precision.csv")
ERRS = Path(__file__).with_name("misfires.csv")


class Truth(StrEnum):
    """Which sample it was measured on."""

    FIRST = "first"
    SECOND = "second"


@dataclass(frozen=True, order=True)
class Measured:
    """One check on one sample.

    asked:          the records (months, exports) that it applied to and could be asked of on the last night.
    planted, found: the flaws in it, and how many of them the check told.
    look_alikes:    records that look wrong to it and are right; misfires: those it told all the same.
    """

    check: str
    sample: Truth
    asked: int
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
        asked = f"; asked of {self.asked:,}" if self.asked else ""
        counts = f"{self.found} of {self.planted} flaws found{alike}{asked}"
        return f"precision {self.precision:.0%}, recall {self.recall:.0%} ({counts})"


@dataclass(frozen=True, order=True)
class Misfire:
    """What a check tells though it is right, in words; of nobody in particular."""

    check: str
    says: str


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
    _write(FILE, [one.name for one in fields(Measured)], [asdict(row) for row in rows])


def read_misfires() -> list[Misfire]:
    """Return what is told all the same, by check."""
    rows = csv.DictReader(ERRS.read_text(encoding="utf-8").splitlines())
    return [Misfire(**row) for row in rows]


def write_misfires(rows: Iterable[Misfire]) -> None:
    """Write down what is told all the same."""
    _write(ERRS, [one.name for one in fields(Misfire)], [asdict(row) for row in rows])


def errs() -> dict[str, str]:
    """Return by check what it tells though it is right."""
    told: dict[str, list[str]] = {}
    for row in read_misfires():
        told.setdefault(row.check, []).append(row.says)
    return {check: " ".join(words) for check, words in told.items()}


def _write(path: Path, names: list[str], rows: Iterable[dict[str, str | int]]) -> None:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_atomic(path, text.getvalue().encode("utf-8"), private=False)
