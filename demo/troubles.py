"""Troubles that are played on the socket itself: answers that break off, drip, swell or never end.

Nothing here is larger than a piece: a gigabyte is sent as the same few kilobytes over and over.
"""

import os
import socket
import struct
import time
import zlib
from collections.abc import Callable, Iterator
from typing import Protocol

PIECE = 64 << 10
HUGE_BYTES = 1 << 30
BOMB_BYTES = 1 << 30
BLOCK = 1 << 20
SLOW_SECONDS, SLOW_PIECES = 0.2, 10
DRIP_SECONDS = 0.02


class Line(Protocol):
    """The connection to whoever asked, and what the answer would have been."""

    connection: socket.socket
    close_connection: bool

    def head(self, length: int | None, more: dict[str, str] | None = None, status: int | None = None) -> None:
        """Send the head of the answer; without a length the body ends with the connection."""

    def send(self, body: bytes) -> None:
        """Send bytes at once."""


def reset(line: Line, body: bytes) -> None:  # noqa: ARG001
    """Break the connection off before any answer, as a proxy that falls over does."""
    _break_off(line)


def reset_midway(line: Line, body: bytes) -> None:
    """Break the connection off in the middle of the body."""
    line.head(len(body))
    line.send(body[: len(body) // 2])
    _break_off(line)


def short_body(line: Line, body: bytes) -> None:
    """End the body before the length that was announced."""
    line.head(len(body))
    line.send(body[: len(body) // 2])
    line.close_connection = True


def slow(line: Line, body: bytes) -> None:
    """Send the body whole, in ten pieces with a wait before each."""
    line.head(len(body))
    size = len(body) // SLOW_PIECES + 1
    for start in range(0, len(body), size):
        time.sleep(SLOW_SECONDS)
        line.send(body[start : start + size])


def drip(line: Line, body: bytes) -> None:
    """Send the body byte by byte, again and again, never silent and never done."""
    line.head(None)
    for byte in _for_ever(body):
        time.sleep(DRIP_SECONDS)
        line.send(byte)


def drip_headers(line: Line, body: bytes) -> None:  # noqa: ARG001
    """Send a header byte by byte, never silent and never done."""
    line.send(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while True:
        time.sleep(DRIP_SECONDS)
        line.send(b"x")


def endless_continue(line: Line, body: bytes) -> None:  # noqa: ARG001
    """Say for ever that the request may go on."""
    while True:
        time.sleep(DRIP_SECONDS)
        line.send(b"HTTP/1.1 100 Continue\r\n\r\n")


def huge_headers(line: Line, body: bytes) -> None:
    """Send the answer under headers of a megabyte."""
    line.head(len(body), {f"X-More-{number}": "x" * 32_000 for number in range(32)})
    line.send(body)


def endless(line: Line, body: bytes) -> None:
    """Send the rows again and again."""
    line.head(None)
    _, end, rows = body.partition(b"\n")
    line.send(body)
    row = rows or body + end or b"\n"
    again = row * max(1, PIECE // len(row))
    while True:
        line.send(again)


def endless_redirect(line: Line, body: bytes) -> None:  # noqa: ARG001
    """Redirect to another page, with a body that never ends."""
    line.head(None, {"Location": "elsewhere"}, 303)
    while True:
        line.send(b"x" * PIECE)


def huge_line(line: Line, body: bytes) -> None:
    """Send the header of the export and then one line of a gigabyte."""
    header = body.partition(b"\n")[0] + b"\n"
    line.head(len(header) + HUGE_BYTES)
    line.send(header)
    for _ in range(HUGE_BYTES // PIECE):
        line.send(b"x" * PIECE)


def gzip_bomb(line: Line, body: bytes) -> None:
    """Send a megabyte, packed though nobody asked for that, which unpacks to a thousand times as much."""
    line.head(None, {"Content-Encoding": "gzip"})
    for piece in bomb(body):
        line.send(piece)


def bomb(body: bytes) -> Iterator[bytes]:
    """Yield the pieces of a gzip file that holds the body's first line and then a gigabyte of blanks."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    yield packer.compress(body.partition(b"\n")[0] + b"\n") + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(b" " * BLOCK) + packer.flush(zlib.Z_FULL_FLUSH)
    yield from (block for _ in range(BOMB_BYTES // BLOCK))


TROUBLES: dict[str, Callable[[Line, bytes], None]] = {
    trouble.__name__: trouble
    for trouble in (
        reset,
        reset_midway,
        short_body,
        slow,
        drip,
        drip_headers,
        endless_continue,
        huge_headers,
        endless,
        endless_redirect,
        huge_line,
        gzip_bomb,
    )
}


def _break_off(line: Line) -> None:
    line.connection.setsockopt(
        socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("hh" if os.name == "nt" else "ii", 1, 0)
    )
    line.close_connection = True
    line.connection.close()


def _for_ever(body: bytes) -> Iterator[bytes]:
    body = body or b"\n"
    while True:
        yield from (body[at : at + 1] for at in range(len(body)))
