"""The range of a number that is not shown, as an attacker with a linear programme finds it (HiGHS).

First a few programmes push many numbers at once as high and as low as they go: every answer is a table that
could be the true one, and shows how far each number can move. Only those that did not move far are then
pushed one by one, to the end. Where few numbers hang together, only tables of whole numbers count; where
many do, halves may stand in one, which can make a range look wider than it is, and never narrower.
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from feed.disclosure.goals import Goals
from feed.disclosure.pieces import Tried
from feed.disclosure.programme import Programme
from feed.disclosure.system import SLACK, Floats, Places, System, Truths, components, range_of, tightened


@dataclass(frozen=True, eq=False)
class Ranges:
    """What the attacker learns of each target.

    low, high: between what it lies. Where `narrow`, exactly; elsewhere it is at least as wide as this, or it
               lies where nobody minds.
    narrow:    which targets are pinned at a small number more narrowly than is allowed.
    known:     what one sum after the other tells of each number.
    possible:  whether any numbers at all fit what is known; where none do, nothing was found out.
    """

    low: Floats
    high: Floats
    narrow: Truths
    known: System
    possible: bool = True


def ranges(system: System, goals: Goals, width: int, tried: Tried | None) -> Ranges:
    """Return what an attacker learns of each target.

    Given:   how many steps apart the ends of a range must be at least; what was tried before, and without
             it only what one sum after the other tells: at once, and not all there is to find.
    """
    targets, smallest, largest = goals
    known = tightened(system)
    if np.any(known.lower > known.upper):
        return _impossible(known, targets.shape[0])
    low, high = range_of(known, targets)
    asked = (low <= largest + SLACK) & (high >= smallest - SLACK)
    if tried is None:
        return Ranges(low, high, asked & (low >= smallest - SLACK) & (high - low < width), known)
    of_number, of_row, of_target = components(known, targets)
    found = Ranges(low, high, asked & (of_target < 0) & (low >= smallest - SLACK), known)
    asked &= of_target >= 0
    for piece in np.unique(of_target[asked]):
        mine = np.flatnonzero(asked & (of_target == piece))
        numbers, rows = np.flatnonzero(of_number == piece), np.flatnonzero(of_row == piece)
        pushed = tried.pushed(
            known, numbers, rows, Goals(targets[mine], smallest[mine], largest[mine]), width
        )
        if not pushed.possible:
            return _impossible(known, targets.shape[0])
        low[mine], high[mine], found.narrow[mine] = pushed.low, pushed.high, pushed.narrow
    return found


def _impossible(known: System, count: int) -> Ranges:
    nothing, every = np.zeros(count), np.ones(count, dtype=bool)
    return Ranges(nothing, nothing, every, known, possible=False)


class Pins:
    """What gives targets away: the programme's own prices say which bounds hold each."""

    def __init__(self, system: System, targets: sparse.csr_array) -> None:
        """Take what is known, and one target in each row."""
        self._system, self._targets = system, targets
        self._of_number, self._of_row, self._of_target = components(system, targets)
        self._programmes: dict[int, tuple[Places, Programme]] = {}

    def of(self, target: int) -> Places:
        """Return the numbers without which the target would not be as narrow as it is."""
        mine = self._targets[[target]]
        numbers, programme = self._programme(int(self._of_target[target]))
        inside = np.isin(mine.indices, numbers)
        costs = np.zeros(len(numbers))
        costs[np.searchsorted(numbers, mine.indices[inside])] = mine.data[inside]
        holding = programme.priced(costs) | programme.priced(-costs)
        found: Places = numbers[holding & (costs == 0)]
        return found

    def _programme(self, piece: int) -> tuple[Places, Programme]:
        """Return the numbers of a piece, with those that are known and stand in its sums, in order."""
        if piece not in self._programmes:
            rows = np.flatnonzero(self._of_row == piece)
            free = np.flatnonzero(self._of_number == piece)
            numbers = np.unique(np.concatenate([free, self._system.rows[rows].indices]))
            self._programmes[piece] = numbers, Programme(self._system.part(numbers, rows))
        return self._programmes[piece]
