"""What to tell less exactly where a number is given away: what a reader would miss least."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from feed.disclosure.attack import Attacked
from feed.disclosure.cells import BOROUGH
from feed.disclosure.goals import CELL, COMPLEMENT
from feed.disclosure.profile import EXACT, Profile
from feed.disclosure.suspects import Suspects, suspects

WORDS = ("exact", "rounded", "suppressed", "secondary", "borough_only", "withheld")
Shown = NDArray[np.int8]
"""How each cell is shown, by the places of the words."""
OPEN = ("exact", "rounded")


@dataclass(frozen=True)
class _Cell:
    """What a step has to know of a cell."""

    count: int
    shown: str
    is_total: bool
    is_part: bool
    supports: bool
    given: bool
    months: int

    @property
    def is_open(self) -> bool:
        """Return whether a number other than zero is shown."""
        return self.shown in OPEN and self.count > 0


class Steps:
    """What could be told less exactly, in the order in which a reader would miss it least."""

    def __init__(self, cells: pl.DataFrame, profile: Profile) -> None:
        """Take the cells in their order: count, breakdown, part_of, supports, given, start, stop."""
        about = cells.select(
            "count",
            pl.col("breakdown") == BOROUGH,
            pl.col("part_of").is_not_null(),
            "supports",
            "given",
            months=pl.col("stop") - pl.col("start"),
        )
        self._about = about.rows()
        self._profile = profile

    def hide_more(self, shown: Shown, last: Attacked) -> Shown | None:
        """Return the plan with a little less told for each number that is given away.

        Returns: None where none is, or where nothing this release tells could be left out to help.
        """
        found = suspects(last, self._profile.least_width)
        return self._changed(shown, (self._of(one, shown) for one in found))

    def tell_less_of(self, shown: Shown, moved: Attacked) -> Shown | None:
        """Return the plan with less told of each number that is seen to have moved by few; None as above.

        First of that number itself: it is hidden, or nothing is said of whether there are any, or, a total of
        the borough, it is rounded.
        """
        found = suspects(moved, self._profile.least_width)
        return self._changed(shown, (self._itself(one, shown) or self._of(one, shown) for one in found))

    def _changed(self, shown: Shown, steps: Iterable[dict[int, str]]) -> Shown | None:
        chosen = {number: word for step in steps for number, word in step.items()}
        if not chosen:
            return None
        less = shown.copy()
        for number, word in chosen.items():
            less[number] = WORDS.index(word)
        return less

    def _itself(self, one: Suspects, shown: Shown) -> dict[int, str]:
        if one.kind != CELL or one.members[0] >= len(shown):
            return {}
        number, cell = one.members[0], self._cell(one.members[0], shown)
        if cell.is_total:
            return self._coarser({number: cell}) if cell.shown == "exact" and cell.is_open else {}
        if cell.is_open:
            return {number: "secondary"}
        return {number: "withheld"} if self._is_silent(cell) or cell.shown == "secondary" else {}

    def _cell(self, number: int, shown: Shown) -> _Cell:
        count, is_total, is_part, supports, given, months = self._about[number]
        return _Cell(count, WORDS[shown[number]], is_total, is_part, supports, given, months)

    def _of(self, one: Suspects, shown: Shown) -> dict[int, str]:
        """Return which numbers are to be shown how, to give this target more room; none where none helps.

        First what only tells how complete another count is; of a whole without its part, the exact total of
        the part, which is rounded; then the smallest other cell that is shown; then no word of whether a cell
        is none or some; then an exact total of the borough, that of a part before that of its whole: rounded,
        and hidden at last; then no word of whether there are any of the target itself. What stands as readers
        have it is left so where anything else helps.
        """
        ours = (number for number in (*one.others, *one.members) if number < len(shown))
        mine = {number: self._cell(number, shown) for number in ours}
        free = {number: cell for number, cell in mine.items() if not cell.given}
        return next((step for cells in (free, mine) if (step := self._of_these(one, cells))), {})

    def _of_these(self, one: Suspects, mine: dict[int, _Cell]) -> dict[int, str]:
        supports = {number: cell for number, cell in mine.items() if cell.is_open and cell.supports}
        if supports:
            return self._coarser(supports, every=True)
        parts = {number: cell for number, cell in mine.items() if cell.shown == "exact" and cell.is_part}
        if one.kind == COMPLEMENT and any(cell.is_open for cell in parts.values()):
            return self._coarser({number: cell for number, cell in parts.items() if cell.is_open}, every=True)
        cells = [number for number, cell in mine.items() if cell.is_open and not cell.is_total]
        if cells:
            return {min(cells, key=lambda number: (mine[number].count, number)): "secondary"}
        silent = {number: cell for number, cell in mine.items() if self._is_silent(cell)}
        if silent.keys() - set(one.members):
            finest = min(cell.months for cell in silent.values())
            return {number: "withheld" for number, cell in silent.items() if cell.months == finest}
        return self._coarser(
            {number: cell for number, cell in mine.items() if cell.is_open}
        ) or dict.fromkeys(silent, "withheld")

    def _coarser(self, totals: dict[int, _Cell], *, every: bool = False) -> dict[int, str]:
        """Return that the total which is missed least, or every exact one, is rounded, or hidden where it is.

        What is told less exactly in vain is told again in the end.
        """
        if not totals:
            return {}
        exact = [number for number, cell in totals.items() if cell.shown == "exact"]
        if every and exact and self._profile.round_to > EXACT:
            return dict.fromkeys(exact, "rounded")
        total = min(totals, key=lambda number: self._missed(totals[number], number))
        rounds = totals[total].shown == "exact" and self._profile.round_to > EXACT
        return {total: "rounded" if rounds else "secondary"}

    def _is_silent(self, cell: _Cell) -> bool:
        """Return whether the cell says no more than that it is small, or none."""
        return cell.shown == "suppressed" or (
            cell.shown in (*OPEN, "secondary") and cell.count <= self._profile.suppress_to
        )

    @staticmethod
    def _missed(cell: _Cell, number: int) -> tuple[bool, bool, int, int]:
        return cell.shown != "exact", not cell.is_part, cell.count, number
