"""What to tell less exactly where a number is given away: what a reader would miss least."""

from dataclasses import dataclass

import polars as pl

from feed.disclosure.attack import Attacked
from feed.disclosure.cells import BOROUGH, KEY
from feed.disclosure.knowledge import COMPLEMENT
from feed.disclosure.plan import with_wholes
from feed.disclosure.profile import EXACT, Profile
from feed.disclosure.structure import Structure
from feed.disclosure.suspects import Suspects, suspects

OPEN = ("exact", "rounded")


def hide_more(
    cells: pl.DataFrame, last: Attacked, structure: Structure, profile: Profile
) -> pl.DataFrame | None:
    """Return the plan with a little less told for each number that is given away.

    Returns: None where none is, or where nothing this release tells could be left out to help.
    """
    found = list(suspects(last, profile.least_width))
    steps = _Steps(with_wholes(cells, structure), last, profile, found)
    chosen: dict[int, str] = {}
    for one in found:
        chosen |= steps.of(one)
    if not chosen:
        return None
    less = pl.DataFrame(
        list(chosen.items()), schema={"number": pl.UInt32(), "less": pl.String()}, orient="row"
    )
    told = less.join(last.known.numbers.select("number", *KEY), on="number").drop("number")
    joined = cells.join(told, on=KEY, how="left", maintain_order="left")
    return joined.with_columns(shown=pl.coalesce("less", "shown")).drop("less")


@dataclass(frozen=True)
class _Cell:
    """What a step has to know of a cell."""

    count: int
    shown: str
    breakdown: str
    is_part: bool
    supports: bool
    months: int

    @property
    def is_open(self) -> bool:
        """Return whether a number other than zero is shown."""
        return self.shown in OPEN and self.count > 0


class _Steps:
    """What could be told less exactly, in the order in which a reader would miss it least."""

    def __init__(self, cells: pl.DataFrame, last: Attacked, profile: Profile, found: list[Suspects]) -> None:
        asked = {number for one in found for number in (*one.members, *one.others)}
        mine = (
            last.known.numbers[sorted(asked)].filter(~pl.col("old")).select("number", *KEY, "start", "stop")
        )
        told = mine.join(cells, on=KEY).select(
            "number",
            "count",
            "shown",
            "breakdown",
            pl.col("part_of").is_not_null(),
            "supports",
            months=pl.col("stop") - pl.col("start"),
        )
        self._cells = {number: _Cell(*about) for number, *about in told.iter_rows()}
        self._profile = profile

    def of(self, one: Suspects) -> dict[int, str]:
        """Return which numbers are to be shown how, to give this target more room; none where none helps.

        First what only tells how complete another count is; of a whole without its part, the exact total of
        the part, which is rounded; then the smallest other cell that is shown; then no word of whether a cell
        is none or some; then an exact total of the borough, that of a part before that of its whole: rounded,
        and hidden at last.
        """
        mine = {
            number: self._cells[number] for number in (*one.others, *one.members) if number in self._cells
        }
        supports = {number: cell for number, cell in mine.items() if cell.is_open and cell.supports}
        if supports:
            return self._coarser(supports, every=True)
        parts = {number: cell for number, cell in mine.items() if cell.shown == "exact" and cell.is_part}
        if one.kind == COMPLEMENT and any(cell.is_open for cell in parts.values()):
            return self._coarser({number: cell for number, cell in parts.items() if cell.is_open}, every=True)
        cells = [number for number, cell in mine.items() if cell.is_open and cell.breakdown != BOROUGH]
        if cells:
            return {min(cells, key=lambda number: (mine[number].count, number)): "secondary"}
        silent = {number: cell for number, cell in mine.items() if self._is_silent(cell)}
        if silent.keys() - set(one.members):
            finest = min(cell.months for cell in silent.values())
            return {number: "withheld" for number, cell in silent.items() if cell.months == finest}
        return self._coarser({number: cell for number, cell in mine.items() if cell.is_open})

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
