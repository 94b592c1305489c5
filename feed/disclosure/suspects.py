"""Which cells give a number away: the others of the sum that leaves it least room, or those with a price."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np

from feed.disclosure.attack import Attacked
from feed.disclosure.system import implied

MOST_PRICED = 40
"""So many numbers are asked for prices in one pass; the others wait for the next."""
MOST_STEPS = 3


@dataclass(frozen=True)
class Suspects:
    """A target that is exposed: its kind, the numbers it is made of, and how to find what gives it away."""

    kind: str
    members: list[int]
    find: Callable[[], list[int]]

    @cached_property
    def others(self) -> list[int]:
        """Return the numbers that give it away: programmes are asked for them, so only where they matter."""
        return self.find()


def suspects(attacked: Attacked, width: int) -> Iterator[Suspects]:
    """Yield what gives each exposed target away."""
    exposed = attacked.narrow
    beside = _Beside(attacked, width) if attacked.by_sums_alone and len(exposed) else None
    for target in exposed if beside else exposed[:MOST_PRICED]:
        members = attacked.members(int(target))
        find = partial(beside.around, members) if beside else partial(attacked.pins, int(target))
        yield Suspects(attacked.kind(int(target)), members, find)


class _Beside:
    """The numbers that stand beside one that is not shown, in the sums that leave it little room."""

    def __init__(self, attacked: Attacked, width: int) -> None:
        system = attacked.known.system
        low, high = implied(attacked.found.known)
        entries = system.rows.tocoo()
        self._rows, number = system.rows, entries.col
        room = np.minimum(system.upper[number], high) - np.maximum(system.lower[number], low)
        asked = attacked.known.hidden.copy()
        asked[attacked.narrow_numbers()] = True
        least = np.full(system.size, np.inf)
        np.minimum.at(least, number, room)
        tight = np.flatnonzero(asked[number] & ((room < width) | (room == least[number])))
        order = np.argsort(number[tight], kind="stable")
        self._of_number = np.searchsorted(number[tight][order], np.arange(system.size + 1))
        self._tight = entries.row[tight][order]
        self._found: dict[int, list[int]] = {}

    def around(self, members: list[int]) -> list[int]:
        """Return the numbers beside these, and beside those of them that are known by other sums in turn."""
        seen = dict.fromkeys(members)
        last = list(members)
        for _ in range(MOST_STEPS):
            last = [other for number in last for other in self._of(number) if other not in seen]
            seen |= dict.fromkeys(last)
        return [number for number in seen if number not in members]

    def _of(self, number: int) -> list[int]:
        if number not in self._found:
            starts, rows = self._rows.indptr, self._rows
            tight = self._tight[self._of_number[number] : self._of_number[number + 1]]
            parts = [rows.indices[starts[row] : starts[row + 1]].tolist() for row in tight]
            self._found[number] = [other for part in parts for other in part if other != number]
        return self._found[number]
