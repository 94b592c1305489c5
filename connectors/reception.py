"""Receiving one export: looked at byte by byte as it comes, before anything reads it as a table."""

import codecs
import hashlib
from dataclasses import replace
from types import TracebackType
from typing import Self

from connectors.encodings import TextWatch, Widened, marked_as, wide_encoding
from connectors.errors import EmptyExport, HalfExport, KindNotKnown, LineTooLong, TooLarge
from connectors.kinds import LOOKED_AT, OLD, OLD_LOOKED_AT, ZIP, old_workbook, refuse_markup_and_others
from connectors.quotes import QuoteWatch
from connectors.settings import Ceilings, Layout
from connectors.source import Export
from connectors.spool import Spool
from connectors.workbook import Workbook

CLOSING_BYTES = 64 << 10


class Reception:
    """One export on its way into the spool.

    Errors: NotTheExport and its kinds, naming source, export and at most a line; never a byte of what came.
    """

    def __init__(self, source: str, export: str, spool: Spool, layout: Layout, ceilings: Ceilings) -> None:
        self._source, self._export, self._layout, self._ceilings = source, export, layout, ceilings
        self._writer = spool.writer()
        self._digest = hashlib.sha256()
        self._text, self._quotes = TextWatch(), QuoteWatch(layout.delimiters, self._place)
        self._size = self._text_size = self._lines = self._line_bytes = 0
        self._head, self._closing = b"", b""
        self._begun, self._blank = False, True
        self._widened: Widened | None = None
        self._container: bytearray | None = None
        self._arrived: dict[str, str | int | bool] = {"kind": "csv"}

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

    @property
    def sha256(self) -> str:
        """Return the digest of the bytes that have come."""
        return self._digest.hexdigest()

    def take(self, chunk: bytes) -> None:
        """Receive the next bytes."""
        self._size += len(chunk)
        if self._size > self._ceilings.largest_bytes:
            raise TooLarge(f"{self._place}: more than {self._ceilings.largest_bytes} bytes.")
        self._digest.update(chunk)
        if not self._begun:
            self._head += chunk
            if len(self._head) < min(LOOKED_AT, self._ceilings.longest_line_bytes):
                return
            chunk = self._begin()
        self._hand_on(chunk)

    def close(self, expected_rows: int | None = None) -> Export:
        """Return the export received whole."""
        if not self._begun:
            self._hand_on(self._begin())
        if self._container is not None:
            self._unpack(bytes(self._container))
        if self._widened is not None:
            self._take_text(self._widened.take(b"", final=True))
        if self._blank:
            raise EmptyExport(f"{self._place}.")
        encoding = self._encoding()
        if self._closing[-1:] not in b"\r\n":
            raise HalfExport(f"{self._place}, line {self._lines + 1}: the last line has no end.")
        if self._quotes.open:
            raise HalfExport(f"{self._place}, line {self._lines}: a quotation mark never closes.")
        body = self._writer.close()
        return Export(
            source=self._source,
            name=self._export,
            expected_rows=expected_rows,
            size=self._size,
            sha256=self.sha256,
            body=body,
            encoding=encoding,
            layout=self._layout,
            broken_lines=self._quotes.broken_lines,
            quoted=self._quotes.seen,
            most_columns=self._ceilings.most_columns,
            body_size=body.size,
            closing=self._closing,
            arrived={"encoding": encoding, **self._arrived},
        )

    @property
    def _place(self) -> str:
        return f"source {self._source}, export {self._export}"

    def _begin(self) -> bytes:
        """Return the first bytes, once it is known what kind of file they begin and in which encoding."""
        head, self._head, self._begun = self._head, self._head[: len(OLD)], True
        if head.startswith((ZIP, OLD)) and self._layout.workbook is not None:
            self._container = bytearray()
            return head
        wide, marked = wide_encoding(head, self._layout.encodings, self._place), marked_as(head)
        if wide is not None:
            self._widened = Widened(wide, self._place)
            self._arrived["encoding"] = wide
        if marked is not None:
            self._arrived["marked"] = True
        return head

    def _hand_on(self, chunk: bytes) -> None:
        if self._container is not None:
            self._collect(chunk)
        elif self._widened is not None:
            self._take_text(self._widened.take(chunk))
        else:
            self._take_text(chunk)

    def _collect(self, chunk: bytes) -> None:
        """Keep the bytes of a workbook: it can be read only when it is whole. They never touch a disk."""
        assert self._container is not None and self._layout.workbook is not None  # noqa: S101, PT018
        self._container += chunk
        old = self._head.startswith(OLD)
        if old and len(self._container) >= OLD_LOOKED_AT:
            raise old_workbook(bytes(self._container))(f"{self._place}.")
        if len(self._container) > self._layout.workbook.largest_bytes:
            most = self._layout.workbook.largest_bytes
            raise TooLarge(f"{self._place}: a workbook of more than {most} bytes.")

    def _unpack(self, content: bytes) -> None:
        assert self._layout.workbook is not None  # noqa: S101
        if content.startswith(OLD):
            raise old_workbook(content)(f"{self._place}.")
        self._container = None
        workbook = Workbook(content, self._layout.workbook, self._ceilings, self._place)
        self._layout = replace(self._layout, delimiters=(",",))
        self._quotes = QuoteWatch(self._layout.delimiters, self._place)
        self._arrived |= workbook.write(self._layout.preamble_rows + 1, self._take_text)

    def _take_text(self, chunk: bytes) -> None:
        """Receive the next bytes of text."""
        if not chunk:
            return
        bare = chunk if self._text_size else chunk.removeprefix(codecs.BOM_UTF8)
        if self._blank:
            refuse_markup_and_others(bare, self._place, files=self._layout.workbook is not None)
            self._blank = not bare.strip()
        self._refuse_long_line(chunk)
        if b"\0" in chunk:
            raise KindNotKnown(f"{self._place_at(chunk, chunk.index(0))}: a zero byte, which no text holds.")
        self._text.look(chunk, self._lines)
        self._quotes.look(bare, self._lines)
        self._lines += chunk.count(b"\n")
        whole = len(chunk) >= CLOSING_BYTES
        self._closing = chunk[-CLOSING_BYTES:] if whole else (self._closing + chunk)[-CLOSING_BYTES:]
        self._text_size += self._writer.write(chunk)

    def _place_at(self, chunk: bytes, at: int) -> str:
        line = self._lines + chunk.count(b"\n", 0, at) + 1
        return f"{self._place}, line {line}"

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
        """Return what the body's bytes are: what was made from UTF-16 or a workbook is UTF-8."""
        made = self._widened is not None or self._arrived["kind"] == "workbook"
        allowed = ("utf-8",) if made else self._layout.encodings
        return self._text.encoding(allowed, self._lines, self._place)
