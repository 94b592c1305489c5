"""Which encoding an export's bytes are in: declared, or found out among those that are allowed.

A byte order mark is believed before anything else. Without one UTF-16 shows by its zero bytes, UTF-8 by being
well formed to the last byte; what is left is cp1252 if every byte of it is a letter there, and if it is not
plainly UTF-8 into which a few other bytes have come: read as cp1252 every name with an accent would be wrong.
"""

import codecs
import re

from connectors.errors import EncodingNotAsDeclared

MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
WIDE = ("utf-16-le", "utf-16-be")
NOT_IN_CP1252 = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
LETTER_MARK = "\ufeff"
BEYOND_ASCII = bytes(range(0x80, 0x100))
# What each byte is in UTF-8: ASCII, one that goes on with a letter, or the first of so many.
KINDS = b"a" * 0x80 + b"c" * 0x40 + b"x" * 2 + b"2" * 30 + b"3" * 16 + b"4" * 5 + b"x" * 11


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
        self._pending = b""
        self._letters = Letters()
        self.not_utf8: int | None = None
        self.not_cp1252: int | None = None

    def look(self, chunk: bytes, lines: int) -> None:
        """Look at the next bytes, which begin after so many lines."""
        if chunk.isascii() and not self._pending and not self._letters.open:
            return
        if self.not_utf8 is None:
            self._decode(chunk, lines, final=False)
        else:
            self._letters.count(chunk)
        if self.not_cp1252 is None and (found := NOT_IN_CP1252.search(chunk)):
            self.not_cp1252 = lines + chunk.count(b"\n", 0, found.start()) + 1

    def encoding(self, allowed: tuple[str, ...], lines: int, place: str) -> str:
        """Return the first allowed encoding that every byte fits. Errors: EncodingNotAsDeclared.

        Nearly every byte is a letter in cp1252; so where that is not declared alone it is believed only of
        text whose letters beyond ASCII are not for the most part spelt as UTF-8 spells them.
        """
        if self._pending and self.not_utf8 is None:
            self._decode(b"", lines, final=True)
        bad = {"utf-8": self.not_utf8, "cp1252": self.not_cp1252}
        tried = [name for name in allowed if name in bad]
        doubted = {"cp1252"} if len(tried) > 1 and self._letters.in_utf8 else set()
        for encoding in tried:
            if bad[encoding] is None and encoding not in doubted:
                return encoding
        line = next((bad[name] for name in tried if bad[name] is not None), 1)
        raise EncodingNotAsDeclared(f"{place}, line {line}: bytes that are not {' or '.join(allowed)} text.")

    def _decode(self, chunk: bytes, lines: int, *, final: bool) -> None:
        try:
            self._letters.well += len(self._pending) + len(chunk) - len(self._decoder.decode(chunk, final))
            self._pending = self._decoder.getstate()[0]
            self._letters.well -= len(self._pending)
        except UnicodeDecodeError as error:
            self.not_utf8 = lines + chunk.count(b"\n", 0, error.start) + 1
            self._letters.count(self._pending + chunk)
            self._pending = b""


class Letters:
    """How the letters beyond ASCII are spelt, in whole or in part: as UTF-8 spells them, or otherwise."""

    def __init__(self) -> None:
        self.well = self.odd = 0
        self.open = b""

    @property
    def in_utf8(self) -> bool:
        """Return whether half of them or more are spelt as UTF-8 spells them: that is never by chance."""
        if self.open:
            self.count(b"\n")
        return self.well > 0 and self.well >= self.odd

    def count(self, chunk: bytes) -> None:
        """Count the next bytes; letters at the very end wait for what follows."""
        joined = self.open + chunk
        whole = joined.rstrip(BEYOND_ASCII)
        self.open = joined[len(whole) :]
        kinds = whole.translate(KINDS)
        spelt = {size: kinds.count(b"%d" % size + b"c" * (size - 1)) for size in (2, 3, 4)}
        self.well += sum(spelt.values())
        letters = len(kinds) - kinds.count(b"a")
        self.odd += letters - sum(size * number for size, number in spelt.items())
