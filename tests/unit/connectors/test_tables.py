"""An export becomes tables of text, by column name, every row whole."""

from collections.abc import Callable

import polars as pl
import pytest

from connectors.errors import (
    ColumnMissing,
    ColumnTwice,
    HalfExport,
    NotTheExport,
    RaggedRow,
    RowCountDiffers,
    TooManyColumns,
)
from connectors.source import Export
from connectors.tables import read_batches

Receive = Callable[..., Export]


def rows(export: Export, columns: list[str], **more: int) -> list[tuple[str | int, ...]]:
    return pl.concat(list(read_batches(export, columns, **more))).rows()


def test_cells_are_text_and_blanks_are_empty_text(receive: Receive) -> None:
    """Nothing is guessed: 007, NULL and NA stay words, a blank is empty text, rows count from 1."""
    export = receive(b'\xef\xbb\xbfid,when,word\r\n007,01/02/2022,NULL\r\n1e3,,"NA"\r\n')
    batch = next(read_batches(export, ["id", "when", "word"]))
    assert batch.schema == {"id": pl.String, "when": pl.String, "word": pl.String, "_row": pl.UInt32}
    assert batch.rows() == [("007", "01/02/2022", "NULL", 1), ("1e3", "", "NA", 2)]


def test_columns_are_found_by_name_in_any_order(receive: Receive) -> None:
    """An administrator who moves a column changes nothing."""
    assert rows(receive(b"a,b\n1,2\n"), ["a", "b"]) == rows(receive(b"b,a\n2,1\n"), ["a", "b"])


def test_an_unknown_column_is_told_by_its_place_and_goes_nowhere(receive: Receive) -> None:
    """A column that is neither mapped nor declared as not taken is reported; none of its cells is read.

    What stands above it is not repeated, however like a header: it may be who printed the extract.
    """
    export = receive(b"a,Details,Printed by Zqnona Smith,\n1,note,Canary,x\n")
    batches = read_batches(export, ["a"], ignored=["Details"])
    assert batches.unknown == ("column 3", "column 4")
    assert next(batches).columns == ["a", "_row"]


def test_a_missing_column_refuses_the_export(receive: Receive) -> None:
    """The error names the column that the mapping reads, and the place of the nearest header."""
    with pytest.raises(ColumnMissing) as refused:
        read_batches(receive(b"Org Person ID,Fore name,Town\n1,2,3\n"), ["Org Person ID", "Forename"])
    assert "column Forename. The nearest header is that of column 2." in str(refused.value)
    assert "Fore name" not in str(refused.value)
    assert len(str(refused.value).splitlines()) == 4


def test_a_lost_header_shows_no_cell(receive: Receive) -> None:
    """Where the header line is lost its place is taken by a person's cells, and none of them is shown."""
    with pytest.raises(ColumnMissing) as refused:
        read_batches(receive(b"HP000001,Forname,Surnam\nHP2,a,b\n"), ["Org Person ID", "Forename", "Surname"])
    assert "Surnam\n" not in str(refused.value) + "\n"
    assert "nearest" not in str(refused.value)


def test_two_columns_of_one_name_refuse_the_export(receive: Receive) -> None:
    """A reader that takes the last of two would put cells where they do not belong."""
    with pytest.raises(ColumnTwice, match=r"line 1: note, b\."):
        read_batches(receive(b"a,note,b,b,note\n1,2,3,4,5\n"), ["a", "b"], ["note"])


def test_two_columns_of_a_name_nobody_declared_are_named_by_their_place(receive: Receive) -> None:
    """Where a row of data comes first, its repeated cells are a person's, and none of them is shown."""
    with pytest.raises(ColumnTwice, match=r"line 1: column 2\.") as refused:
        read_batches(receive(b"a,Canary,Canary\n1,2,3\n"), ["a"])
    assert "anary" not in str(refused.value)


