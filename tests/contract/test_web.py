"""Whatever a web address answers, byte by byte, ends in an error of ours or in what it says; and in time."""

import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.errors import ViaductError
from connectors.errors import (
    CredentialsRefused,
    NotTheExport,
    SourceTooSlow,
    SourceUnavailable,
)
from connectors.patience import Patience, asked_to_wait
from connectors.settings import Limits
from connectors.web import Web
from tests.contract.conftest import QUICK

Answer = Callable[[bytes], str]
LIMITS = replace(QUICK, attempts=1, answer_seconds=5, read_seconds=5)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
ODD: dict[str, bytes] = {
    "nothing": b"",
    "no HTTP": b"220 mail.example.org ESMTP\r\n",
    "bytes of no kind": bytes(range(128, 256)) * 8,
    "a version of another kind": b"HTTP/9.9 200 OK\r\n\r\n",
    "a status that is no number": b"HTTP/1.1 abc OK\r\n\r\n",
    "a status below all": b"HTTP/1.1 -1 OK\r\n\r\n",
    "a status above all": b"HTTP/1.1 99999 OK\r\n\r\n",
    "a first line without end": b"HTTP/1.1 200 " + b"x" * 100_000,
    "a header without a name": HEAD + b": nothing\r\n\r\nbody",
    "a header without end": HEAD + b"X: " + b"x" * 100_000 + b"\r\n\r\n",
    "more headers than anybody needs": HEAD + b"X: y\r\n" * 1_000 + b"\r\n",
    "chunks of no size": HEAD + b"Transfer-Encoding: chunked\r\n\r\nZZ\r\nbody\r\n0\r\n\r\n",
    "chunks of a size below nothing": HEAD + b"Transfer-Encoding: chunked\r\n\r\n-5\r\nbody\r\n0\r\n\r\n",
    "chunks larger than the world": HEAD + b"Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFFF\r\nbody",
    "chunks that stop": HEAD + b"Transfer-Encoding: chunked\r\n\r\n4\r\nbo",
    "two lengths": HEAD + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nbody",
    "a length that is no number": HEAD + b"Content-Length: many\r\n\r\nbody",
    "a length below nothing": HEAD + b"Content-Length: -4\r\n\r\nbody",
    "a length and chunks": HEAD + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\nbody",
    "packed unasked": HEAD + b"Content-Encoding: br\r\n\r\nbody",
    "packed twice": HEAD + b"Content-Encoding: gzip, gzip\r\n\r\nbody",
    "a redirect to nowhere": b"HTTP/1.1 302 Found\r\nLocation: http://[::1\r\n\r\n",
    "a redirect to another scheme": b"HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\n\r\n",
    "a redirect to another port": b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n\r\n",
    "a redirect without an address": b"HTTP/1.1 302 Found\r\n\r\n",
    "a cookie of no kind": HEAD + b"Set-Cookie: ;;;=\x01;\xff\r\nContent-Length: 4\r\n\r\nbody",
    "part of something": b"HTTP/1.1 206 Partial Content\r\nContent-Length: 4\r\n\r\nbody",
    "not modified": b"HTTP/1.1 304 Not Modified\r\n\r\n",
    "another protocol": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
    "a name and a password asked for": b'HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm="x"\r\n\r\n',
}


@pytest.fixture
def answering() -> Iterator[Answer]:
    """Return a way to start a server that gives every request the same bytes; it answers its address."""
    listeners = []

    def serve(content: bytes) -> str:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)
        threading.Thread(target=_serve, args=(listener, content), daemon=True).start()
        return f"http://127.0.0.1:{listener.getsockname()[1]}/"

    yield serve
    for listener in listeners:
        listener.close()


def _serve(listener: socket.socket, content: bytes) -> None:
    while True:
        try:
            line, _ = listener.accept()
        except OSError:
            return
        with line:
            try:
                line.recv(65_536)
                line.sendall(content)
            except OSError:
                continue


def asked(address: str, limits: Limits = LIMITS) -> int:
    """Return the status of the page there, as a pull asks for one. Errors: those of a pull."""
    patience = Patience("hub", limits, sleep=_no_wait)
    web = Web("hub", address, limits, patience)
    try:
        return patience.repeat(lambda: web.page(address, "its page").status, "source hub")
    finally:
        web.close()


def _no_wait(seconds: float) -> None:
    """Wait for nothing."""


def given_up(address: str) -> ViaductError | None:
    """Return the error in which asking for a page ended, if it did."""
    try:
        asked(address)
    except (SourceUnavailable, NotTheExport, CredentialsRefused) as error:
        return error
    return None


@pytest.mark.parametrize("name", list(ODD))
def test_odd_bytes_end_in_an_error_of_ours(answering: Answer, name: str) -> None:
    """No library's error comes out, nothing that came is shown, and no odd answer is taken for a good one."""
    odd = given_up(answering(ODD[name]))
    assert (odd is None) == (name in TAKEN)
    if odd is None:
        return
    assert odd.__context__ is None
    assert odd.__cause__ is None
    assert len(str(odd).splitlines()) == 4
    assert not any(word in str(odd) for word in ("body", "xxxx", "ESMTP", "passwd", "Traceback"))


