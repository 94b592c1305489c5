"""Before anything reads an export as a table, its bytes are looked at; what is no export is refused."""

import hashlib
from collections.abc import Callable

import pytest

from connectors.errors import (
    EmptyExport,
    EncodingNotAsDeclared,
    HalfExport,
    KindNotKnown,
    LineTooLong,
    NotTheExport,
    PageInsteadOfExport,
    TooLarge,
)
from connectors.reception import Reception
from connectors.settings import Ceilings, Layout
from connectors.source import Export
from connectors.spool import Spool

GOOD = "﻿Org Person ID,Forename\r\nHP000001,Zoë Canary\r\n".encode()


def test_a_good_export_is_kept_as_it_came(receive: Callable[..., Export]) -> None:
    """Size and digest are those of the bytes served, however they were cut on the way."""
    for piece in (1, 7, 1 << 20):
        export = receive(GOOD, piece=piece)
        assert export.open().read() == GOOD
        assert (export.size, export.sha256) == (len(GOOD), hashlib.sha256(GOOD).hexdigest())
        assert (export.encoding, export.broken_lines) == ("utf-8", False)
        assert "anary" not in repr(export)


REFUSED: list[tuple[str, bytes, type[NotTheExport]]] = [
    ("a web page", b"<!DOCTYPE html><html>Canary</html>\n", PageInsteadOfExport),
    ("a web page after a mark and blanks", b"\xef\xbb\xbf \r\n <html>Canary</html>\n", PageInsteadOfExport),
    ("a workbook", b"PK\x03\x04Canary\n", KindNotKnown),
    ("an old workbook", b"\xd0\xcf\x11\xe0Canary\n", KindNotKnown),
    ("a PDF", b"%PDF-1.7 Canary\n", KindNotKnown),
    ("JSON", b'{"error": "Canary"}\n', KindNotKnown),
    ("UTF-16", "a,b\r\nCanary,2\r\n".encode("utf-16"), EncodingNotAsDeclared),
    ("a zero byte", b"a,b\nCan\0ary,2\n", KindNotKnown),
    ("nothing", b"", EmptyExport),
    ("a byte order mark alone", b"\xef\xbb\xbf\r\n", EmptyExport),
    ("no end of the last line", b"a,b\n1,Canary", HalfExport),
    ("a quotation mark that never closes", b'a,b\n1,"Canary\n', HalfExport),
]


@pytest.mark.parametrize(
    ("content", "kind"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED]
)
@pytest.mark.parametrize("piece", [1, 1 << 20])
def test_what_is_no_export_is_refused_by_name(
    receive: Callable[..., Export], content: bytes, kind: type[NotTheExport], piece: int
) -> None:
    """Each refusal has its own class, exit 22, names source and export, and shows nothing that came."""
    with pytest.raises(NotTheExport) as refused:
        receive(content, piece=piece)
    assert type(refused.value) is kind
    assert refused.value.exit_code == 22
    assert "source hub, export people" in str(refused.value)
    assert "anary" not in str(refused.value)
    assert refused.value.__context__ is None


def test_windows_words_are_taken_when_they_are_not_utf8(receive: Callable[..., Export]) -> None:
    """A curly quote of cp1252 makes the whole export cp1252, and the export says so."""
    assert receive(b"a,b\n1,it\x92s\n").encoding == "cp1252"
    assert receive(b"a,b\n1,it\x92s\n", encoding="cp1252").encoding == "cp1252"


@pytest.mark.parametrize("piece", [1, 3, 1 << 20])
def test_one_byte_of_windows_does_not_make_utf8_windows(receive: Callable[..., Export], piece: int) -> None:
    """Read as cp1252 every other accent would be two wrong letters; the file is refused at that line."""
    whole = "a,b\n1,Zo\u00ebson\n2,O\u2019Brien\n"
    with pytest.raises(EncodingNotAsDeclared) as refused:
        receive(whole.encode() + b"3,Ren\xe9\n", piece=piece)
    assert "line 4" in str(refused.value)
    assert receive((whole + "3,Ren\u00e9\n").encode("cp1252"), piece=piece).encoding == "cp1252"
    assert receive((whole + "3,CAF\u00c9\u2019S\n").encode("cp1252"), piece=piece).encoding == "cp1252"
    assert receive(whole.encode() + b"3,Ren\xe9\n", encoding="cp1252", piece=piece).encoding == "cp1252"


@pytest.mark.parametrize("piece", [1, 3, 1 << 20])
@pytest.mark.parametrize(
    ("encoding", "content", "line"),
    [
        ("utf-8", b"a,b\n1,fine\n2,it\x92s\n", 3),
        ("cp1252", b"a,b\n1,\x81\n", 2),
        ("auto", b"a,b\n1,\x81\n", 2),
        ("utf-8", b"a,b\n1,\xc3", 2),
    ],
)
def test_bytes_of_another_encoding_are_refused_with_their_line(
    receive: Callable[..., Export], encoding: str, content: bytes, line: int, piece: int
) -> None:
    """The error names the line, never the byte or the words around it, and has no library error behind it."""
    with pytest.raises(EncodingNotAsDeclared) as refused:
        receive(content, encoding=encoding, piece=piece)
    assert f"line {line}" in str(refused.value)
    assert refused.value.__context__ is None


def test_an_export_larger_than_allowed_stops_at_the_limit(spool: Spool) -> None:
    """Receiving stops as soon as the limit is passed, not at the end."""
    reception = Reception("hub", "people", spool, Layout(), Ceilings(largest_bytes=10))
    reception.take(b"a,b\n1,2\n")
    with pytest.raises(TooLarge):
        reception.take(b"3,4\n")


@pytest.mark.parametrize("piece", [1, 3, 7, 64])
@pytest.mark.parametrize("line", [0, 1, 2])
def test_a_line_longer_than_allowed_stops_at_the_limit(spool: Spool, piece: int, line: int) -> None:
    """However it is cut on its way, a line of more than ten bytes is refused, one of ten is not."""
    for length in (10, 11):
        lines = [b"a,b", b"1,2", b"3,4"]
        lines[line] = lines[line].ljust(length, b"x")
        content = b"\n".join([*lines, b""])
        reception = Reception("hub", "people", spool, Layout(), Ceilings(longest_line_bytes=10))
        refused = None
        for start in range(0, len(content), piece):
            try:
                reception.take(content[start : start + piece])
            except LineTooLong as error:
                refused = error
                break
        assert (refused is not None) == (length == 11)


@pytest.mark.parametrize("piece", [1, 5, 1 << 20])
def test_a_line_break_inside_a_cell_is_noticed(receive: Callable[..., Export], piece: int) -> None:
    """Only an export whose cells hold line breaks is parsed the slower way."""
    assert receive(b'a,b\n1,"x\ny"\n2,"z"\n', piece=piece).broken_lines
    assert not receive(b'a,b\n1,"x, ""y"""\n2,"z"\n', piece=piece).broken_lines
