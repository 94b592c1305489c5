"""How a file is laid out is declared, or found out within what is declared, and reported; never guessed."""

from collections.abc import Callable
from typing import Any

import pytest

from connectors.errors import ColumnMissing, EncodingNotAsDeclared, NotTheExport, RaggedRow, RowCountDiffers
from connectors.file_errors import DelimiterNotAllowed, SecondHeader
from connectors.reception import Reception
from connectors.row_starts import RowStart
from connectors.settings import Ceilings, Layout
from connectors.spool import Spool
from connectors.tables import Batches, read_batches

ANY = Layout(("utf-8", "cp1252", "utf-16-le", "utf-16-be"), (",", ";", "\t"), preamble_rows=4)
TEXT = "Ref,Name\r\nR1,Zoë\r\nR2,it’s £5\r\n"
ROWS = [("R1", "Zoë"), ("R2", "it’s £5")]
Read = Callable[..., Batches]


@pytest.fixture
def read(spool: Spool) -> Read:
    def read(
        content: bytes | str, layout: Layout = ANY, columns: tuple[str, ...] = ("Ref", "Name")
    ) -> Batches:
        reception = Reception("hub", "people", spool, layout, Ceilings())
        reception.take(content.encode() if isinstance(content, str) else content)
        return read_batches(reception.close(), columns, row_starts=RowStart("Ref", "R[0-9]"))

    return read


def rows(batches: Batches) -> list[tuple[Any, ...]]:
    return [row[:-1] for batch in batches for row in batch.rows()]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (TEXT.encode(), {"encoding": "utf-8"}),
        (b"\xef\xbb\xbf" + TEXT.encode(), {"encoding": "utf-8", "marked": True}),
        (TEXT.encode("cp1252"), {"encoding": "cp1252"}),
        (b"\xff\xfe" + TEXT.encode("utf-16-le"), {"encoding": "utf-16-le", "marked": True}),
        (b"\xfe\xff" + TEXT.encode("utf-16-be"), {"encoding": "utf-16-be", "marked": True}),
        (TEXT.encode("utf-16-le"), {"encoding": "utf-16-le"}),
        (TEXT.encode("utf-16-be"), {"encoding": "utf-16-be"}),
        (TEXT.replace(",", ";").encode(), {"encoding": "utf-8", "delimiter": ";"}),
        (TEXT.replace(",", "\t").encode(), {"encoding": "utf-8", "delimiter": "tab"}),
        (b"sep=;\r\n" + TEXT.replace(",", ";").encode(), {"delimiter": ";", "separator_line": True}),
        (b'"sep=,"\n' + TEXT.encode(), {"separator_line": True}),
        (b"People of the hub\r\n\r\n" + TEXT.encode(), {"preamble_rows": 2}),
        (TEXT.encode() + b"Total,\r\n,\r\nEnd of report\r\n", {"closing_rows": 3}),
        (TEXT.encode() + b"Total rows: 2\r\n", {"closing_rows": 1}),
        (TEXT.encode() + b'"Generated on 1/12/2022, by Zebulon"\r\n', {"closing_rows": 1}),
    ],
)
def test_what_a_file_is_in_is_found_out_and_reported(
    read: Read, content: bytes, told: dict[str, Any]
) -> None:
    """The cells are the same in every dress, and the report says which it was."""
    batches = read(content)
    assert rows(batches) == ROWS
    common = {"kind": "csv", "encoding": "utf-8", "delimiter": ","}
    assert batches.arrived == common | told
    assert batches.rows - batches.furniture == 2


@pytest.mark.parametrize(
    ("content", "layout"),
    [
        (b"\xff\xfe" + TEXT.encode("utf-16-le"), Layout(("utf-8",))),
        (b"\xef\xbb\xbf" + TEXT.encode(), Layout(("cp1252",))),
        (TEXT.encode("cp1252"), Layout(("utf-8",))),
        (TEXT.encode("utf-16-le")[:-1], Layout(("utf-16-le",))),
        (b"\xff\xfe" + TEXT.encode("utf-16-le").replace(b"1\0", b"\0\xd8"), Layout(("utf-16-le",))),
        (TEXT.encode("utf-16-be"), Layout(("utf-16-le",))),
    ],
)
def test_another_encoding_than_allowed_is_refused(read: Read, content: bytes, layout: Layout) -> None:
    """Even where its bytes might pass for text; the error shows none of them."""
    with pytest.raises(NotTheExport) as refused:
        rows(read(content, layout))
    assert refused.value.exit_code == 22
    assert refused.value.__context__ is None


