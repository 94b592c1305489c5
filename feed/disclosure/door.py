"""The one door for every count that leaves: planned, attacked by somebody else, remembered, reported."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import polars as pl

from common import clock
from common.files import write_atomic
from feed.counting import RawCounts
from feed.disclosure.cells import known_of
from feed.disclosure.errors import FiguresMoved, NumbersGivenAway
from feed.disclosure.gate import exposures, in_days, in_words
from feed.disclosure.moved import too_soon
from feed.disclosure.profile import Profile
from feed.disclosure.protect import protect
from feed.disclosure.released import Released
from feed.disclosure.report import small_numbers
from feed.disclosure.shapes import structure_of
from feed.facts import Facts

AS_IT_WAS = "Nothing was published; what was published stays as it was."


class Door(Protocol):
    """What stands between exact counts and anybody who may read them."""

    profile: Profile

    def let_out(self, facts: Facts, raw: RawCounts) -> pl.DataFrame:
        """Return the counts as they may be published. Errors: NumbersGivenAway, FiguresMoved."""
        ...

    def settle(self, *, was_released: bool) -> None:
        """Hear whether what was let out has been published."""
        ...


@dataclass
class OpenOnce:
    """A door that remembers nothing: for what nobody else is shown.

    Its profile is the strictest there is, unless another is given.
    """

    profile: Profile = Profile()  # noqa: RUF009 - it never changes

    def let_out(self, facts: Facts, raw: RawCounts) -> pl.DataFrame:
        """Return the counts as they may be published. Errors: NumbersGivenAway."""
        structure = structure_of(facts, raw.period, together=raw.together)
        kept = protect(raw.counts, structure, self.profile)
        found, _ = exposures(kept.reasons, raw.counts, structure, self.profile)
        if found:
            raise NumbersGivenAway(in_words(found), sent=AS_IT_WAS)
        return kept.published

    def settle(self, *, was_released: bool) -> None:
        """Nothing was remembered."""


@dataclass
class Guarded:
    """The door of a site: it remembers what it let out, and tells information governance what it kept back.

    report: the folder of the reports of small numbers, one file per period.
    revise: other numbers of a period that was released may be published before their day.
    """

    profile: Profile
    released: Released
    report: Path
    revise: bool = False
    _entered: int | None = None

    def let_out(self, facts: Facts, raw: RawCounts) -> pl.DataFrame:
        """Return the counts as they may be published, and write the report of small numbers.

        Errors: NumbersGivenAway, FiguresMoved, ReleasedUnreadable.
        """
        structure, today = structure_of(facts, raw.period, together=raw.together), clock.today()
        before = self.released.before(structure, self.profile, today)
        kept = protect(raw.counts, structure, self.profile, before)
        found, attacked = exposures(kept.reasons, raw.counts, structure, self.profile, before)
        report = small_numbers(kept.reasons, attacked, found)
        write_atomic(self.report / f"{raw.period.label}.csv", report)
        if found:
            raise NumbersGivenAway(in_words(found), sent=AS_IT_WAS)
        known = known_of(kept.told, structure, self.profile)
        moved = too_soon(known, before, self.profile, today)
        if moved and not self.revise:
            raise FiguresMoved(in_days(moved), sent=AS_IT_WAS)
        self._entered = self.released.enter(raw.period.label, as_read(known), today)
        return kept.published

    def settle(self, *, was_released: bool) -> None:
        """Remember what was let out, or forget it where it was not published. Errors: ReleasedUnreadable."""
        if self._entered is not None:
            self.released.settle(self._entered, was_released=was_released)
        self._entered = None


def as_read(known: pl.DataFrame) -> pl.DataFrame:
    """Return what a reader knows of each cell: of a hidden one, no more than that it is hidden."""
    hidden = pl.col("shown") == "suppressed"
    return known.with_columns(upper=pl.when(hidden).then(float("inf")).otherwise("upper"))
