"""Reading an export as tables of text, in batches: by column name, every row whole, nothing unasked for.

A column that nobody maps is passed over while parsing, so nothing of it is ever held. Rows are numbered from
1 after the header. Furniture is counted and not handed on: rows before the header, closing rows, blank rows,
and rows that repeat the header.
"""

import itertools
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO, cast

import polars as pl
import pyarrow as pa
import pyarrow.csv as pacsv

from connectors.closing import Closing, Rows, open_rows, read_closing
from connectors.errors import (
    HalfExport,
    NotTheExport,
    RaggedRow,
    RowCountDiffers,
    RowsJoined,
)
from connectors.file_errors import SecondHeader
from connectors.header import unknown_columns
from connectors.opening import Opening, read_opening
from connectors.quotes import QuoteWatch
from connectors.row_starts import RowStart
from connectors.source import Export
from connectors.swallowed_rows import SwallowedRows

BATCH_BYTES = 16 << 20
# The parser reads 32 blocks ahead of us, so its blocks are small and we put several together.
BLOCK_BYTES = 1 << 20
PIECE_BYTES = 1 << 20
DELIMITER_NAMES = {"\t": "tab"}


def read_batches(
    export: Export,
    columns: Iterable[str],
    ignored: Iterable[str] = (),
    batch_bytes: int = BATCH_BYTES,
    row_starts: RowStart | None = None,
) -> "Batches":
    """Return the export's rows as tables of text columns, with `_row`, in batches.

    Given:   the columns that the mapping reads, and those it declares as not taken; any others are unknown.
             `row_starts` says how a row begins, so that lines are counted apart from the parser.
    Returns: an iterator of tables; its `unknown` is known at once, `rows` and `furniture` when it has ended.
    Errors:  NotTheExport and its kinds: missing or repeated column, ragged row, joined rows, not the rows
             expected.
    """
    return Batches(export, list(columns), set(ignored), batch_bytes, row_starts)


