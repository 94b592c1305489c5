"""A wire tap between the program and the portal: what was served is counted from the bytes on the wire."""

import http.client
import io
import socket
import threading
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self
from urllib.parse import unquote, urlsplit

PIECE = 1 << 16


@dataclass
class Talk:
    """One connection: what went either way."""

    asked: bytearray = field(default_factory=bytearray)
    answered: bytearray = field(default_factory=bytearray)


class Tap:
    """A relay on loopback that keeps all that passes; a context manager."""

    def __init__(self, address: str) -> None:
        there = urlsplit(address)
        self._there = there.hostname or "", there.port or 80
        self._door = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._door.getsockname()[1]}"
        self.talks: list[Talk] = []

    def __enter__(self) -> Self:
        threading.Thread(target=self._welcome, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._door.close()

    def downloads(self) -> dict[str, list[bytes]]:
        """Return, by the extract's name, every whole body that was served with status 200, in order."""
        found: dict[str, list[bytes]] = {}
        for talk in list(self.talks):
            for path, body in _answers(talk):
                if path.endswith(".csv"):
                    found.setdefault(unquote(path.rpartition("/")[2]), []).append(body)
        return found

    def forget(self) -> None:
        """Begin anew."""
        self.talks = []

    def _welcome(self) -> None:
        while True:
            try:
                near, _ = self._door.accept()
            except OSError:
                return
            talk = Talk()
            self.talks.append(talk)
            threading.Thread(target=_relay, args=(near, self._there, talk), daemon=True).start()


def _relay(near: socket.socket, there: tuple[str, int], talk: Talk) -> None:
    """Pass on what either side says until both are gone."""
    with near, socket.create_connection(there) as far:
        asking = threading.Thread(target=_pass_on, args=(near, far, talk.asked))
        asking.start()
        _pass_on(far, near, talk.answered)
        asking.join()


def _pass_on(one: socket.socket, other: socket.socket, kept: bytearray) -> None:
    """Pass bytes on until one side is gone; a reset is passed on as an end."""
    try:
        while piece := one.recv(PIECE):
            kept += piece
            other.sendall(piece)
    except OSError:
        pass
    for each in (one, other):
        try:
            each.shutdown(socket.SHUT_RDWR)
        except OSError:
            continue


class _Wire(io.BytesIO):
    """Recorded bytes, as something that http.client can read one answer after the other from."""

    def makefile(self, *_: object) -> Self:
        """Return the stream itself: what one answer leaves belongs to the next."""
        return self

    def close(self) -> None:
        """Stay open: an answer that was read to its end would close it."""


def _answers(talk: Talk) -> list[tuple[str, bytes]]:
    """Return the path and body of each whole answer with status 200 on one connection."""
    wire = _Wire(bytes(talk.answered))
    found = []
    for line in bytes(talk.asked).split(b"\r\n"):
        if not line.endswith(b"HTTP/1.1"):
            continue
        answer = http.client.HTTPResponse(wire)  # type: ignore[arg-type]
        try:
            answer.begin()
            body = answer.read()
        except (http.client.HTTPException, OSError, ValueError):
            break
        if answer.status == 200:
            found.append((line.split()[1].decode(), body))
    return found
