"""What a file of the machine knows of passwords goes to no address outside that we post to."""

import base64
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from connectors.alert_ways import post_card
from connectors.pings import Pings
from tests.reliability.certificates import Authority

HOST = "outside.example"
RUN = "20260302T023000Z-abcdef"
POST: dict[str, Callable[[str], None]] = {
    "ping": lambda address: Pings(address, RUN, 5.0).end(0, "records: 7"),
    "webhook": lambda address: post_card(address, {}, 5.0),
}


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[bytes]]:
    """Return the heads of requests that came to a host outside, by the proxy of the machine, under TLS."""
    authority = Authority(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority.certificate("outside", host=HOST))
    heads: list[bytes] = []

    def answer() -> None:
        with proxy.accept()[0] as line:
            _head(line)
            line.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
            with context.wrap_socket(line, server_side=True) as sealed:
                heads.append(_head(sealed))
                sealed.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as proxy:
        netrc = tmp_path / "netrc"
        netrc.write_text("default login somebody password of-the-machine\n", encoding="utf-8")
        netrc.chmod(0o600)
        monkeypatch.setenv("NETRC", str(netrc))
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.file))
        for name in ("https_proxy", "HTTPS_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.getsockname()[1]}")
        for name in ("no_proxy", "NO_PROXY"):
            monkeypatch.delenv(name, raising=False)
        threading.Thread(target=answer, daemon=True).start()
        yield heads


def _head(line: socket.socket) -> bytes:
    """Return the head, once what belongs to it was read too: a line closed on words unread is cut."""
    head, body = b"", b""
    while b"\r\n\r\n" not in head:
        head += line.recv(1 << 16)
    head, _, body = head.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length: (\d+)", head)
    while length is not None and len(body) < int(length[1]):
        body += line.recv(1 << 16)
    return head


@pytest.mark.parametrize("what", list(POST))
def test_a_password_of_the_machine_is_sent_to_no_ping_and_no_webhook(asked: list[bytes], what: str) -> None:
    """A `default` of ~/.netrc names one for any host; the machine's proxy and authorities are used."""
    POST[what](f"https://{HOST}/hook")
    (head,) = asked
    assert head.startswith(b"POST /hook")
    assert b"authorization" not in head.lower()


@pytest.mark.parametrize("what", list(POST))
def test_a_password_that_the_address_itself_holds_is_sent(asked: list[bytes], what: str) -> None:
    """Whoever put it there meant that host."""
    POST[what](f"https://us:ours@{HOST}/hook")
    (head,) = asked
    assert b"Authorization: Basic " + base64.b64encode(b"us:ours") in head