@pytest.mark.parametrize("row", [b"1\n", b"1,2,3\n", b'1,"x\ny",3\n'])
def test_a_ragged_row_refuses_the_export(receive: Receive, row: bytes) -> None:
    """A row with more or fewer cells than the header stops everything, named by its number only."""
    with pytest.raises(RaggedRow, match="row 3 after the header") as refused:
        list(read_batches(receive(b"a,b\nCanary,2\nCanary,3\n" + row + b"Canary,4\n"), ["a"]))
    assert "anary" not in str(refused.value)
    assert refused.value.__context__ is None


def test_rows_that_can_not_be_told_apart_refuse_the_export(receive: Receive) -> None:
    """A row longer than a batch is taken as a file gone wrong, with no library error behind ours."""
    with pytest.raises(HalfExport) as refused:
        list(read_batches(receive(b"a,b\n1," + b"x" * 5000 + b"\n"), ["a"], batch_bytes=1000))
    assert refused.value.__context__ is None


@pytest.mark.parametrize("width", [1_001, 10_000, 100_000])
def test_an_export_with_too_many_columns_is_refused(receive: Receive, width: int) -> None:
    """A thousand columns are read; one more is refused, and so is a header too long to be read whole."""
    header = ",".join(["Name", "Forename", *(f"c{number}" for number in range(3, width + 1))])
    content = f"{header}\n{',' * (width - 1)}\n".encode()
    with pytest.raises(TooManyColumns, match="more than 1000"):
        read_batches(receive(content), ["Name"])
    assert read_batches(receive(",".join(header.split(",")[:1000]).encode() + b"\n"), ["Name"]).unknown


def test_a_header_that_is_none_refuses_the_export(receive: Receive) -> None:
    """A quotation mark that opens in the header and closes later is no header."""
    with pytest.raises(NotTheExport, match="not a header"):
        read_batches(receive(b'a,"b\n1,2"\n'), ["a"])


def test_batches_together_are_the_whole_export(receive: Receive) -> None:
    """However small the batches, every row comes once, in order, with its own number."""
    content = b"a,b\r\n" + b"".join(b'%d,"x,%d"\r\n' % (i, i) for i in range(1, 2001))
    export = receive(content, rows=2000)
    found = rows(export, ["a"], batch_bytes=500)
    assert found == [(str(i), i) for i in range(1, 2001)]


def test_cells_that_nobody_takes_may_hold_line_breaks(receive: Receive) -> None:
    """A quoted line break in free text is part of its cell, and rows are still counted one by one."""
    content = b"a,b\r\n" + b"".join(b'%d,"x\r\n%d"\r\n' % (i, i) for i in range(1, 300))
    assert rows(receive(content), ["a"], batch_bytes=200)[-1] == ("299", 299)


def test_words_of_windows_are_read_as_they_were_meant(receive: Receive) -> None:
    """cp1252 bytes become the characters they stand for."""
    assert rows(receive(b"a\xa3,b\n1,it\x92s \xa35\n"), ["b", "a£"]) == [("it’s £5", "1", 1)]


def test_rows_without_a_single_cell_are_furniture(receive: Receive) -> None:
    """Blank lines and rows of empty cells are counted as furniture; other rows keep their numbers."""
    export = receive(b"a,b,note\n1,2,\n,,\n\n3,4,\n,,only a note\n\n", rows=3)
    batches = read_batches(export, ["a", "b"], ["note"])
    found = pl.concat(list(batches)).rows()
    assert found == [("1", "2", 1), ("3", "4", 4), ("", "", 5)]
    assert (batches.rows, batches.furniture) == (6, 3)


@pytest.mark.parametrize("counted", [2, 4])
def test_another_row_count_than_the_source_says_refuses_the_export(receive: Receive, counted: int) -> None:
    """A file that stops early is still a valid CSV; only the source's own count tells."""
    with pytest.raises(RowCountDiffers, match=f"counts {counted} rows, the export holds 3"):
        list(read_batches(receive(b"a\n1\n2\n3\n", rows=counted), ["a"]))


def test_a_header_without_rows_is_an_empty_table(receive: Receive) -> None:
    """Nothing to read is not an error here; whether it is plausible is asked elsewhere."""
    batches = read_batches(receive(b"a,b\r\n", rows=0), ["a"])
    assert list(batches) == []
    assert (batches.rows, batches.furniture) == (0, 0)
