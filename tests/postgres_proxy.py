"""A line to a server that can be cut: at any byte around the commit, or when so much has gone over it."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

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

    def serve(self, listening: socket.socket) -> None:
        """Carry each line that is opened, until the listening ends."""
        while True:
            try:
                near, _ = listening.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(("127.0.0.1", self.target))
            except OSError:
                near.close()
                continue
            state = _State()
            for work in (self._outward, self._homeward):
                threading.Thread(target=work, args=(near, far, state), daemon=True).start()

    def _outward(self, near: socket.socket, far: socket.socket, state: "_State") -> None:
        while chunk := _read(near):
            before, self.carried = self.carried, self.carried + len(chunk)
            commits = COMMIT in chunk
            if self._strikes(before, commits):
                if self.asked is not None:
                    _send(far, chunk[: self.asked])
                    break
                state.cut_at = self.answered
                _send(far, chunk)
                self.happens()
                self.over.set()
                if self.answered is None and self.happens is nothing:
                    break
            elif not _send(far, chunk):
                break
        _cut(near, far)

    def _homeward(self, near: socket.socket, far: socket.socket, state: "_State") -> None:
        while chunk := _read(far):
            if state.cut_at is not None:
                _send(near, chunk[: state.cut_at])
                break
            if not _send(near, chunk):
                break
        _cut(near, far)

    def _strikes(self, before: int, commits: bool) -> bool:
        with self._lock:
            due = commits if self.after is None else before <= self.after < self.carried
            first = due and not self.struck
            self.struck = self.struck or due
            return first


@dataclass
class _State:
    cut_at: int | None = None


@contextmanager
def listening(line: Line) -> Iterator[int]:
    """Yield the port at which the line begins."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=line.serve, args=(server,), daemon=True).start()
        yield server.getsockname()[1]
        with suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)


def _read(end: socket.socket) -> bytes:
    try:
        return end.recv(65_536)
    except OSError:
        return b""


def _send(end: socket.socket, content: bytes) -> bool:
    try:
        end.sendall(content)
    except OSError:
        return False
    return True


def _cut(*ends: socket.socket) -> None:
    for end in ends:
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()
