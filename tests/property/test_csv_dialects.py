"""Whatever a CSV file is written like, its cells come out as they went in, or it is refused."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from connectors.errors import NotTheExport, RowsJoined
from connectors.reception import Reception
from connectors.row_starts import RowStart
from connectors.settings import Ceilings, Layout
from connectors.spool import Spool
from connectors.tables import read_batches

ENCODINGS = ("utf-8", "cp1252", "utf-16-le", "utf-16-be")
MARKS = {"utf-8": b"\xef\xbb\xbf", "utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}
DELIMITERS = (",", ";", "\t", "|")
LETTERS = st.sampled_from([*"abZ019 .-/'", "£", "é", "’", '"', ",", ";", "\t", "|", "=", "\n", "\r"])
CELL = st.text(LETTERS, max_size=6) | st.sampled_from(
    ["", "NULL", "007", "1e3", "x,y", 'say "x"', "01/02/2022"]
)
COLUMNS = ("Ref", "Name", "Note")
Row = tuple[str, ...]


@dataclass(frozen=True)
class Dialect:
    """How one file is written, and what its layout declares: itself, or everything there is."""

    delimiter: str
    encoding: str
    marked: bool
    quote_all: bool
    separator_line: bool
    detected: bool
    ends: tuple[str, ...]
    preamble: tuple[Row, ...]
    closing: tuple[Row, ...]
    piece: int

    @property
    def layout(self) -> Layout:
        return Layout(
            encodings=ENCODINGS if self.detected else (self.encoding,),
            delimiters=DELIMITERS if self.detected else (self.delimiter,),
            preamble_rows=3,
        )

    def write(self, rows: list[Row]) -> bytes:
        """Return the file: RFC 4180 but for its delimiter, its line ends and what stands around the rows."""
        lines = [f"sep={self.delimiter}"] if self.separator_line else []
        lines += [self.delimiter.join(map(self._cell, row)) for row in (*self.preamble, COLUMNS)]
        lines += [self.delimiter.join(map(self._cell, row)) for row in (*rows, *self.closing)]
        text = "".join(line + self.ends[at % len(self.ends)] for at, line in enumerate(lines))
        return (MARKS.get(self.encoding, b"") if self.marked else b"") + text.encode(self.encoding)

    def _cell(self, cell: str) -> str:
        special = any(mark in cell for mark in (self.delimiter, '"', "\n", "\r"))
        return '"' + cell.replace('"', '""') + '"' if self.quote_all or special else cell


DIALECTS = st.builds(
    Dialect,
    delimiter=st.sampled_from(DELIMITERS),
    encoding=st.sampled_from(ENCODINGS),
    marked=st.booleans(),
    quote_all=st.booleans(),
    separator_line=st.booleans(),
    detected=st.booleans(),
    ends=st.sampled_from([("\n",), ("\r\n",), ("\r\n", "\n")]),
    preamble=st.sampled_from([(), (("Report of people",),), (("People", "", ""), ("", "", ""))]),
    closing=st.sampled_from(
        [(), (("Total", "", ""),), (("", "", ""), ("Total rows",)), (("End of report",),)]
    ),
    piece=st.sampled_from([1, 7, 1 << 20]),
)


def read(content: bytes, dialect: Dialect) -> list[Row]:
    """Return the cells of the columns that are read."""
    with tempfile.TemporaryDirectory() as folder, Spool(Path(folder)) as spool:
        reception = Reception("hub", "people", spool, dialect.layout, Ceilings())
        for start in range(0, len(content), dialect.piece):
            reception.take(content[start : start + dialect.piece])
        batches = read_batches(
            reception.close(), COLUMNS[:2], COLUMNS[2:], row_starts=RowStart("Ref", "[RJ][0-9]")
        )
        return [row[:2] for batch in batches for row in batch.rows()]


@given(
    dialect=DIALECTS,
    rows=st.lists(st.tuples(st.sampled_from(["R1", "R2", " r3", "", "9"]), CELL, CELL), max_size=5),
)
@settings(max_examples=250, deadline=None)
def test_the_same_cells_come_out_or_the_file_is_refused(dialect: Dialect, rows: list[Row]) -> None:
    """In no dialect does a cell come out as another, or a row get lost; only a line break in a cell that we
    take, or a line of free text that begins like a row, refuses a file that is well written.
    """
    content = dialect.write(rows)
    wanted = [row[:2] for row in rows if any(row)]
    found, refused = None, None
    try:
        found = read(content, dialect)
    except NotTheExport as error:
        refused = error
    event(type(refused).__name__)
    if refused is None:
        assert found == wanted
        return
    broken = any("\n" in cell or "\r" in cell for row in rows for cell in row)
    assert isinstance(refused, RowsJoined), refused
    assert broken


@given(dialect=DIALECTS, at=st.integers(0, 400), byte=st.integers(0, 255), lost=st.booleans())
@settings(max_examples=300, deadline=None)
def test_a_file_with_one_wrong_byte_gives_no_cell_to_another_column(
    dialect: Dialect, at: int, byte: int, lost: bool
) -> None:
    """One byte lost or replaced anywhere refuses the file or changes its own cell: each column has letters of
    its own, and none of them comes out in another.
    """
    assume(lost or byte not in b"Jqz")
    rows = [(f"J{number}", f"q{number}{dialect.delimiter}{number}", "z;|,\t") for number in range(1, 6)]
    content = dialect.write(rows)
    at %= len(content)
    wrong = content[:at] + (b"" if lost else bytes([byte])) + content[at + 1 :]
    try:
        found = read(wrong, dialect)
    except NotTheExport as error:
        event(type(error).__name__)
        return
    event("read")
    for reference, name in found:
        assert not {"q", "z"} & set(reference), (reference, name)
        assert not {"J", "z"} & set(name), (reference, name)
