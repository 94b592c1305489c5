"""The range of a number that is not shown, as an attacker with a linear programme finds it (scipy, HiGHS).

First a few programmes push many numbers at once as high and as low as they go: every answer is a table of
whole numbers that could be the true one, and shows how far each number can move. Only those that did not
move far are then pushed one by one, to the end.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, sparse

from feed.disclosure.system import SLACK, Floats, Places, System, components, range_of, tightened

ROUNDS = 8
SEED = 20220401
SECONDS_FOR_ONE = 20.0
FAR_BEYOND = 1000.0
Truths = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Ranges:
    """What the attacker learns of each target.

    low, high: between what it lies. Where `narrow`, exactly; elsewhere it is at least as wide as this, or it
               lies where nobody minds.
    narrow:    which targets are pinned at a small number more narrowly than is allowed.
    possible:  whether any numbers at all fit what is known; where none do, nothing was found out.
    """

    low: Floats
    high: Floats
    narrow: Truths
    possible: bool = True


def ranges(system: System, targets: sparse.csr_array, width: int, largest: Floats) -> Ranges:
    """Return what an attacker learns of each target.

    Given:   one target in each row; how many steps apart the ends of a range must be at least; per target,
             the largest number that is small: what is surely above it, or surely none, may be learned.
    """
    known = tightened(system)
    if np.any(known.lower > known.upper):
        return _impossible(targets.shape[0])
    low, high = range_of(known, targets)
    asked = ~_is_no_matter(low, high, largest)
    of_number, of_row, of_target = components(known, targets)
    found = Ranges(low, high, asked & (of_target < 0))
    asked &= of_target >= 0
    for piece in np.unique(of_target[asked]):
        mine = np.flatnonzero(asked & (of_target == piece))
        numbers, rows = np.flatnonzero(of_number == piece), np.flatnonzero(of_row == piece)
        pushed = _Piece(known, numbers, rows, targets[mine])
        if not pushed.push_all(width, largest[mine]):
            return _impossible(targets.shape[0])
        low[mine], high[mine], found.narrow[mine] = pushed.low, pushed.high, pushed.narrow
    return found


def _is_no_matter(low: Floats, high: Floats, largest: Floats) -> Truths:
    return (low > largest + SLACK) | (high < 1 - SLACK)


def _impossible(count: int) -> Ranges:
    return Ranges(np.zeros(count), np.zeros(count), np.ones(count, dtype=bool), possible=False)


class _Piece:
    """Numbers that hang together, and targets among them; `low`, `high`, `narrow` once all were pushed."""

    def __init__(self, known: System, numbers: Places, rows: Places, targets: sparse.csr_array) -> None:
        self._targets = targets[:, numbers].tocsr()
        self._shift = targets @ _only_known(known)
        fixed = known.rows[rows] @ _only_known(known)
        part = known.part(numbers, rows)
        beyond = np.sum(part.upper[np.isfinite(part.upper)]) + np.sum(np.abs(fixed)) + FAR_BEYOND
        self._bounds = optimize.Bounds(part.lower, np.minimum(part.upper, beyond))
        self._rows = optimize.LinearConstraint(part.rows, part.at_least - fixed, part.at_most - fixed)
        count = targets.shape[0]
        self.low, self.high = np.full(count, np.inf), np.full(count, -np.inf)
        self.narrow = np.zeros(count, dtype=bool)

    def push_all(self, width: int, largest: Floats) -> bool:
        """Find the ranges, and say whether any numbers fit what is known."""
        random = np.random.default_rng(SEED)
        for _ in range(ROUNDS):
            weights = random.uniform(0.5, 1.5, len(self.low)) * self._is_open(width)
            for sign in (1.0, -1.0, np.where(random.random(len(weights)) < 0.5, 1.0, -1.0)):
                if not weights.any():
                    return True
                if self._push(weights * sign) is None and not np.isfinite(self.low).all():
                    return False
        for target in np.flatnonzero(self._is_open(width)):
            self._push_one(int(target), width, largest[target])
        return True

    def _is_open(self, width: int) -> Truths:
        return self.high - self.low < width - SLACK

    def _push_one(self, target: int, width: int, largest: float) -> None:
        """Push one target up, then down; it is narrow where neither shows enough, or cannot be done."""
        toward = np.zeros(len(self.low))
        for sign in (1.0, -1.0):
            toward[target] = sign
            end = self._push(toward)
            if end is None:
                self.narrow[target] = True
                return
            if self.high[target] - self.low[target] >= width - SLACK:
                return
        self.narrow[target] = not (self.low[target] > largest + SLACK or self.high[target] < 1 - SLACK)

    def _push(self, weights: Floats) -> Floats | None:
        """Return the targets when the weighted ones are as large as can be, and remember how far they went.

        Returns: None where there are none, or they were not found in time.
        """
        costs = -(weights @ self._targets)
        found = self._solve(costs, whole=False)
        if found is not None and np.any(np.abs(found - np.round(found)) > SLACK):
            found = self._solve(costs, whole=True)
        if found is None:
            return None
        values: Floats = self._targets @ np.round(found) + self._shift
        np.minimum(self.low, values, out=self.low)
        np.maximum(self.high, values, out=self.high)
        return values

    def _solve(self, costs: Floats, *, whole: bool) -> Floats | None:
        answer = optimize.milp(
            costs,
            integrality=np.full(len(costs), int(whole)),
            bounds=self._bounds,
            constraints=self._rows,
            options={"time_limit": SECONDS_FOR_ONE},
        )
        return answer.x if answer.status == 0 else None


def _only_known(known: System) -> Floats:
    return np.where(known.lower == known.upper, known.lower, 0.0)


def pins(system: System, target: sparse.csr_array) -> Places:
    """Return the numbers without which the target would not be as narrow as it is.

    Given:   one target in one row. The linear programme's own prices say which bounds hold it.
    """
    of_number, of_row, of_target = components(system, target)
    rows = np.flatnonzero(of_row == of_target[0])
    free = np.flatnonzero(of_number == of_target[0])
    numbers = np.unique(np.concatenate([free, system.rows[rows].indices, target.indices]))
    part = system.part(numbers, rows)
    costs = np.asarray(target[:, numbers].todense(), dtype=np.float64).ravel()
    holding = np.zeros(len(numbers), dtype=bool)
    for sign in (1.0, -1.0):
        holding |= _priced(part, sign * costs)
    found: Places = numbers[holding & (costs == 0)]
    return found


def _priced(part: System, costs: Floats) -> Truths:
    """Return which numbers' bounds have a price when the costs are made as small as can be."""
    same = part.at_least == part.at_most
    above, below = ~same & np.isfinite(part.at_most), ~same & np.isfinite(part.at_least)
    limits = sparse.vstack([part.rows[above], -part.rows[below]]).tocsr()
    answer = optimize.linprog(
        costs,
        A_ub=limits if limits.shape[0] else None,
        b_ub=np.concatenate([part.at_most[above], -part.at_least[below]]) if limits.shape[0] else None,
        A_eq=part.rows[same] if same.any() else None,
        b_eq=part.at_most[same] if same.any() else None,
        bounds=np.column_stack([part.lower, part.upper]),
        method="highs",
    )
    if answer.status != 0:
        return np.zeros(len(costs), dtype=bool)
    prices = np.abs(answer.lower.marginals) + np.abs(answer.upper.marginals)
    found: Truths = prices > SLACK
    return found
