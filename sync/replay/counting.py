"""Two decisions about the same records laid side by side: rows and people, never who."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import polars as pl

from canonical import ABOUT_NOBODY
from sharing.choices import REGISTER
from sharing.deciding import HELD, PERMITTED

NOBODY = pl.Series("who", [], dtype=pl.UInt64)


class Change(StrEnum):
    """What becomes of a record, or of a field of one that is shared before and after."""

    NEWLY = "newly_disclosed"
    CHANGED = "changed"
    HELD = "held_back"
    GONE = "no_longer_disclosed"


@dataclass
class Count:
    """So many rows, of so many people, so many of them under the safety flag before or after."""

    rows: int = 0
    people: int = 0
    flagged: int = 0

    def add(self, rows: int, people: int, flagged: int) -> None:
        """Add what another partition holds; its people are others."""
        self.rows, self.people, self.flagged = self.rows + rows, self.people + people, self.flagged + flagged

    def to_json(self) -> dict[str, int]:
        """Return the three numbers."""
        return {"rows": self.rows, "people": self.people, "flagged": self.flagged}


Cell = tuple[str, Change, str]
"""Entity, change, and field: the empty field is the record itself."""
WITHIN = "within:"
"""Before the name of a field that a newly or no longer shared record holds."""


@dataclass
class Tally:
    """What changes on one way, counted over all partitions."""

    cells: dict[Cell, Count] = field(default_factory=dict)
    people: dict[Change, Count] = field(default_factory=dict)

    def take(self, before: Mapping[str, pl.DataFrame], after: Mapping[str, pl.DataFrame], who: "Who") -> None:
        """Add a partition: what was decided of its records before and after, in the same order."""
        shared: dict[bool, list[pl.Series]] = {False: [NOBODY], True: [NOBODY]}
        stays: dict[bool, list[pl.Series]] = {False: [NOBODY], True: [NOBODY]}
        for entity in before.keys() | after.keys():
            both = Both(entity, before.get(entity), after.get(entity), who)
            for cell, rows, people, flagged in both.counted():
                self.cells.setdefault(cell, Count()).add(rows, people, flagged)
            for now, told in shared.items():
                told.append(both.told_of(after=now))
                stays[now].append(both.told_of(after=now, doubted=True))
        told_before, told_after = (pl.concat(shared[now]).unique().drop_nulls() for now in (False, True))
        kept_before, kept_after = (pl.concat(stays[now]).unique().drop_nulls() for now in (False, True))
        for change, here, there in (
            (Change.NEWLY, told_after, told_before),
            (Change.GONE, kept_before, kept_after),
        ):
            alone = here.filter(~here.is_in(there.implode()))
            flagged = int(alone.is_in(who.flagged.implode()).sum())
            self.people.setdefault(change, Count()).add(0, len(alone), flagged)


@dataclass(frozen=True)
class Who:
    """Of whom each record of a partition is, and who of them is under the flag before or after.

    owners: per entity the digest of each record's person, in the order of the records; null where of nobody.
    """

    owners: Mapping[str, pl.Series] = field(repr=False)
    flagged: pl.Series = field(repr=False)


def _doubted(table: pl.DataFrame) -> pl.Series:
    """Return which records are held because a register is in doubt: what was sent of them stays."""
    if "_reason" not in table.columns:
        return pl.Series(values=[False] * table.height, dtype=pl.Boolean)
    held = (pl.col("_fate") == HELD) & pl.col("_reason").str.starts_with(REGISTER)
    return table.select(held.fill_null(value=False)).to_series()


@dataclass(frozen=True)
class Both:
    """The records of one entity as they were decided before and after; None where there is no such flow."""

    entity: str
    before: pl.DataFrame | None = field(repr=False)
    after: pl.DataFrame | None = field(repr=False)
    who: Who = field(repr=False)

    def told_of(self, *, after: bool, doubted: bool = False) -> pl.Series:
        """Return the people of whom a record is shared; of organisations and services nobody.

        Given: whether those count too of whom a register in doubt leaves with the recipient what was sent.
        """
        table = self.after if after else self.before
        if table is None or self.entity in ABOUT_NOBODY:
            return NOBODY
        told = table["_fate"] == PERMITTED
        return self.who.owners[self.entity].filter(told | _doubted(table) if doubted else told).rename("who")

    def counted(self) -> Iterator[tuple[Cell, int, int, int]]:
        """Yield entity, change and field with the rows, people and flagged people it happens to, if any."""
        masks = dict(self._masks())
        if not masks:
            return
        owner = self.who.owners[self.entity].rename("who")
        endangered = owner.is_in(self.who.flagged.implode()).fill_null(value=False)
        for (change, name), mask in masks.items():
            rows = int(mask.sum())
            if rows:
                people = owner.filter(mask).drop_nulls()
                flagged = owner.filter(mask & endangered).drop_nulls()
                yield (self.entity, change, name), rows, people.n_unique(), flagged.n_unique()

    def _masks(self) -> Iterator[tuple[tuple[Change, str], pl.Series]]:
        was, now = self._fate(self.before, PERMITTED), self._fate(self.after, PERMITTED)
        held = self._fate(self.after, HELD)
        there = was if self.before is None else was | _doubted(self.before)
        newly, gone = now & ~was, there & ~now & ~held
        yield (Change.NEWLY, ""), newly
        yield (Change.HELD, ""), was & held
        yield (Change.GONE, ""), gone
        for name in self._columns():
            there, here = self._filled(self.before, name), self._filled(self.after, name)
            yield (Change.NEWLY, WITHIN + name), newly & here
            yield (Change.GONE, WITHIN + name), gone & there
            yield (Change.NEWLY, name), was & now & here & ~there
            yield (Change.GONE, name), was & now & there & ~here
            yield (Change.CHANGED, name), was & now & there & here & self._differs(name)

    def _fate(self, table: pl.DataFrame | None, fate: int) -> pl.Series:
        return self._none() if table is None else table["_fate"] == fate

    def _columns(self) -> list[str]:
        tables = [table for table in (self.before, self.after) if table is not None]
        return list(dict.fromkeys(name for table in tables for name in table.columns if name[0] != "_"))

    def _filled(self, table: pl.DataFrame | None, name: str) -> pl.Series:
        return self._none() if table is None or name not in table.columns else table[name].is_not_null()

    def _differs(self, name: str) -> pl.Series:
        """Return where the two values are not the same; a value and a pseudonym of it never are."""
        if self.before is None or self.after is None:
            return self._none()
        if name not in self.before.columns or name not in self.after.columns:
            return self._none()
        one, other = self.before[name], self.after[name]
        return ~self._none() if one.dtype != other.dtype else one.ne_missing(other)

    def _none(self) -> pl.Series:
        height = len(self.who.owners[self.entity])
        return pl.repeat(value=False, n=height, dtype=pl.Boolean, eager=True)
