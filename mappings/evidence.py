"""What the rows of an export tell of cells that stand in a wrong column: such a row is not believed at all.

A delimiter lost or gained shifts the cells after it; where a row is then filled up or cut to its width, no
count of columns shows it. What shows it is the cells. One is out of place when its column cannot read it and
a column beside it can, when it is two cells run together, or when it is unmistakably of another kind.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from mappings.cells import Cells
from mappings.damage import DayOrder, count_reasons
from mappings.errors import CellsShifted
from mappings.load import Mapping
from mappings.pairs import FEW_ROWS, ONE_ROW_IN, Pair
from mappings.placing import MOST_WORDS, Placed, between, blank, says_nothing
from mappings.readers import Reader, readers
from mappings.words import Column, nowhere

SHIFTED_LEAST, SHIFTED_ONE_IN = 5, 50
LATE = {"_row": pl.UInt32, "_person": pl.String, "kind": pl.String, "word": pl.UInt64}


@dataclass
class Told:
    """What was seen of one export, in counts: never a word of it.

    held_rows:  rows that are not believed.
    unread:     per column and reason, cells that could not be read.
    normalised: per column of references, cells that were trimmed or put in capitals.
    """

    held_rows: int = 0
    unread: dict[str, dict[str, int]] = field(default_factory=dict)
    normalised: dict[str, int] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return what is reported of the export's cells; what there is nothing of is left out."""
        return {name: said for name, said in vars(self).items() if said}

    def count(self, column: str, reasons: dict[str, int]) -> None:
        """Add the reasons of one batch."""
        known = self.unread.setdefault(column, {})
        for reason, rows in reasons.items():
            known[reason] = known.get(reason, 0) + rows