# Odd, but the page is whole: what the visit makes of its status and its words is decided there.
TAKEN = {
    "a header without a name",
    "a length that is no number",
    "a length below nothing",
    "a cookie of no kind",
    "part of something",
    "not modified",
    "another protocol",
    "a name and a password asked for",
}


@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=400))
def test_any_bytes_end_in_an_error_of_ours(content: bytes) -> None:
    """A server that answers nonsense is unavailable, whatever the nonsense."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_serve, args=(listener, content), daemon=True).start()
        odd = given_up(f"http://127.0.0.1:{listener.getsockname()[1]}/")
        assert odd is None or odd.__context__ is None


@pytest.mark.parametrize(("limit", "fits"), [(3, True), (2, False)])
def test_as_many_redirects_as_declared_are_followed(limit: int, fits: bool) -> None:
    """Three redirects are borne by a limit of three, and not by one of two."""
    steps = [b"HTTP/1.1 302 Found\r\nLocation: /next\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"] * 3
    steps.append(HEAD + b"Content-Length: 4\r\nConnection: close\r\n\r\nbody")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_step, args=(listener, steps), daemon=True).start()
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        limits = replace(LIMITS, most_redirects=limit)
        if fits:
            assert asked(address, limits) == 200
            return
        with pytest.raises(SourceUnavailable, match="E301"):
            asked(address, limits)


def _step(listener: socket.socket, steps: list[bytes]) -> None:
    for content in steps:
        try:
            line, _ = listener.accept()
        except OSError:
            return
        with line:
            line.recv(65_536)
            line.sendall(content)


@pytest.mark.parametrize(("size", "fits"), [(900, True), (1_100, False)])
def test_headers_have_a_ceiling(answering: Answer, size: int, fits: bool) -> None:
    """A kilobyte is declared: less is taken, more is not, however small the page is."""
    address = answering(HEAD + b"X: " + b"y" * size + b"\r\nContent-Length: 4\r\n\r\nbody")
    limits = replace(LIMITS, largest_headers_bytes=1_024)
    if fits:
        assert asked(address, limits) == 200
        return
    with pytest.raises(SourceUnavailable) as refused:
        asked(address, limits)
    assert "headers of more than 1024 bytes" in str(refused.value)


@pytest.mark.parametrize(("size", "fits"), [(1_000, True), (1_100, False)])
def test_pages_have_a_ceiling(answering: Answer, size: int, fits: bool) -> None:
    """A page of more than is declared is not read to its end."""
    address = answering(HEAD + f"Content-Length: {size}\r\n\r\n".encode() + b"x" * size)
    limits = replace(LIMITS, largest_page_bytes=1_024)
    if fits:
        assert asked(address, limits) == 200
        return
    with pytest.raises(SourceUnavailable) as refused:
        asked(address, limits)
    assert "a page of more than 1024 bytes" in str(refused.value)


def test_a_silent_server_ends_in_time_too(answering: Answer) -> None:
    """Bytes that promise more and then nothing: the answer's own time is up before the socket's is."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_hold, args=(listener,), daemon=True).start()
        limits = replace(LIMITS, answer_seconds=0.2, read_seconds=30)
        with pytest.raises(SourceTooSlow) as late:
            asked(f"http://127.0.0.1:{listener.getsockname()[1]}/", limits)
        assert late.value.__context__ is None


def _hold(listener: socket.socket) -> None:
    line, _ = listener.accept()
    with line:
        line.sendall(HEAD + b"Content-Length: 400\r\n\r\n")
        line.recv(65_536)
        line.recv(65_536)


@settings(deadline=None)
@given(st.text(max_size=40), st.text(max_size=40))
def test_whatever_retry_after_says_is_a_wait_or_nothing(said: str, date: str) -> None:
    """Never an error, never a wait below nothing."""
    wait = asked_to_wait(said, date)
    assert wait is None or wait >= 0


@pytest.mark.parametrize(
    ("said", "wait"),
    [
        ("0", 0.0),
        ("120", 120.0),
        ("-5", None),
        ("1.5", None),
        ("١٢", None),
        ("9" * 400, 999_999_999_999.0),
        ("Thu, 01 Dec 2022 06:00:30 GMT", 30.0),
        ("Thu, 01 Dec 2022 05:00:00 GMT", 0.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 251_732_426_399.0),
        ("Fri, 31 Dec 99999 23:59:59 GMT", None),
        ("Thu, 01 Dec 2022 06:00:30 +999999999", None),
        ("soon", None),
    ],
)
def test_retry_after_is_seconds_or_a_date_and_nothing_else(said: str, wait: float | None) -> None:
    """Absurd waits are waits, which a run does not wait; what is no wait leaves us to our own patience."""
    now = datetime(2022, 12, 1, 6, tzinfo=UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")
    assert asked_to_wait(said, now) == wait
