"""Reading JSON as records while it comes: whole records or a refusal by name, in bounded memory."""

import json
from collections.abc import Iterator

import pytest

from common.errors import ViaductError
from connectors.errors import (
    ColumnTwice,
    EncodingNotAsDeclared,
    HalfExport,
    NotTheExport,
    PageInsteadOfExport,
    TooLarge,
)
from connectors.rest_errors import MessageInsteadOfRecords, RecordNotPlain
from connectors.rest_records import BATCH, Record, Records
from connectors.settings import Ceilings

PLACE = "source hub, export people"
SMALL = Ceilings(largest_bytes=1 << 20, longest_line_bytes=1 << 16)


def read(content: bytes, size: int = 1 << 20, ceilings: Ceilings = SMALL) -> list[Record]:
    """Return the records of an answer that comes in pieces of so many bytes."""
    pieces = (content[start : start + size] for start in range(0, len(content), size))
    return [record for batch in Records(pieces, PLACE, ceilings).batches() for record in batch]


@pytest.mark.parametrize("size", [1, 2, 7, 1 << 20])
def test_records_are_the_same_however_they_are_cut(size: int) -> None:
    """An answer in single bytes, letters of several bytes among them, gives what it gives in one piece."""
    content = (
        '\ufeff [ {"id": 1, "name": "Zoë \\u00e9"} ,\n{"id": 2, "name": null, "of": {"7": "x"}}] \n'.encode()
    )
    assert read(content, size) == [
        {"id": "1", "name": "Zoë é"},
        {"id": "2", "name": None, "of": {"7": "x"}},
    ]


@pytest.mark.parametrize("size", [1, 5, 1 << 20])
def test_an_object_by_id_is_a_list_of_its_records(size: int) -> None:
    """PHP writes a list with gaps as an object; its records are the same."""
    assert read(b'{"3": {"id": 3}, "9": {"id": 9}}', size) == [{"id": "3"}, {"id": "9"}]


def test_numbers_stay_the_digits_that_came() -> None:
    """No float takes part: pence, long numbers and leading digits arrive as they were written."""
    assert read(b'[{"a": 12.10, "b": 9007199254740993, "c": -0.5, "d": 1e3}]') == [
        {"a": "12.10", "b": "9007199254740993", "c": "-0.5", "d": "1e3"}
    ]


@pytest.mark.parametrize("content", [b"[]", b"{}", b" [ ] "])
def test_no_records_are_no_records(content: bytes) -> None:
    """An empty list is an answer too."""
    assert read(content) == []


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"<!DOCTYPE html><p>Zebulon</p>", PageInsteadOfExport),
        (b'"Zebulon is not permitted"', MessageInsteadOfRecords),
        (b'["Zebulon", "Zoe"]', MessageInsteadOfRecords),
        (b'{"error": "Zebulon"}', MessageInsteadOfRecords),
        (b'{"data": [{"name": "Zebulon"}], "next": 2}', NotTheExport),
        (b'[[{"name": "Zebulon"}]]', NotTheExport),
        (b"Fatal error: Zebulon in line 3", NotTheExport),
        (b"", NotTheExport),
        (b"   ", NotTheExport),
        (b'[{"name": "Zebulon"}', HalfExport),
        (b'[{"name": "Zebulon"},', HalfExport),
        (b'[{"name": "Zebu', HalfExport),
        (b'[{"name": "Zebulon"},]', NotTheExport),
        (b'[{"name": "Zebulon"} {"name": "Zoe"}]', NotTheExport),
        (b'[{"name": "Zebulon"}]]', NotTheExport),
        (b'[{"name": "Zebulon"}]{"error": 1}', NotTheExport),
        (b'[{"name": NaN, "of": "Zebulon"}]', HalfExport),
        (b'[{"name": "Zebulon\xff"}]', EncodingNotAsDeclared),
        (b'[{"name": "Zebulon", "name": "Zoe"}]', ColumnTwice),
        (b'[{"name": ' + b"[" * 100_000 + b"]" * 100_000 + b"}]", RecordNotPlain),
    ],
)
@pytest.mark.parametrize("size", [9, 1 << 20])
def test_what_is_no_list_of_records_is_refused_by_name(
    content: bytes, kind: type[ViaductError], size: int
) -> None:
    """Exit 22 with nothing that came in the words, nor a library's error behind them."""
    with pytest.raises(NotTheExport) as refused:
        read(content, size, Ceilings(longest_line_bytes=1 << 20))
    assert type(refused.value) is kind, str(refused.value)
    assert PLACE in str(refused.value)
    assert not any(word in str(refused.value) for word in ("Zeb", "Zoe"))
    assert refused.value.__context__ is None
    assert refused.value.__cause__ is None


def endless(first: bytes, again: bytes) -> Iterator[bytes]:
    """Yield a body without end, and say when more of it was asked for than anybody should."""
    yield first
    for _ in range(1000):
        yield again
    raise AssertionError("read on and on")


@pytest.mark.parametrize(
    ("first", "again"),
    [
        (b'[{"id": 1},', b" " * (1 << 16)),
        (b"[", b'{"id": 1},' * 5000),
        (b'[{"name": "', b"Z" * (1 << 16)),
        (b'[{"a": ', b"[" * 300),
    ],
    ids=["blanks", "records", "one value", "nesting"],
)
def test_a_body_without_end_has_an_end(first: bytes, again: bytes) -> None:
    """Whatever goes on and on, between records or within one, is refused at its ceiling."""
    with pytest.raises((TooLarge, RecordNotPlain)) as refused:
        for _ in Records(endless(first, again), PLACE, SMALL).batches():
            pass
    assert refused.value.exit_code == 22


def test_records_come_in_batches_of_bounded_size() -> None:
    """Ten thousand records are never a list of ten thousand."""
    content = json.dumps([{"id": number} for number in range(10_000)]).encode()
    pieces = (content[start : start + 4096] for start in range(0, len(content), 4096))
    records = Records(pieces, PLACE, SMALL)
    sizes = [len(batch) for batch in records.batches()]
    assert max(sizes) == BATCH
    assert sum(sizes) == records.count == 10_000
