"""Numbers that hang together, pushed as high and as low as they go by linear programmes (HiGHS)."""

import hashlib

import numpy as np

from feed.disclosure.goals import Goals
from feed.disclosure.programme import Programme
from feed.disclosure.system import SLACK, Floats, Places, System, Truths

ROUNDS = 8
SEED = 20220401
FAR_BEYOND = 1000.0
MOST_WHOLE = 120
"""So many numbers that hang together are looked at as whole numbers, which takes longer."""


class Piece:
    """Numbers that hang together, and targets among them; `low`, `high`, `narrow` once all were pushed."""

    def __init__(self, known: System, numbers: Places, rows: Places, goals: Goals) -> None:
        targets, self._smallest, self._largest = goals
        self._targets = targets[:, numbers].tocsr()
        self._shift = targets @ _only_known(known)
        fixed = known.rows[rows] @ _only_known(known)
        part = known.part(numbers, rows)
        ends = np.concatenate([part.lower, part.upper])
        beyond = np.sum(np.abs(ends[np.isfinite(ends)])) + np.sum(np.abs(fixed)) + FAR_BEYOND
        low, high = np.maximum(part.lower, -beyond), np.minimum(part.upper, beyond)
        self._sums = System(low, high, part.rows, part.at_least - fixed, part.at_most - fixed)
        self._programme: Programme | None = None
        count = targets.shape[0]
        self.low, self.high = np.full(count, np.inf), np.full(count, -np.inf)
        self.narrow = np.zeros(count, dtype=bool)
        self.possible = True

    def fingerprint(self, width: int) -> bytes:
        """Return what is the same for the same numbers, sums and targets, and for no others."""
        sums, rows, targets = self._sums, self._sums.rows, self._targets
        parts = (sums.lower, sums.upper, sums.at_least, sums.at_most, self._shift, self._smallest)
        matrices = (part for each in (rows, targets) for part in (each.data, each.indices, each.indptr))
        digest = hashlib.sha256(f"{width} {rows.shape} {targets.shape}".encode())
        for part in (*parts, self._largest, *matrices):
            digest.update(np.ascontiguousarray(part).tobytes())
        return digest.digest()

    def push_all(self, width: int, enough: int | None = None) -> None:
        """Find the ranges, and whether any numbers fit what is known.

        Given: after how many narrow ones no more are looked for; without it, all are.
        """
        random = np.random.default_rng(SEED)
        for _ in range(ROUNDS):
            still = self._is_open(width)
            weights = random.uniform(0.5, 1.5, len(self.low)) * still
            for sign in (1.0, -1.0, np.where(random.random(len(weights)) < 0.5, 1.0, -1.0)):
                if not weights.any():
                    return
                if self._push(weights * sign) is None and not np.isfinite(self.low).all():
                    self.possible = False
                    return
            if np.array_equal(still, self._is_open(width)):
                break
        for target in np.flatnonzero(self._is_open(width)):
            self.narrow[target] = self._is_narrow(int(target), width)
            if enough is not None and np.sum(self.narrow & (self.low <= self._largest + SLACK)) >= enough:
                break
        self.narrow &= self.low <= self._largest + SLACK
        self._programme = None

    def _is_open(self, width: int) -> Truths:
        """Return which targets were not yet seen to move far enough, or to be less than anybody minds."""
        near = np.floor(self.high + SLACK) - np.ceil(self.low - SLACK) < width
        return near & (self.low >= self._smallest - SLACK)

    def _is_narrow(self, target: int, width: int) -> bool:
        """Push one target down, then up: it is narrow where neither shows enough, or cannot be done."""
        toward = np.zeros(len(self.low))
        for sign in (-1.0, 1.0):
            toward[target] = sign
            if self._push(toward) is None:
                return True
            if not self._is_open(width)[target]:
                return False
        return True

    def _push(self, weights: Floats) -> Floats | None:
        """Return the targets when the weighted ones are as large as can be, and remember how far they went.

        Returns: None where no table fits, or none was found in time.
        """
        if self._programme is None:
            self._programme = Programme(self._sums)
        costs = -(weights @ self._targets)
        found = self._programme.least(costs)
        whole = len(costs) <= MOST_WHOLE
        if found is not None and whole and np.any(np.abs(found - np.round(found)) > SLACK):
            found = self._programme.least_whole(costs)
        if found is None:
            return None
        values: Floats = self._targets @ (np.round(found) if whole else found) + self._shift
        np.minimum(self.low, values, out=self.low)
        np.maximum(self.high, values, out=self.high)
        return values


def _only_known(known: System) -> Floats:
    return np.where(known.lower == known.upper, known.lower, 0.0)


class Tried:
    """What was found of numbers that hang together; where nothing changed, it is not asked again."""

    def __init__(self, enough: int | None = None) -> None:
        """Take after how many narrow targets no more are looked for, by one that mends these first."""
        self._found: dict[bytes, Piece] = {}
        self._enough = enough

    def pushed(self, known: System, numbers: Places, rows: Places, goals: Goals, width: int) -> Piece:
        """Return these numbers with their targets pushed as far as is needed."""
        piece = Piece(known, numbers, rows, goals)
        name = piece.fingerprint(width)
        if name not in self._found:
            piece.push_all(width, self._enough)
            self._found[name] = piece
        return self._found[name]
