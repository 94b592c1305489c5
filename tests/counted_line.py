"""A line that counts what it carries each way, TLS as it comes, and is cut at one byte of it, once."""

import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from tests.loopback import cut, read, send

Way = Literal["out", "home"]
ENCRYPTED, HEADER, SSL_REQUEST = 0x17, 5, 8
COMMIT_RECORD = HEADER + 12 + 17
"""Bytes of TLS 1.3 that ask for a commit: 12 of the question, one for its kind and 16 of their mark."""
ANSWER_RECORD = HEADER + 18 + 17
"""Bytes that answer it: that it is done, and that the server is ready."""


def cut_it() -> None:
    """Stand for the cut itself, where nothing else is to happen to the other end."""


@dataclass
class CountedLine:
    """What is to happen, once; afterwards the line carries everything.

    way, after:  the line is cut when so many bytes have gone that way, over all its connections.
    commit:      the line is cut within this commit, the first being 1: so many bytes of its record
                 (way `out`) or of the answer to it (way `home`) still arrive.
    happens:     what happens instead of the cut, before the bytes go on.
    """

    target: int
    way: Way = "out"
    after: int | None = None
    commit: int = 0
    happens: Callable[[], None] = cut_it
    carried: dict[Way, int] = field(default_factory=lambda: {"out": 0, "home": 0})
    commits: int = 0
    struck: bool = False
    over: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def ways(self, near: socket.socket, far: socket.socket) -> tuple[Callable[[], None], Callable[[], None]]:
        """Return what carries one connection, each way."""
        one = _Connection(self, near, far)
        return one.outward, one.homeward

    def left_before_it(self, way: Way, size: int) -> int | None:
        """Count bytes that are on their way; return how many of them go on before it happens, None: all."""
        with self._lock:
            before, self.carried[way] = self.carried[way], self.carried[way] + size
            due = way == self.way and not self.commit and self.after is not None and not self.struck
            if not due or self.carried[way] <= (self.after or 0):
                return None
            self.struck = True
            return max(0, (self.after or 0) - before)

    def commits_now(self) -> bool:
        """Count a commit; return whether it is the one."""
        with self._lock:
            self.commits += 1
            due = self.commits == self.commit and not self.struck
            self.struck = self.struck or due
            return due


@dataclass
class _Connection:
    line: CountedLine
    near: socket.socket
    far: socket.socket
    answer: int | None = None
    waiting: bytes = b""
    greeted: bool = False

    def outward(self) -> None:
        while chunk := read(self.near):
            for record in self._records(chunk):
                if not self._sent_out(record):
                    return cut(self.near, self.far)
        return cut(self.near, self.far)

    def homeward(self) -> None:
        while chunk := read(self.far):
            if self.answer is not None:
                send(self.near, chunk[: self.answer])
                self.answer = max(0, self.answer - len(chunk))
                if not self.answer:
                    return cut(self.near, self.far)
            elif not self._carried("home", self.near, chunk):
                return cut(self.near, self.far)
        return cut(self.near, self.far)

    def _sent_out(self, record: bytes) -> bool:
        asks = self.greeted and record[0] == ENCRYPTED and len(record) == COMMIT_RECORD
        if not (asks and self.line.commits_now()):
            return self._carried("out", self.far, record)
        if self.line.happens is not cut_it:
            self.line.happens()
            self.line.over.set()
            return send(self.far, record)
        if self.line.way == "home":
            self.answer = self.line.after
            return send(self.far, record)
        send(self.far, record[: self.line.after])
        return False

    def _carried(self, way: Way, to: socket.socket, chunk: bytes) -> bool:
        left = self.line.left_before_it(way, len(chunk))
        if left is None:
            return send(to, chunk)
        if self.line.happens is cut_it:
            send(to, chunk[:left])
            return False
        self.line.happens()
        self.line.over.set()
        return send(to, chunk)

    def _records(self, chunk: bytes) -> Iterator[bytes]:
        """Yield what came, record by record, once the client has asked for TLS."""
        self.waiting += chunk
        while len(self.waiting) >= (size := self._size_of_the_next()):
            record, self.waiting = self.waiting[:size], self.waiting[size:]
            yield record
            self.greeted = True

    def _size_of_the_next(self) -> int:
        if not self.greeted:
            return SSL_REQUEST
        return HEADER + int.from_bytes(self.waiting[3:HEADER]) if len(self.waiting) >= HEADER else HEADER
