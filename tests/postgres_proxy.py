"""A line to a server that can be cut: at any byte around the commit, or when so much has gone over it."""

import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from tests.loopback import cut, read, send

COMMIT = b"COMMIT\0"
Happens = Callable[[], None]


def nothing() -> None:
    """Let it go on."""


@dataclass
class Line:
    """What is to happen to the line, once; afterwards it carries everything.

    asked:     how many bytes of the commit's message reach the server before the line is cut; None: all.
    answered:  how many bytes of the answer to it reach the loader; None: all.
    after:     after how many bytes from the loader `happens` is called; None: when the commit is asked.
    """

    target: int
    asked: int | None = None
    answered: int | None = None
    after: int | None = None
    happens: Happens = nothing
    carried: int = 0
    struck: bool = False
    over: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def ways(self, near: socket.socket, far: socket.socket) -> tuple[Callable[[], None], Callable[[], None]]:
        """Return what carries one connection, each way."""
        state = _State()
        return partial(self._outward, near, far, state), partial(self._homeward, near, far, state)

    def _outward(self, near: socket.socket, far: socket.socket, state: "_State") -> None:
        while chunk := read(near):
            before, self.carried = self.carried, self.carried + len(chunk)
            commits = COMMIT in chunk
            if self._strikes(before, commits):
                if self.asked is not None:
                    send(far, chunk[: self.asked])
                    break
                state.cut_at = self.answered
                send(far, chunk)
                self.happens()
                self.over.set()
                if self.answered is None and self.happens is nothing:
                    break
            elif not send(far, chunk):
                break
        cut(near, far)

    def _homeward(self, near: socket.socket, far: socket.socket, state: "_State") -> None:
        while chunk := read(far):
            if state.cut_at is not None:
                send(near, chunk[: state.cut_at])
                break
            if not send(near, chunk):
                break
        cut(near, far)

    def _strikes(self, before: int, commits: bool) -> bool:
        with self._lock:
            due = commits if self.after is None else before <= self.after < self.carried
            first = due and not self.struck
            self.struck = self.struck or due
            return first


@dataclass
class _State:
    cut_at: int | None = None
