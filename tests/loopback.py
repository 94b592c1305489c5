"""A line to a server on this machine that goes through the test, which may cut it."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Protocol


class Through(Protocol):
    """What a line is: where it leads, and what carries each way of one connection until that is over."""

    target: int

    def ways(self, near: socket.socket, far: socket.socket) -> tuple[Callable[[], None], Callable[[], None]]:
        """Return what carries from the near end to the far one, and what carries home."""
        ...


@contextmanager
def listening(line: Through) -> Iterator[int]:
    """Yield the port at which the line begins."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_serve, args=(server, line), daemon=True).start()
        yield server.getsockname()[1]
        with suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)


def read(end: socket.socket) -> bytes:
    """Return what has come; nothing once the line is over."""
    try:
        return end.recv(65_536)
    except OSError:
        return b""


def send(end: socket.socket, content: bytes) -> bool:
    """Send it on; return whether somebody took it."""
    try:
        end.sendall(content)
    except OSError:
        return False
    return True


def cut(*ends: socket.socket) -> None:
    """End the line, both ways."""
    for end in ends:
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()


def _serve(server: socket.socket, line: Through) -> None:
    while True:
        try:
            near, _ = server.accept()
        except ConnectionError:
            continue
        except OSError:
            return
        try:
            far = socket.create_connection(("127.0.0.1", line.target))
        except OSError:
            near.close()
            continue
        for way in line.ways(near, far):
            threading.Thread(target=way, daemon=True).start()
