"""Which encoding an export's bytes are in: declared, or found out among those that are allowed.

A byte order mark is believed before anything else. Without one UTF-16 shows by its zero bytes, UTF-8 by being
well formed to the last byte; what is left is cp1252 if every byte of it is a letter there.
"""

import codecs
import re

from connectors.errors import EncodingNotAsDeclared

MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
WIDE = ("utf-16-le", "utf-16-be")
NOT_IN_CP1252 = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
LETTER_MARK = "\ufeff"


def marked_as(head: bytes) -> str | None:
    """Return the encoding that a byte order mark names."""
    return next((name for mark, name in MARKS.items() if head.startswith(mark)), None)


def wide_encoding(head: bytes, allowed: tuple[str, ...], place: str) -> str | None:
    """Return the UTF-16 that these first bytes are in, or None. Errors: EncodingNotAsDeclared."""
    marked = marked_as(head)
    if marked is not None and marked not in allowed:
        raise EncodingNotAsDeclared(
            f"{place}: marked as {marked}; the source's file allows {', '.join(allowed)}."
        )
    if marked is not None:
        return marked if marked in WIDE else None
    zeros = (head[1::2].count(0), head[0::2].count(0))
    most, least = max(zeros), min(zeros)
    shown = most * 4 > len(head) and least * 20 < most
    found = WIDE[zeros.index(most)] if shown else None
    return found if found in allowed else None


class Widened:
    """Text of two bytes a letter made into UTF-8, piece by piece."""

    def __init__(self, encoding: str, place: str) -> None:
        self._decoder = codecs.getincrementaldecoder(encoding)()
        self._place, self._encoding = place, encoding
        self._lines, self._begun = 0, False

    def take(self, chunk: bytes, *, final: bool = False) -> bytes:
        """Return what the next bytes say, in UTF-8. Errors: EncodingNotAsDeclared with its line."""
        text: str | None = None
        try:
            text = self._decoder.decode(chunk, final)
        except UnicodeDecodeError:
            text = None
        if text is None:
            raise EncodingNotAsDeclared(
                f"{self._place}, after line {self._lines}: bytes that are not {self._encoding} text."
            )
        self._lines += text.count("\n")
        if text and not self._begun:
            text, self._begun = text.removeprefix(LETTER_MARK), True
        return text.encode("utf-8")


class TextWatch:
    """The first line, if any, whose bytes are not text in each encoding of one byte or more a letter."""

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

    def encoding(self, allowed: tuple[str, ...], lines: int, place: str) -> str:
        """Return the first allowed encoding that every byte fits. Errors: EncodingNotAsDeclared."""
        if self._pending and self.not_utf8 is None:
            self._decode(b"", lines, final=True)
        bad = {"utf-8": self.not_utf8, "cp1252": self.not_cp1252}
        tried = [name for name in allowed if name in bad]
        for encoding in tried:
            if bad[encoding] is None:
                return encoding
        line = bad[tried[0]] if tried else 1
        raise EncodingNotAsDeclared(f"{place}, line {line}: bytes that are not {' or '.join(allowed)} text.")

    def _decode(self, chunk: bytes, lines: int, *, final: bool) -> None:
        try:
            self._decoder.decode(chunk, final)
            self._pending = bool(self._decoder.getstate()[0])
        except UnicodeDecodeError as error:
            self.not_utf8 = lines + chunk.count(b"\n", 0, error.start) + 1
            self._pending = False
