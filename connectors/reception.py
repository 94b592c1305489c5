"""Receiving one export: looked at byte by byte as it comes, before anything reads it as a table."""

import codecs
import hashlib
import re
from types import TracebackType
from typing import Self

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
from connectors.settings import Ceilings, Layout
from connectors.source import Export
from connectors.spool import Spool

MARKUP = (b"<",)
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
OTHER_KINDS = (*WORKBOOKS, b"%PDF", b"\x1f\x8b", b"{", b"[", b"\xff\xfe", b"\xfe\xff")
LOOKED_AT = 512
NOT_IN_CP1252 = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")


def kind_by_first_bytes(first: bytes) -> type[NotTheExport] | None:
    """Return why these first bytes can not begin a CSV export, or None."""
    head = first.removeprefix(codecs.BOM_UTF8).lstrip()
    if head.startswith(MARKUP):
        return PageInsteadOfExport
    return KindNotKnown if head.startswith(OTHER_KINDS) else None


class Reception:
    """One export on its way into the spool.

    Errors: NotTheExport and its kinds, naming source, export and at most a line; never a byte of what came.
    """

    def __init__(self, source: str, export: str, spool: Spool, layout: Layout, ceilings: Ceilings) -> None:
        self._source, self._export, self._layout, self._ceilings = source, export, layout, ceilings
        self._writer = spool.writer()
        self._digest = hashlib.sha256()
        self._text, self._quotes = _TextWatch(), _QuoteWatch()
        self._size = self._lines = self._line_bytes = 0
        self._head = self._last = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self._writer.close().discard()

    @property
    def size(self) -> int:
        """Return how many bytes have come."""
        return self._size

    def take(self, chunk: bytes) -> None:
        """Receive the next bytes."""
        if not chunk:
            return
        if len(self._head) < LOOKED_AT:
            self._head += chunk[:LOOKED_AT]
            self._refuse_other_kinds()
        self._size += len(chunk)
        if self._size > self._ceilings.largest_bytes:
            raise TooLarge(f"{self._place}: more than {self._ceilings.largest_bytes} bytes.")
        self._refuse_long_line(chunk)
        if b"\0" in chunk:
            raise KindNotKnown(f"{self._place_at(chunk, chunk.index(0))}: a zero byte, which no text holds.")
        self._text.look(chunk, self._lines)
        self._lines += chunk.count(b"\n")
        self._quotes.look(chunk)
        self._last = chunk[-1:]
        self._digest.update(chunk)
        self._writer.write(chunk)

    def close(self, expected_rows: int | None = None) -> Export:
        """Return the export received whole."""
        if not self._head.removeprefix(codecs.BOM_UTF8).strip():
            raise EmptyExport(f"{self._place}.")
        encoding = self._encoding()
        if self._last not in b"\r\n":
            raise HalfExport(f"{self._place}, line {self._lines + 1}: the last line has no end.")
        if self._quotes.open:
            raise HalfExport(f"{self._place}, line {self._lines}: a quotation mark never closes.")
        body = self._writer.close()
        return Export(
            source=self._source,
            name=self._export,
            expected_rows=expected_rows,
            size=self._size,
            sha256=self._digest.hexdigest(),
            body=body,
            encoding=encoding,
            delimiter=self._layout.delimiter,
            broken_lines=self._quotes.broken_lines,
            most_columns=self._ceilings.most_columns,
        )

    @property
    def _place(self) -> str:
        return f"source {self._source}, export {self._export}"

    def _place_at(self, chunk: bytes, at: int) -> str:
        line = self._lines + chunk.count(b"\n", 0, at) + 1
        return f"{self._place}, line {line}"

    def _refuse_other_kinds(self) -> None:
        kind = kind_by_first_bytes(self._head)
        if kind is not None:
            raise kind(f"{self._place}, line 1: its first bytes are not those of a CSV file.")

    def _refuse_long_line(self, chunk: bytes) -> None:
        """Errors: LineTooLong as soon as a line is, long before it has come to its end."""
        longest, first, last = self._ceilings.longest_line_bytes, chunk.find(b"\n"), chunk.rfind(b"\n")
        began, self._line_bytes = self._line_bytes, len(chunk) - 1 - last
        if first < 0:
            self._line_bytes += began
        within = max(map(len, chunk.split(b"\n")[1:-1]), default=0) if last - first > longest else 0
        if max(began + first, within, self._line_bytes) > longest:
            place = self._place_at(chunk, 0) if first < 0 else f"{self._place}, from line {self._lines + 1}"
            raise LineTooLong(f"{place}: a line of more than {longest} bytes.")

    def _encoding(self) -> str:
        self._text.finish(self._lines)
        declared = self._layout.encoding
        bad = {"utf-8": self._text.not_utf8, "cp1252": self._text.not_cp1252}
        for encoding in ("utf-8", "cp1252") if declared == "auto" else (declared,):
            if bad[encoding] is None:
                return encoding
        line = bad["utf-8" if declared == "auto" else declared]
        raise EncodingNotAsDeclared(f"{self._place}, line {line}: bytes that are not {declared} text.")


class _QuoteWatch:
    """Whether a quotation mark is open, and whether a line has ever ended while one was."""

    def __init__(self) -> None:
        self.open = self.broken_lines = False

    def look(self, chunk: bytes) -> None:
        """Look at the next bytes."""
        if self.broken_lines:
            self.open ^= bool(chunk.count(b'"') % 2)
            return
        pieces = chunk.split(b'"')
        within = b"".join(pieces[0 if self.open else 1 :: 2])
        self.broken_lines = b"\n" in within or b"\r" in within
        self.open ^= len(pieces) % 2 == 0


class _TextWatch:
    """The first line, if any, whose bytes are not text in each encoding we know."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._pending = False
        self.not_utf8: int | None = None
        self.not_cp1252: int | None = None

    def look(self, chunk: bytes, lines: int) -> None:
        """Look at the next bytes, which begin after so many lines."""
        if chunk.isascii() and not self._pending:
            return
        if self.not_utf8 is None:
            self._decode(chunk, lines, final=False)
        if self.not_cp1252 is None and (found := NOT_IN_CP1252.search(chunk)):
            self.not_cp1252 = lines + chunk.count(b"\n", 0, found.start()) + 1

    def finish(self, lines: int) -> None:
        """Look whether the last character is whole."""
        if self._pending and self.not_utf8 is None:
            self._decode(b"", lines, final=True)

    def _decode(self, chunk: bytes, lines: int, *, final: bool) -> None:
        try:
            self._decoder.decode(chunk, final)
            self._pending = bool(self._decoder.getstate()[0])
        except UnicodeDecodeError as error:
            self.not_utf8 = lines + chunk.count(b"\n", 0, error.start) + 1
            self._pending = False
