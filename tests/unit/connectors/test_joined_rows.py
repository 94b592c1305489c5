"""A stray quotation mark that joins two rows never makes one person's record a cell of another's."""

from collections.abc import Callable

import pytest

from connectors import row_starts
from connectors.errors import RowsJoined
from connectors.row_starts import RowStart
from connectors.source import Export
from connectors.tables import read_batches

Receive = Callable[..., Export]

HEADER = b"Org Person ID,Known As,NHS Number,Details"
COLUMNS = ["Org Person ID", "Known As", "NHS Number"]
STARTS = RowStart("Org Person ID", "HP[0-9]{6}")
BREAKS = [b"\r\n", b"\n"]


def person(number: int, known_as: bytes = b"Canary", details: bytes = b"") -> bytes:
    return b"HP%06d,%s,9990000000,%s" % (number, known_as, details)


def read(export: Export, columns: list[str] = COLUMNS, starts: RowStart | None = STARTS) -> int:
    return sum(
        table.height
        for table in read_batches(export, columns, ["Details"], batch_bytes=4096, row_starts=starts)
    )


@pytest.mark.parametrize("end", BREAKS)
def test_a_row_swallowed_by_a_cell_we_take_refuses_the_export(receive: Receive, end: bytes) -> None:
    """The error names the column and the row, and shows nothing of the two people."""
    lines = [
        HEADER,
        *map(person, range(1, 27)),
        person(27, b'"Canary'),
        person(28, b'Canary"'),
        person(29),
        b"",
    ]
    with pytest.raises(
        RowsJoined, match="row 27 after the header: column Known As holds a line break"
    ) as refused:
        read(receive(end.join(lines)))
    assert refused.value.exit_code == 22
    assert len(str(refused.value).splitlines()) == 4
    assert "anary" not in str(refused.value)
    assert "HP0" not in str(refused.value)


@pytest.mark.parametrize("end", BREAKS)
def test_a_row_swallowed_by_a_cell_nobody_takes_refuses_the_export(receive: Receive, end: bytes) -> None:
    """Free text may hold line breaks, but no line of it may begin like a row."""
    lines = [HEADER, person(1), person(2, details=b'"note'), person(3, details=b'note"'), person(4), b""]
    with pytest.raises(RowsJoined, match="4 lines begin with a reference, 3 rows were read with one"):
        read(receive(end.join(lines)))


@pytest.mark.parametrize("words", [b"hp000003", b" HP000003 ", b'""HP000003""'])
def test_a_swallowed_row_shows_in_whatever_case_and_spacing(receive: Receive, words: bytes) -> None:
    """The lines are told by the references that the mapping would take."""
    note = b'"note\r\n' + words.replace(b'""', b"") + b',Canary,9990000000,note"'
    with pytest.raises(RowsJoined):
        read(receive(b"\r\n".join([HEADER, person(1), person(2, details=note), b""])))


def test_free_text_of_every_kind_passes(receive: Receive) -> None:
    """Line breaks, commas, quotation marks, references within a line, and rows without one change nothing."""
    notes = [b'"one, two\r\nthree ""four"", five\n\n, six"', b'"see HP000001,\r\nor HP000002 today"', b"5' 4"]
    rows = [person(number, details=notes[number % 3]) for number in range(1, 500)]
    odd = [b'"HP000500",Canary,,', b" hp000501,Canary,,", b",Canary,,", b"9,Canary,,", b",,,"]
    assert read(receive(b"\r\n".join([HEADER, *rows, *odd, b""]))) == 503


def test_a_line_longer_than_a_piece_is_counted_once(
    receive: Receive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However the stream is cut into pieces, each line is told by its own beginning."""
    rows = [person(number, details=b'"' + b"x" * number + b'\r\nHP, y"') for number in range(1, 200)]
    export = receive(b"\r\n".join([HEADER, *rows, b""]))
    for size in (1, 2, 7, 64, 1000):
        monkeypatch.setattr(row_starts, "PIECE_BYTES", size)
        monkeypatch.setattr(row_starts, "LONGEST_BEGINNING", 64)
        assert read(export) == 199


@pytest.mark.parametrize("starts", [None, RowStart("Org Person ID", None), RowStart("Known As", "[A-Z]+")])
def test_lines_are_counted_only_where_a_row_can_be_told_by_its_beginning(
    receive: Receive, starts: RowStart | None
) -> None:
    """Without a pattern, or with the reference in a later column, only cells that we take are looked at."""
    rows = [person(1, details=b'"a\r\nHP000009,b"'), b""]
    assert read(receive(b"\r\n".join([HEADER, *rows])), starts=starts) == 1


CASES = b"Person,Case,Received,Details,Team"
CASE = RowStart("Case", "HR[0-9]{3}")


def case(number: int, details: bytes = b"note", team: bytes = b"East") -> bytes:
    return b"HP%03d,HR%03d,01/02/2022,%s,%s" % (number, number, details, team)


@pytest.mark.parametrize("starts", [CASE, RowStart("Case", None)])
@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("column", ["details", "team"])
def test_a_swallowed_row_shows_where_the_reference_is_not_the_first_column(
    receive: Receive, starts: RowStart, rows: int, column: str
) -> None:
    """The cell between the two marks holds the end of its row, whole rows, and the beginning of another."""
    within = [case(number) for number in range(3, 2 + rows)]
    lines = [CASES, case(1), case(2, **{column: b'"Canary'}), *within, case(9, **{column: b'Canary"'}), b""]
    with pytest.raises(RowsJoined, match=r"row 2 after the header: column [45] holds") as refused:
        list(read_batches(receive(b"\r\n".join(lines)), ["Person", "Case", "Received"], row_starts=starts))
    assert "anary" not in str(refused.value)


def test_a_row_of_one_person_never_ends_as_another_s_where_the_note_comes_first(receive: Receive) -> None:
    """The note stands before the reference: what is swallowed is the end of the first row."""
    lines = [b"Details,Person,Case", b'"x,HP1,HR001', b'y",HP2,HR002', b"", b""]
    with pytest.raises(RowsJoined, match="row 1 after the header: column 1"):
        list(read_batches(receive(b"\n".join(lines)), ["Person", "Case"], row_starts=CASE))


@pytest.mark.parametrize(
    "note",
    [
        b"one, two\r\nthree, four, five",
        b"see HR007,\r\nand HR008",
        b"a, b\r\nc, d, e, f\r\ng",
        b"a\r\nb,c,d,HR9",
    ],
)
def test_notes_of_several_lines_pass_where_the_reference_is_not_the_first_column(
    receive: Receive, note: bytes
) -> None:
    """Only what has a row's delimiters, line by line, and a reference among them is taken for one."""
    lines = [CASES, case(1), case(2, details=b'"' + note + b'"'), b""]
    columns = ["Person", "Case", "Received"]
    assert read(receive(b"\r\n".join(lines)), columns, CASE) == 2