class Batches(Iterator[pl.DataFrame]):
    """The batches of one export.

    header:    the names of all columns, as the export gives them.
    unknown:   columns that are neither read nor declared as not taken, by their places.
    rows:      rows seen so far, furniture included.
    furniture: rows seen so far that are no records: before the header, closing, blank, the header again.
    """

    def __init__(
        self,
        export: Export,
        columns: list[str],
        ignored: set[str],
        batch_bytes: int,
        row_starts: RowStart | None,
    ) -> None:
        self._export, self._columns, self._batch_bytes = export, columns, batch_bytes
        self._opening = read_opening(export, columns, {*columns, *ignored})
        self.header = self._opening.header
        self.unknown = unknown_columns(list(self.header), {*columns, *ignored})
        self._reference = row_starts.column if row_starts else columns[0]
        told = export.broken_lines and row_starts is not None and row_starts.counts(self.header, columns)
        self._row_starts = row_starts if told else None
        self._closing = self._read_closing(row_starts)
        self.rows = self.furniture = self._opening.preamble_rows + self._closing.rows
        self._parsed = self._references = 0
        self._blank: pl.Series | None = None
        self._refuse_quotes_out_of_place()
        if export.broken_lines and row_starts is not None and not told:
            self._refuse_swallowed_rows(row_starts.pattern)
        self._batches = _Parse(export, self._opening, columns, batch_bytes).batches(self._open_rows())

    @property
    def typed(self) -> bool:
        """Return whether days and hours are marked as such: those of a workbook are."""
        return self._export.arrived.get("kind") == "workbook"

    @property
    def may_shift(self) -> bool:
        """Return whether a cell may stand in a wrong column."""
        return self._export.layout.may_shift

    @property
    def arrived(self) -> dict[str, str | int | bool]:
        """Return how the export came and how it was read, for the report of the run; no cell of it."""
        told: dict[str, str | int | bool] = {
            "delimiter": DELIMITER_NAMES.get(self._opening.delimiter, self._opening.delimiter),
            "separator_line": self._opening.separator_line,
            "preamble_rows": self._opening.preamble_rows,
            "closing_rows": self._closing.rows,
        }
        return {**self._export.arrived, **{name: said for name, said in told.items() if said}}

    def __next__(self) -> pl.DataFrame:
        batch = next(self._batches, None)
        if batch is None:
            self._hold_to_lines()
            self._hold_to_count()
            raise StopIteration
        self._refuse_broken_cells(batch)
        if self._row_starts is not None:
            self._references += self._row_starts.cells(batch[self._row_starts.column])
        numbers = pl.int_range(self._parsed + 1, self._parsed + 1 + batch.height, dtype=pl.UInt32, eager=True)
        table = self._without_headers(batch.with_columns(numbers.alias("_row")))
        self._parsed += batch.height
        self.rows += batch.height
        return self._without_blank_rows(table) if _may_hold_blank_rows(batch) else table

    def _read_closing(self, row_starts: RowStart | None) -> Closing:
        pattern = row_starts.pattern if row_starts else None
        rows = Rows(self.header, self._opening.delimiter, self._reference, pattern)
        return read_closing(self._export, rows, self._opening.begins)

    def _open_rows(self) -> BinaryIO:
        """Return a stream of the rows between the header and the closing rows."""
        return open_rows(self._export, self._opening.begins, self._closing.size)

    def _refuse_quotes_out_of_place(self) -> None:
        """Look again where the delimiter was not known while the export came. Errors: QuoteOutOfPlace."""
        if len(self._export.layout.delimiters) == 1 or not self._export.quoted:
            return
        watch = QuoteWatch((self._opening.delimiter,), self._export.place)
        lines, stream = self._opening.line, open_rows(self._export, self._opening.begins, 0)
        while piece := stream.read(PIECE_BYTES):
            watch.look(piece, lines)
            lines += piece.count(b"\n")

    def _refuse_swallowed_rows(self, pattern: str | None) -> None:
        """Look at the cells nobody takes, where lines cannot be counted. Errors: RowsJoined."""
        others, seen = [name for name in self.header if name not in self._columns], 0
        look = SwallowedRows(self.header, self._opening.delimiter, pattern)
        parse = _Parse(self._export, self._opening, others, self._batch_bytes)
        for batch in parse.batches(self._open_rows()) if others else ():
            if found := look.found(batch):
                place = f"{self._export.place}, row {seen + found[0]} after the header"
                raise RowsJoined(f"{place}: column {found[1]} holds what looks like the end of another row.")
            seen += batch.height

    def _without_headers(self, table: pl.DataFrame) -> pl.DataFrame:
        """Return the rows without those that repeat the header. Errors: SecondHeader for another header."""
        named = table[self._reference].is_in(list(self.header))
        if not named.any():
            return table
        same = pl.all_horizontal(pl.col(name) == name for name in self._columns)
        others = table.filter(named).filter(~same)
        known = list(self.header)
        names = pl.sum_horizontal(pl.col(name).is_in(known).cast(pl.Int32) for name in self._columns)
        other = others.filter(names > 1)
        if not other.is_empty():
            raise SecondHeader(f"{self._export.place}, row {other['_row'][0]} after the header.")
        kept = table.filter(~(named & table.select(same).to_series()))
        self.furniture += table.height - kept.height
        return kept

    def _without_blank_rows(self, table: pl.DataFrame) -> pl.DataFrame:
        if self._blank is None:
            self._blank = _blank_rows(self._export, self._opening, self._batch_bytes, self._open_rows())
        kept = table.filter(~pl.col("_row").is_in(self._blank.implode()))
        self.furniture += table.height - kept.height
        return kept

    def _refuse_broken_cells(self, batch: pl.DataFrame) -> None:
        """Errors: RowsJoined, naming the first column with a line break in a cell, and its row."""
        if not self._export.broken_lines:
            return
        broken = pl.all().str.contains_any(["\n", "\r"])
        for column in batch.select_seq(broken.arg_true().first()):
            if column[0] is not None:
                row = self._parsed + 1 + int(column[0])
                place = f"{self._export.place}, row {row} after the header"
                raise RowsJoined(f"{place}: column {column.name} holds a line break.")

    def _hold_to_lines(self) -> None:
        """Errors: RowsJoined, when more or fewer lines begin like a row than rows were read."""
        if self._row_starts is None:
            return
        lines = self._row_starts.lines(self._export, self._opening.delimiter, self._open_rows())
        if lines != self._references:
            told = f"{lines} lines begin with a reference, {self._references} rows were read with one"
            raise RowsJoined(f"{self._export.place}, column {self._row_starts.column}: {told}.")

    def _hold_to_count(self) -> None:
        expected, held = self._export.expected_rows, self.rows - self.furniture
        if expected is not None and expected != held:
            place = f"{self._export.place}: the source counts {expected} rows, the export holds {held}."
            raise RowCountDiffers(place)
        stated = self._closing.stated
        if stated is not None and stated != held:
            place = f"{self._export.place}: its closing row counts {stated} rows, the export holds {held}."
            raise RowCountDiffers(place)


