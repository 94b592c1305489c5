"""Reading a JSON answer as records while it comes: never all of it in memory, never a guess of its shape.

Given is a list of objects, or one object that holds the records by id, as PHP writes a list with gaps.
Numbers stay the digits that came. What is something else is refused by what it is.
"""

import codecs
import json
import re
from collections.abc import Iterator
from typing import Any, NoReturn

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
from connectors.settings import Ceilings

Record = dict[str, Any]
BATCH = 4096
BLANK = re.compile(r"[ \t\r\n]*")
CLOSES = {"[": "]", "{": "}"}
ENDED = ""


class Twice(Exception):
    """Two values of one object have the same name."""


def _no_number(_: str) -> NoReturn:
    raise ValueError


def _each_once(pairs: list[tuple[str, Any]]) -> Record:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Twice
    return found


DECODER = json.JSONDecoder(
    parse_float=str, parse_int=str, parse_constant=_no_number, object_pairs_hook=_each_once
)


class Records:
    """The records of one answer, in batches.

    Errors: NotTheExport and its kinds, naming the place and never a byte of what came.
    """

    def __init__(self, pieces: Iterator[bytes], place: str, ceilings: Ceilings) -> None:
        self._pieces, self._place, self._ceilings = pieces, place, ceilings
        self._decode = codecs.getincrementaldecoder("utf-8-sig")().decode
        self._text, self._at, self._size, self._ended = "", 0, 0, False
        self.count = 0

    def batches(self) -> Iterator[list[Record]]:
        """Yield the records, so many at a time."""
        opening = self._opening()
        batch: list[Record] = []
        for record in self._records(opening):
            batch.append(record)
            if len(batch) == BATCH:
                yield batch
                batch = []
        self._refuse_more()
        if batch:
            yield batch

    def _records(self, opening: str) -> Iterator[Record]:
        """Yield each record up to the mark that closes the answer."""
        mark = self._mark()
        while mark != CLOSES[opening]:
            if opening == "{":
                self._name()
            record = self._value()
            if not isinstance(record, dict):
                self._refuse_what_is_no_record(record)
            self.count += 1
            yield record
            mark = self._mark()
            if mark == ",":
                self._at += 1
                mark = self._mark()
                if mark in {*CLOSES.values(), ENDED}:
                    self._refuse_broken()
            elif mark != CLOSES[opening]:
                self._refuse_broken()
        self._at += 1

    def _opening(self) -> str:
        """Return the mark that opens the answer. Errors: what it is, if it is no list of records."""
        mark = self._mark()
        if mark == "<":
            raise PageInsteadOfExport(f"{self._place}.")
        if mark == '"':
            raise MessageInsteadOfRecords(f"{self._place}: a bare string.")
        if mark not in CLOSES:
            raise NotTheExport(f"{self._place}: it is not JSON.")
        self._at += 1
        return mark

    def _mark(self) -> str:
        """Return the next mark that is no blank; nothing at the end of the answer."""
        while True:
            found = BLANK.match(self._text, self._at)
            self._at = found.end() if found else self._at
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ENDED

    def _name(self) -> None:
        """Pass over the id by which an object holds a record."""
        name = self._value()
        if not isinstance(name, str) or self._mark() != ":":
            self._refuse_broken()
        self._at += 1
        self._mark()

    def _value(self) -> Any:
        """Return the next value, reading on while it is not whole."""
        while True:
            value, end = self._decoded()
            if end is not None:
                self._at = end
                return value
            if len(self._text) - self._at > self._ceilings.longest_line_bytes:
                largest = self._ceilings.longest_line_bytes
                raise TooLarge(f"{self._place}: a record of more than {largest} bytes.")
            if not self._more():
                self._refuse_broken()

    def _decoded(self) -> tuple[Any, int | None]:
        """Return the value that begins here and where it ends; no end if it is not whole or not JSON."""
        fault: ViaductError | None = None
        try:
            return DECODER.raw_decode(self._text, self._at)
        except RecursionError:
            fault = RecordNotPlain(f"{self._place}: a value within values, without end.")
        except Twice:
            fault = ColumnTwice(f"{self._place}, record {self.count + 1}.")
        except ValueError:
            return None, None
        raise fault

    def _more(self) -> bool:
        """Take the next piece of the answer; return whether there was one."""
        piece = b"" if self._ended else next(self._pieces, b"")
        self._size += len(piece)
        if self._size > self._ceilings.largest_bytes:
            raise TooLarge(f"{self._place}: more than {self._ceilings.largest_bytes} bytes.")
        self._ended = not piece
        text: str | None = None
        try:
            text = self._decode(piece, self._ended)
        except UnicodeDecodeError:
            text = None
        if text is None:
            raise EncodingNotAsDeclared(f"{self._place}: bytes that are not utf-8 text.")
        self._text, self._at = self._text[self._at :] + text, 0
        return not self._ended or bool(text)

    def _refuse_more(self) -> None:
        if self._mark() != ENDED:
            raise NotTheExport(f"{self._place}: more follows after the last record.")

    def _refuse_what_is_no_record(self, value: object) -> NoReturn:
        if isinstance(value, str):
            raise MessageInsteadOfRecords(f"{self._place}: words in place of records.")
        raise NotTheExport(f"{self._place}: what is listed there are no records.")

    def _refuse_broken(self) -> NoReturn:
        """Refuse what stops, or is no JSON, in the middle."""
        kind: type[ViaductError] = HalfExport if self._ended else NotTheExport
        how = "the answer stops" if self._ended else "it is not JSON"
        raise kind(f"{self._place}, after record {self.count}: {how}.")
