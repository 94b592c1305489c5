"""A mail server under TLS and a webhook on this machine, real ones, that keep what they were sent."""

import json
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

PASSWORD = "mail-secret-word"


@dataclass
class MailBox:
    """What a mail server was handed; the code with which it refuses what it does not want."""

    mails: list[EmailMessage] = field(default_factory=list)
    refuse: set[str] = field(default_factory=set)
    port: int = 0

    async def handle_RCPT(  # noqa: N802 - the name and the arguments are aiosmtpd's
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Take the recipient, or not."""
        if address in self.refuse:
            return "550 nobody of that name, says a server that talks too much"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep the mail. It came under TLS and from somebody who signed in, or the test fails."""
        assert session.ssl is not None
        assert session.authenticated
        content = cast("bytes", envelope.content)
        self.mails.append(cast("EmailMessage", message_from_bytes(content, policy=default)))
        return "250 kept"


def _knows(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: LoginPassword) -> AuthResult:
    return AuthResult(success=(data.login, data.password) == (b"viaduct", PASSWORD.encode()))


class _Listening(Controller):
    """A mail server on a socket that listens already: nobody can take the port before it does."""

    def __init__(self, box: MailBox, listening: socket.socket, **more: Any) -> None:
        self._listening = listening
        super().__init__(box, *listening.getsockname(), **more)

    def _create_server(self) -> Any:
        return self.loop.create_server(self._factory_invoker, sock=self._listening)


@contextmanager
def mail_server(certificate: Path | None, port: int = 0) -> Iterator[MailBox]:
    """Yield a mailbox behind a real server; without a certificate it offers no STARTTLS."""
    listening = socket.create_server(("127.0.0.1", port))
    box = MailBox(port=listening.getsockname()[1])
    context = None
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
    controller = _Listening(
        box, listening, tls_context=context, require_starttls=context is not None,
        authenticator=_knows, auth_require_tls=context is not None, ready_timeout=60,
    )  # fmt: skip
    controller.start()
    try:
        yield box
    finally:
        controller.stop()


@dataclass
class Hook:
    """What a webhook was posted; with which status it answers."""

    cards: list[dict[str, Any]] = field(default_factory=list)
    status: int = 202
    address: str = ""


@contextmanager
def webhook() -> Iterator[Hook]:
    """Yield a webhook on a port of its own."""
    hook = Hook()

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            if hook.status // 100 == 2:
                hook.cards.append(json.loads(content))
            self.send_response(hook.status)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as listening:
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        hook.address = f"http://127.0.0.1:{listening.server_port}/hook-secret-word"
        yield hook
        listening.shutdown()


@contextmanager
def dripping(first: bytes, piece: bytes) -> Iterator[int]:
    """Yield the port of a server that answers with the first bytes, then a piece now and then, for ever."""
    over = threading.Event()

    def drip() -> None:
        with suppress(OSError), listening.accept()[0] as line:
            line.sendall(first)
            while not over.wait(0.1):
                line.sendall(piece)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=drip, daemon=True).start()
        try:
            yield int(listening.getsockname()[1])
        finally:
            over.set()
