"""A spreadsheet shows our CSV files and runs nothing in them."""

import csv
import io

import pytest

from feed.spreadsheet import csv_bytes, inert


@pytest.mark.parametrize(
    "text",
    ['=HYPERLINK("http://x")', "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\u00a0=1", "＝1", "|cmd"],
)
def test_what_could_start_a_formula_is_led_by_a_quote(text: str) -> None:
    """Every first character that some spreadsheet runs is made text, hidden behind blanks or not."""
    assert inert(text) == f"'{text}"


@pytest.mark.parametrize("text", ["HR000123", "O'Neill", "a=b", "", "1 April", "*"])
def test_ordinary_words_are_left_alone(text: str) -> None:
    """A reference or a name is not changed."""
    assert inert(text) == text


def test_the_file_is_what_excel_reads_without_asking() -> None:
    """Byte order mark, CRLF, all cells quoted; a line break stays in its cell; numbers stay numbers."""
    content = csv_bytes(["a", "b"], [["x\n=1", -2], [None, 'say "hello"']])
    assert content.startswith(b"\xef\xbb\xbf")
    assert list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))) == [
        ["a", "b"],
        ["x\n=1", "-2"],
        ["", 'say "hello"'],
    ]