class Evidence:
    """The evidence of one export, batch by batch.

    Given: the mapping, and the names of all columns in the order of the export.
    typed: whether its days are marked as such (a workbook's are).
    may_shift: whether a cell may stand in a wrong column; an API that gives fields by name leaves no doubt.
    """

    def __init__(
        self, mapping: Mapping, header: tuple[str, ...], place: str, *, typed: bool, may_shift: bool
    ) -> None:
        self._place, self.typed, self._may_shift = place, typed, may_shift
        known = readers(mapping)
        self._placed = [between(known, header, at) for at, name in enumerate(header) if name in known]
        self._pairs = list(_pairs(self._placed, header))
        self._orders = [order for each in self._placed if (order := DayOrder.of(each.reader))]
        self._telling = _telling_words(known.values())
        self.told = Told()
        self._rows = 0
        self._out: list[pl.Series] = []
        self._late: list[pl.DataFrame] = []

    def look(self, cells: Cells, whose: pl.Series) -> pl.Series | None:
        """Return which rows of the batch are not to be believed; None where all are."""
        self._rows += cells.batch.height
        strict = [placed.reader for placed in self._placed if placed.reader.strict]
        refused = {reader.name: reader.unread(cells) for reader in strict}
        self._count(cells, refused)
        found = [mask for mask in self._shifted(cells, refused, whose) if mask.any()]
        if not found:
            return None
        rows = pl.select(pl.any_horizontal(found)).to_series()
        self._out.append(cells.batch["_row"].cast(pl.UInt32).filter(rows))
        return rows

    def _shifted(self, cells: Cells, refused: dict[str, pl.Series], whose: pl.Series) -> Iterator[pl.Series]:
        if not self._may_shift:
            return
        for at, placed in enumerate(self._placed):
            if not placed.reader.strict:
                yield from self._free(at, placed, cells, refused, whose)
            elif refused[placed.reader.name].any():
                yield from self._strict(at, placed, cells, refused, whose)
        for pair in self._pairs:
            pair.look(cells, whose)

    def settle(self) -> pl.DataFrame:
        """Return further rows not to be believed, by number and person, now that the whole export is known.

        Errors: DayOrderUnclear; CellsShifted, when more rows are out of place than single cells explain.
        """
        for order in self._orders:
            order.settle(self._place)
        out = pl.concat([pl.Series("_row", [], dtype=pl.UInt32), *self._out])
        strange = self._strange()
        if not strange.is_empty():
            strange = strange.unique("_row", maintain_order=True)
            strange = strange.filter(~pl.col("_row").is_in(out.implode()))
        held = self.told.held_rows = len(out) + strange.height
        if held >= SHIFTED_LEAST and held * SHIFTED_ONE_IN > self._rows:
            raise CellsShifted(f"{self._place}: {held} of {self._rows} rows.")
        return strange

    def _strange(self) -> pl.DataFrame:
        """Return the noted rows that few are like, by number and person; one may be there twice."""
        lone = [table for pair in self._pairs for table in pair.strange()]
        nothing = pl.DataFrame(schema=LATE)
        if not self._late:
            return pl.concat([nothing.select("_row", "_person"), *lone])
        often = max(FEW_ROWS, self._rows // ONE_ROW_IN)
        few = pl.when(pl.col("kind").str.ends_with(" beside")).then(often).otherwise(FEW_ROWS)
        late = pl.concat([nothing, *self._late])
        rare = late.filter(pl.len().over("kind", "word") <= few).select("_row", "_person")
        return pl.concat([rare, *lone])

    def _strict(
        self, at: int, placed: Placed, cells: Cells, refused: dict[str, pl.Series], whose: pl.Series
    ) -> Iterator[pl.Series]:
        """Yield the rows that hold a word out of place; note those of words that may be."""
        column, unread = cells.column(placed.reader.name), refused[placed.reader.name]
        every = column.words.filter(unread).unique().head(MOST_WORDS).to_list()
        words = [word for word in every if not says_nothing(word)]
        shifted = placed.of_beside(words) | placed.run_together(words)
        if shifted:
            yield _rows_of(column, shifted)
        yield placed.torn(cells, column.spread(unread))
        if not placed.reader.of_words:
            yield from self._said_beside(placed, cells, [word for word in every if says_nothing(word)])
        strange = {word for word in words if word not in shifted and placed.is_strange(word)}
        if strange:
            rows = _rows_of(column, strange)
            self._note(f"{at} strange", cells, whose, rows, column.spread(column.words).hash())

    def _said_beside(self, placed: Placed, cells: Cells, words: list[str]) -> Iterator[pl.Series]:
        """Yield the rows where a word that says nothing is one of a column beside, which holds nothing."""
        column = cells.column(placed.reader.name)
        for beside in placed.strict_beside if words else ():
            taken = {word for word, fits in zip(words, beside.accepts(words), strict=True) if fits}
            if taken:
                yield _rows_of(column, taken) & blank(cells, beside.name)

    def _free(
        self, at: int, placed: Placed, cells: Cells, refused: dict[str, pl.Series], whose: pl.Series
    ) -> Iterator[pl.Series]:
        """Yield the rows whose free words are unmistakably of another kind, or of a column beside them."""
        column = cells.column(placed.reader.name)
        if self._telling:
            yield column.spread(column.words.str.contains(self._telling).fill_null(value=False))
        for beside in placed.strict_beside:
            unread = cells.column(beside.name).spread(refused[beside.name]).fill_null(value=False)
            empty = blank(cells, beside.name)
            words = column.spread(column.words)
            asked = words.filter(unread | empty).drop_nulls().unique().head(MOST_WORDS).to_list()
            asked = [word for word in asked if not says_nothing(word)]
            taken = {word for word, fits in zip(asked, beside.accepts(asked), strict=True) if fits}
            if not taken:
                continue
            said = _rows_of(column, taken)
            yield said & (unread | empty if beside.telling is not None else unread)
            self._note(f"{at} beside", cells, whose, said & empty, None)

    def _note(
        self, kind: str, cells: Cells, whose: pl.Series, rows: pl.Series, words: pl.Series | None
    ) -> None:
        """Note rows that count only if there are few like them."""
        if rows.any():
            found = pl.DataFrame(
                {
                    "_row": cells.batch["_row"].cast(pl.UInt32),
                    "_person": whose.cast(pl.String),
                    "word": pl.repeat(0, len(rows), dtype=pl.UInt64, eager=True) if words is None else words,
                }
            )
            noted = found.filter(rows).with_columns(kind=pl.lit(kind))
            self._late.append(noted.select(list(LATE)))

    def _count(self, cells: Cells, refused: dict[str, pl.Series]) -> None:
        for placed in self._placed:
            reader, unread = placed.reader, refused.get(placed.reader.name)
            if unread is not None and unread.any():
                self.told.count(reader.name, count_reasons(reader, cells.column(reader.name), unread))
            if reader.kind == "reference":
                changed = cells.batch[reader.name] != cells.reference(reader.name)[0]
                if changed.any():
                    seen = self.told.normalised.get(reader.name, 0)
                    self.told.normalised[reader.name] = seen + int(changed.sum())
        for order in self._orders:
            order.look(cells.column(order.name), refused[order.name])


def _pairs(placed: list[Placed], header: tuple[str, ...]) -> Iterator[Pair]:
    """Yield the columns of days side by side, where every column after them is read too."""
    by_name = {each.reader.name: each for each in placed}
    for at, name in enumerate(header):
        rest = [by_name.get(other) for other in header[at:]]
        after = rest[2].reader if len(rest) > 2 and rest[2] is not None else None
        if all(rest) and (pair := Pair.of(by_name[name], after)):
            yield pair


def _rows_of(column: Column, words: set[str]) -> pl.Series:
    """Return the rows that hold one of the words."""
    if not words:
        return nowhere(len(column.words if column.at is None else column.at))
    return column.spread(column.words.is_in(sorted(words))).fill_null(value=False)


def _telling_words(known: Iterable[Reader]) -> str:
    """Return how words look that are unmistakably of one of these columns, alone or run on to other words."""
    kinds = sorted({reader.telling for reader in known if reader.telling})
    if not kinds:
        return ""
    any_kind = "|".join(f"(?:{kind})" for kind in kinds)
    return f"^(?:{any_kind})$|[a-zß-ÿ)\\]](?:{any_kind})$"