def test_a_zero_byte_of_text_that_is_not_declared_wide_is_named(read: Read) -> None:
    """UTF-16 where only UTF-8 is allowed is an encoding that was not declared."""
    with pytest.raises(EncodingNotAsDeclared, match="marked as utf-16-le; the source's file allows utf-8"):
        read(b"\xff\xfe" + TEXT.encode("utf-16-le"), Layout(("utf-8",)))


def test_a_delimiter_that_is_not_allowed_is_refused(read: Read) -> None:
    """A first line that names another delimiter, or a header that only another would divide, is no guess."""
    with pytest.raises(DelimiterNotAllowed):
        read("sep=|\r\n" + TEXT.replace(",", "|"))
    with pytest.raises(ColumnMissing):
        read(TEXT.replace(",", "|"))


def test_a_mark_is_out_of_place_by_the_delimiter_that_the_header_has(read: Read) -> None:
    """Where several delimiters are allowed, the marks are looked at again once it is known which it is."""
    with pytest.raises(NotTheExport, match="line 2") as refused:
        rows(read('Ref;Name\r\nR1;Zo,"x;y"\r\n'))
    assert refused.value.code == "E385"


def test_a_header_further_down_than_allowed_is_not_looked_for(read: Read) -> None:
    """The error names the columns that are missing, from the row that was nearest to being a header."""
    with pytest.raises(ColumnMissing, match="line 1") as refused:
        read("Zebulon\r\n" * 5 + TEXT)
    assert "Zebulon" not in str(refused.value)
    with pytest.raises(ColumnMissing, match="line 2: column Name"):
        read("Report\r\nRef,Nome\r\nR1,x\r\n")


@pytest.mark.parametrize("closing", ["Total rows: 3\r\n", "Total records,7\r\n", "1 rows exported\r\n"])
def test_a_closing_row_that_counts_other_rows_refuses_the_export(read: Read, closing: str) -> None:
    """What a report says of itself is held against what came: a file that stops early is found so."""
    with pytest.raises(RowCountDiffers, match="closing row counts"):
        rows(read(TEXT + closing))


def test_closing_rows_are_those_declared_too(read: Read) -> None:
    """A pattern of the site's own, with a group that counts."""
    layout = Layout(total_rows=(r"^Summe: (?P<rows>\d+)$",))
    assert rows(read(TEXT + "Summe: 2,\r\n", layout)) == ROWS
    with pytest.raises(RowCountDiffers):
        rows(read(TEXT + "Summe: 3,\r\n", layout))
    with pytest.raises(RaggedRow):
        rows(read(TEXT + "Summe: 2\r\n" + TEXT.split("\r\n")[1] + "\r\n", layout))


@pytest.mark.parametrize("last", ["R3,Total\r\n", "r3,Count\r\n", '"R3","End of report"\r\n', "9,Total\r\n"])
def test_a_row_with_a_reference_is_never_a_closing_row(read: Read, last: str) -> None:
    """A person may be called Total; a row is furniture only where no reference stands."""
    assert len(rows(read(TEXT + last))) == 3


def test_a_total_among_the_rows_stays_a_row(read: Read) -> None:
    """Only the end of a file closes it: a subtotal in its middle is told of as a row without a reference."""
    batches = read("Ref,Name\r\nR1,a\r\n,Subtotal\r\nR2,b\r\n")
    assert rows(batches) == [("R1", "a"), ("", "Subtotal"), ("R2", "b")]
    assert batches.furniture == 0


def test_a_header_that_comes_again_is_furniture_and_another_is_refused(read: Read) -> None:
    """Exports laid end to end: the same header again is counted, another order of columns is not believed."""
    batches = read(TEXT + TEXT)
    assert rows(batches) == ROWS + ROWS
    assert (batches.rows, batches.furniture) == (5, 1)
    with pytest.raises(SecondHeader, match="row 3 after the header"):
        rows(read(TEXT + "Name,Ref\r\nZoë,R1\r\n"))


def test_an_export_without_rows_may_have_all_the_rest(read: Read) -> None:
    """A report on nobody: its title and its total are furniture, and nothing is read."""
    batches = read("sep=,\r\nReport\r\nRef,Name\r\nTotal rows,0\r\n")
    assert rows(batches) == []
    assert (batches.rows, batches.furniture) == (2, 2)