class _Parse:
    """One pass over an export's rows, for some of its columns."""

    def __init__(self, export: Export, opening: Opening, columns: list[str], batch_bytes: int) -> None:
        self._export, self._opening, self._columns = export, opening, columns
        self._block_bytes = min(batch_bytes, BLOCK_BYTES)
        self._blocks = max(1, batch_bytes // BLOCK_BYTES)
        self._ragged: int | None = None
        self._seen = 0

    def batches(self, stream: BinaryIO) -> Iterator[pl.DataFrame]:
        """Yield the rows that follow the header. Errors: RaggedRow, HalfExport."""
        reader = self._reader(stream)
        blocks = iter(lambda: self._next(reader), None) if reader is not None else iter(())
        while together := list(itertools.islice(blocks, self._blocks)):
            yield cast(pl.DataFrame, pl.from_arrow(pa.Table.from_batches(together)))

    def _reader(self, stream: BinaryIO) -> Any:
        if not cast(Any, stream).peek(1):
            return None
        try:
            return pacsv.open_csv(stream, *self._options())
        except pa.ArrowInvalid:
            pass
        raise self._refusal()

    def _next(self, reader: Any) -> Any:
        batch = None
        try:
            batch = reader.read_next_batch()
        except StopIteration:
            return None
        except (pa.ArrowInvalid, UnicodeDecodeError):
            pass
        if batch is None:
            raise self._refusal()
        self._seen += batch.num_rows
        return batch

    def _refusal(self) -> NotTheExport:
        if self._ragged is not None:
            return RaggedRow(f"{self._export.place}, row {self._ragged} after the header.")
        return HalfExport(f"{self._export.place}, after row {self._seen}: the rows can not be told apart.")

    def _note_ragged(self, row: Any) -> str:
        self._ragged = self._ragged or row.number
        return "error"

    def _options(self) -> tuple[pacsv.ReadOptions, pacsv.ParseOptions, pacsv.ConvertOptions]:
        return (
            pacsv.ReadOptions(
                use_threads=False,
                block_size=self._block_bytes,
                column_names=list(self._opening.header),
                encoding=self._export.encoding,
            ),
            pacsv.ParseOptions(
                delimiter=self._opening.delimiter,
                newlines_in_values=self._export.broken_lines,
                ignore_empty_lines=False,
                invalid_row_handler=self._note_ragged,
            ),
            pacsv.ConvertOptions(
                include_columns=self._columns,
                column_types=dict.fromkeys(self._opening.header, pa.string()),
                strings_can_be_null=False,
                quoted_strings_can_be_null=False,
                check_utf8=False,
            ),
        )


def _may_hold_blank_rows(batch: pl.DataFrame) -> bool:
    """Return whether some row is empty in every column we read; most batches answer at the first column."""
    blank: pl.Series | None = None
    for column in batch:
        empty = column.str.len_bytes() == 0
        blank = empty if blank is None else blank & empty
        if not blank.any():
            return False
    return True


def _blank_rows(export: Export, opening: Opening, batch_bytes: int, stream: BinaryIO) -> pl.Series:
    """Return the numbers of the rows whose every cell is empty, columns we do not read included."""
    seen, found = 0, [pl.Series(dtype=pl.UInt32)]
    for batch in _Parse(export, opening, list(opening.header), batch_bytes).batches(stream):
        blank = batch.select(pl.all_horizontal(pl.all().str.len_bytes() == 0)).to_series()
        found.append((blank.arg_true() + (seen + 1)).cast(pl.UInt32))
        seen += batch.height
    return pl.concat(found)
