"""What is known of numbers that are not shown: the range of each, and what sums of them come to."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Floats = NDArray[np.float64]
Places = NDArray[np.intp]
Truths = NDArray[np.bool_]
SLACK = 1e-6
MOST_PASSES = 60


@dataclass(frozen=True, eq=False)
class System:
    """Whole numbers that nobody has shown, and all that is known of them.

    lower, upper:      between what each number lies; infinite where nothing is known.
    rows:              one sum in each row, its coefficients over the numbers.
    at_least, at_most: between what each sum lies.
    """

    lower: Floats
    upper: Floats
    rows: sparse.csr_array
    at_least: Floats
    at_most: Floats

    @property
    def size(self) -> int:
        """Return how many numbers there are."""
        return len(self.lower)

    def part(self, numbers: Places, rows: Places) -> "System":
        """Return what these rows say of these numbers, in the given order."""
        return System(
            self.lower[numbers],
            self.upper[numbers],
            self.rows[rows][:, numbers].tocsr(),
            self.at_least[rows],
            self.at_most[rows],
        )

    def families(self, pairs: Places) -> tuple[Places, Places]:
        """Return which family each number and row is of: whatever is known, no sum goes beyond a family.

        Given: pairs of numbers that are of one family too.
        """
        together = sparse.csr_array(
            (np.ones(2 * len(pairs)), (np.repeat(np.arange(len(pairs)), 2), pairs.ravel())),
            shape=(len(pairs), self.size),
        )
        unknown = System(np.zeros(self.size), np.ones(self.size), self.rows, self.at_least, self.at_most)
        numbers, rows, _ = components(unknown, together)
        return numbers, rows


def tightened(system: System) -> System:
    """Return the same system with narrower ranges, as far as one sum at a time tells.

    Given: a system of whole numbers. Nothing that is possible is lost; a range may come out empty where the
           system contradicts itself.
    """
    entries = system.rows.tocoo()
    row, number = entries.row, entries.col
    lower, upper = system.lower.copy(), system.upper.copy()
    now, asked = replace(system, lower=lower, upper=upper), np.ones(len(row), dtype=bool)
    for _ in range(MOST_PASSES):
        places = np.flatnonzero(asked)
        low, high = _implied(now, row[places], number[places], entries.data[places])
        new_lower, new_upper = lower.copy(), upper.copy()
        np.maximum.at(new_lower, number[places], np.ceil(low - SLACK))
        np.minimum.at(new_upper, number[places], np.floor(high + SLACK))
        changed = (new_lower != lower) | (new_upper != upper)
        lower, upper = new_lower, new_upper
        now = replace(system, lower=lower, upper=upper)
        if not changed.any() or np.any(lower > upper):
            break
        of_changed = np.zeros(len(system.at_most), dtype=bool)
        of_changed[row[changed[number]]] = True
        asked = of_changed[row]
    return now


def implied(system: System) -> tuple[Floats, Floats]:
    """Return, per entry of the rows, between what its sum and the others in it leave its number."""
    entries = system.rows.tocoo()
    return _implied(system, entries.row, entries.col, entries.data)


def _implied(system: System, row: Places, number: Places, data: Floats) -> tuple[Floats, Floats]:
    factor = data.astype(np.float64)
    up = factor > 0
    least = factor * np.where(up, system.lower[number], system.upper[number])
    most = factor * np.where(up, system.upper[number], system.lower[number])
    room_above = system.at_most[row] - _others(row, least, len(system.at_most), -np.inf)
    room_below = system.at_least[row] - _others(row, most, len(system.at_least), np.inf)
    return (
        np.where(up, room_below / factor, room_above / factor),
        np.where(up, room_above / factor, room_below / factor),
    )


def _others(row: Places, value: Floats, count: int, unbounded: float) -> Floats:
    """Return, per entry, what the other entries of its row add to; `unbounded` where one of them is."""
    finite = np.isfinite(value)
    sums = np.bincount(row, np.where(finite, value, 0.0), count)
    infinite = np.bincount(row, ~finite, count)
    others = sums[row] - np.where(finite, value, 0.0)
    return np.where(infinite[row] - ~finite > 0, unbounded, others)


def range_of(system: System, targets: sparse.csr_array) -> tuple[Floats, Floats]:
    """Return between what each target lies, its numbers taken one by one.

    Given: one target in each row, its coefficients over the numbers.
    """
    entries = targets.tocoo()
    factor = entries.data.astype(np.float64)
    low = np.where(factor > 0, factor * system.lower[entries.col], factor * system.upper[entries.col])
    high = np.where(factor > 0, factor * system.upper[entries.col], factor * system.lower[entries.col])
    count = targets.shape[0]
    lowest, highest = np.zeros(count), np.zeros(count)
    np.add.at(lowest, entries.row, low)
    np.add.at(highest, entries.row, high)
    return lowest, highest


def components(system: System, targets: sparse.csr_array) -> tuple[Places, Places, Places]:
    """Return which piece each number, row and target belongs to; pieces share no number that is not known.

    Returns: -1 for a row or a target that is about known numbers alone.
    """
    free = system.lower < system.upper
    both = sparse.vstack([system.rows, targets]).tocoo()
    kept = free[both.col]
    count = system.size + both.shape[0]
    graph = sparse.coo_array(
        (np.ones(kept.sum(), dtype=np.int8), (both.col[kept], system.size + both.row[kept])),
        shape=(count, count),
    )
    _, label = sparse.csgraph.connected_components(graph, directed=False)
    of_line = label[system.size :].astype(np.intp)
    touched = np.zeros(both.shape[0], dtype=bool)
    touched[both.row[kept]] = True
    of_line[~touched] = -1
    rows = system.rows.shape[0]
    return label[: system.size].astype(np.intp), of_line[:rows], of_line[rows:]
