"""How many cells of each field could be read: a reworded option or another format of dates blanks a field.

One cell that cannot be read is a finding. When most of a field's cells cannot be read, or far more than last
time, what came is not what the mapping is for, and its source is refused before a single value is blanked.
A field that was filled and is blank now in many rows is refused too: an account that may no longer see a
field often gets its column still, every cell of it blank, and blanks would take the place of what is right.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from canonical import ANSWERED, UNBELIEVED, spec
from sync.brakes import Brake
from sync.errors import CellsEmptied, CellsUnreadable

LEAST_CELLS, LEAST_FILLED = 10, 5
MOST_TOLD = 3
Unread = dict[str, int]
Filled = dict[str, int]


@dataclass
class Readable:
    """Cells of one source, per "export: entity.field": how many hold something, how many cannot be read."""

    source: str
    filled: dict[str, int] = field(default_factory=dict)
    unread: Unread = field(default_factory=dict)

    def take(self, export: str, entities: Mapping[str, pl.DataFrame]) -> None:
        """Count a mapped batch of an export; rows that are not believed tell of no format."""
        for entity, every in entities.items():
            doubted = (every["_unreadable"] >= UNBELIEVED).any()
            table = every.filter(pl.col("_unreadable") < UNBELIEVED) if doubted else every
            fields = [name for name in spec(entity).fields if name in table.columns]
            unread = self._unread(entity, fields, table)
            values = table.select(pl.col(fields).count()).row(0) if fields else ()
            for name, readable, not_read in zip(fields, values, unread, strict=True):
                place = f"export {export}: {entity}.{name}"
                self.filled[place] = self.filled.get(place, 0) + readable + not_read
                if not_read:
                    self.unread[place] = self.unread.get(place, 0) + not_read

    def _unread(self, entity: str, fields: list[str], table: pl.DataFrame) -> tuple[int, ...]:
        marks = table["_unreadable"]
        if not marks.max():
            return (0,) * len(fields)
        order = {name: number for number, name in enumerate(spec(entity).fields)}
        bits = pl.select(
            ((pl.lit(marks) & _either(order[name])) == (1 << order[name])).sum().alias(name)
            for name in fields
        )
        return bits.row(0)

    def refuse(self, before: Unread | None, brake: Brake) -> None:
        """Errors: CellsUnreadable, naming each field of which too many cells cannot be read.

        Given: how many could not be read at the last accepted pull; None before the first.
        """
        told = [
            f"{place}: {unread} of {self.filled[place]} cells{_last_time(before, place)}"
            for place, unread in sorted(self.unread.items())
            if _too_many(self.filled[place], unread, (before or {}).get(place, 0), brake)
        ]
        if told:
            places = "\n".join(f"{line}." for line in told)
            raise CellsUnreadable(f"source {self.source}:\n{places}")

    def refuse_emptied(self, before: Filled, rows_gone: Mapping[str, int], brake: Brake) -> None:
        """Errors: CellsEmptied, naming each field of which far fewer cells hold anything than last time.

        Given: how many held something at the last accepted pull, and how many rows fewer each export has:
               a cell that went with its row is another brake's matter.
        """
        told = []
        for place, filled in sorted(before.items()):
            now = self.filled.get(place, 0)
            gone = rows_gone.get(place.removeprefix("export ").partition(":")[0], 0)
            if _emptied(filled, now, gone, brake):
                told.append(f"{place}: {filled} cells held something last time, {now} now")
        if told:
            raise CellsEmptied(f"source {self.source}, {_few(told)}.")


def _either(field: int) -> pl.Expr:
    """Return the bits that mark a field as not read, and as answered without a value."""
    return pl.lit((1 << field) | (1 << (field + ANSWERED)), pl.UInt64)


def _few(told: list[str]) -> str:
    more = len(told) - MOST_TOLD
    return "; ".join(told[:MOST_TOLD]) + (f"; and {more} more" if more > 0 else "")


def _emptied(before: int, now: int, rows_gone: int, brake: Brake) -> bool:
    """Return whether so many cells lost what they held. However few are usual, all of them never are."""
    lost = before - now - max(rows_gone, 0)
    if now == 0:
        return lost >= LEAST_FILLED
    return lost >= LEAST_CELLS and lost * 100 > before * brake.drop_percent


def _too_many(filled: int, unread: int, before: int, brake: Brake) -> bool:
    new = unread - before
    return new >= LEAST_CELLS and (unread * 2 > filled or brake.drops(filled, new))


def _last_time(before: Unread | None, place: str) -> str:
    return "" if before is None else f", {before.get(place, 0)} last time"
