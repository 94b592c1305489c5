"""The range of a number that is not shown, as an attacker with a linear programme finds it (scipy, HiGHS).

First a few programmes push many numbers at once as high and as low as they go: every answer is a table that
could be the true one, and shows how far each number can move. Only those that did not move far are then
pushed one by one, to the end. Where few numbers hang together, only tables of whole numbers count; where
many do, halves may stand in one, which can make a range look wider than it is, and never narrower.
"""

from dataclasses import dataclass

import numpy as np
from scipy import optimize, sparse

from feed.disclosure.pieces import Goals, Tried
from feed.disclosure.system import SLACK, Floats, Places, System, Truths, components, range_of, tightened


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


def ranges(system: System, goals: Goals, width: int, tried: Tried | None) -> Ranges:
    """Return what an attacker learns of each target.

    Given:   how many steps apart the ends of a range must be at least; what was tried before, and without
             it only what one sum after the other tells: at once, and not all there is to find.
    """
    targets, smallest, largest = goals
    known = tightened(system)
    if np.any(known.lower > known.upper):
        return _impossible(targets.shape[0])
    low, high = range_of(known, targets)
    asked = (low <= largest + SLACK) & (high >= smallest - SLACK)
    of_number, of_row, of_target = components(known, targets)
    found = Ranges(low, high, asked & (of_target < 0) & (low >= smallest - SLACK))
    if tried is None:
        found.narrow[asked & (low >= smallest - SLACK) & (high - low < width)] = True
        return found
    asked &= of_target >= 0
    for piece in np.unique(of_target[asked]):
        mine = np.flatnonzero(asked & (of_target == piece))
        numbers, rows = np.flatnonzero(of_number == piece), np.flatnonzero(of_row == piece)
        pushed = tried.pushed(
            known, numbers, rows, Goals(targets[mine], smallest[mine], largest[mine]), width
        )
        if not pushed.possible:
            return _impossible(targets.shape[0])
        low[mine], high[mine], found.narrow[mine] = pushed.low, pushed.high, pushed.narrow
    return found


def _impossible(count: int) -> Ranges:
    return Ranges(np.zeros(count), np.zeros(count), np.ones(count, dtype=bool), possible=False)


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
