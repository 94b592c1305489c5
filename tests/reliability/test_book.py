"""The books of rows: nothing is believed that no test sees, and no two tests tell the same story."""

import pytest

from tests.reliability import book as books
from tests.reliability.book import FOLDER, Row, RowBook, committed, every_row, write
from tools.reliability import PAGE, page

ROW = Row("reset", "portal", "first export", 20, "E301", True)


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.setattr(books, "FOLDER", tmp_path)
    monkeypatch.delenv(books.WRITE, raising=False)


def test_a_row_that_was_not_committed_fails(folder: None) -> None:
    """Another exit code, or a row nobody committed, fails the test that saw it."""
    write("some", [ROW])
    with RowBook("some") as book:
        book.saw(ROW)
        with pytest.raises(AssertionError, match="make reliability"):
            book.saw(Row("reset", "portal", "last export", 20, "E301", True))
    with RowBook("some") as book, pytest.raises(AssertionError, match="make reliability"):
        book.saw(Row("reset", "portal", "first export", 22, "E301", True))


def test_a_book_is_written_only_when_it_is_asked_for(folder: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """`make reliability` writes what was seen; any other run leaves the book alone."""
    monkeypatch.setenv(books.WRITE, "write")
    with RowBook("some") as book:
        book.saw(ROW)
    monkeypatch.delenv(books.WRITE)
    assert committed("some") == {ROW.key: ROW}
    with RowBook("some") as book:
        assert book.keys() == {ROW.key}


def test_every_committed_book_is_in_order_and_tells_each_case_once() -> None:
    """No key stands in two books; every refusal has a code; a refusal that changed anything says what."""
    keys = [key for path in FOLDER.glob("*.json") for key in committed(path.stem)]
    assert len(keys) == len(set(keys))
    for row in every_row():
        assert (row.error_code is None) == (row.exit_code in {None, 0, 1, 130, 143}), row
        assert row.unchanged or row.error_code is None or row.note, row


def test_the_page_holds_the_committed_rows() -> None:
    """docs/reliability.md is what the committed rows make today; `make reliability` writes it."""
    assert PAGE.read_text(encoding="utf-8") == page()
