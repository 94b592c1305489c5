"""The sample portal as a server on this machine: three systems in the style of Charitylog.

By hand: `python -m demo.portal --port 8765`, then look at the address in a browser. It prints one line of
JSON with its address when it answers, and stops when interrupted.
"""

import argparse
import json
import os
import ssl
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlsplit

from demo import pages
from demo.accounts import Account, accounts, variables
from demo.control import control_server
from demo.faults import Fault, Switchboard, read_fault
from demo.portal_process import PortalProcess
from demo.sample import generate
from demo.sessions import Clock
from demo.shelf import FolderShelf, SampleShelf, Shelf
from demo.troubles import TROUBLES
from demo.visits import HTML, Answer, Desk, Request, desks

__all__ = ["PortalProcess", "main"]

LOOPBACK = "127.0.0.1"
SAVED_AS = "Viaduct {export}"
LARGEST_FORM = 64 * 1024


@dataclass
class Portal:
    """The portal: its desks, and what may be switched while it runs."""

    shelf: Shelf
    accounts: dict[str, Account]
    faults: Switchboard = field(default_factory=Switchboard)
    clock: Clock = field(default_factory=Clock)
    saved_as: str = SAVED_AS
    timeout_seconds: float = 1200.0

    def __post_init__(self) -> None:
        self.desks: dict[str, Desk] = desks(
            self.accounts, self.shelf, self.faults, self.clock, (self.saved_as, self.timeout_seconds)
        )

    def server(self, port: int = 0, certificate: Path | None = None) -> ThreadingHTTPServer:
        """Return the server, bound to loopback, not yet answering; with certificate and key over TLS."""
        handler = type("PortalHandler", (Handler,), {"portal": self})
        server = Server((LOOPBACK, port), handler)
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(
                server.socket, server_side=True, do_handshake_on_connect=False
            )
        return server


class Server(ThreadingHTTPServer):
    """A server to which a visitor who goes away is no news."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a connection that broke."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    """Reads a request, lets the system's desk answer, writes the answer with its troubles."""

    portal: ClassVar[Portal]
    protocol_version = "HTTP/1.1"
    server_version = "SamplePortal"
    timeout = 60
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Answer a page or a download."""
        self._answer({})

    def do_POST(self) -> None:
        """Answer a form."""
        length = int(self.headers.get("Content-Length") or 0)
        if length > LARGEST_FORM:
            self.close_connection = True
            self._write(Answer(b"", 413), "")
            return
        self._answer(
            dict(parse_qsl(self.rfile.read(length).decode("utf-8", "replace"), keep_blank_values=True))
        )

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing: a portal's log is its own business, and ours holds no paths."""

    def _answer(self, form: dict[str, str]) -> None:
        path = urlsplit(self.path).path.lstrip("/")
        source, slash, below = path.partition("/")
        desk = self.portal.desks.get(source)
        if not path:
            self._write(Answer(pages.front().encode()), "")
        elif desk is None:
            self._write(Answer(b"There is no such page.\n", 404, "text/plain"), "")
        elif not slash:
            self._write(Answer(b"", 303, HTML, {"Location": f"/{source}/"}), "")
        else:
            self._write(desk.answer(Request(self.command, below, self._cookie(source), form)), source)

    def _cookie(self, source: str) -> str:
        for pair in self.headers.get("Cookie", "").split(";"):
            name, _, value = pair.strip().partition("=")
            if name == f"sample_{source}":
                return value
        return ""

    def _write(self, answer: Answer, source: str) -> None:
        self._answer_now, self._source = answer, source
        trouble = next(iter(answer.trouble), "")
        if trouble:
            with suppress(OSError):
                TROUBLES[trouble](self, answer.body)
            self.close_connection = True
            return
        self.head(len(answer.body))
        self.send(answer.body)

    def head(self, length: int | None, more: dict[str, str] | None = None, status: int | None = None) -> None:
        """Send the head of the answer; without a length the body ends with the connection."""
        answer = self._answer_now
        self.send_response(status or answer.status)
        told = {
            "Content-Type": answer.kind,
            "Cache-Control": "no-store",
            "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
            "Connection": "close" if length is None else None,
            "Content-Length": None if length is None else str(length),
            "Set-Cookie": self._said_cookie(answer.cookie),
            **answer.headers,
            **(more or {}),
        }
        for name, value in told.items():
            if value is not None:
                self.send_header(name, value)
        self.end_headers()

    def send(self, body: bytes) -> None:
        """Send bytes at once."""
        self.wfile.write(body)
        self.wfile.flush()

    def _said_cookie(self, name: str) -> str | None:
        if not (name and self._source):
            return None
        return f"sample_{self._source}={name}; Path=/{self._source}/; HttpOnly; SameSite=Strict"


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m demo.portal", description="A sample CRM portal; people invented."
    )
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument(
        "--data", type=Path, help="a folder as demo.sample.write_csvs makes it; else the seed's sample"
    )
    parser.add_argument("--seed", type=int, default=2022, help="the sample to make, without --data")
    parser.add_argument("--saved-as", default=SAVED_AS, help="how extracts are named in the list")
    parser.add_argument(
        "--certificate", type=Path, help="a PEM file with certificate and key; answers over TLS"
    )
    parser.add_argument(
        "--timeout-seconds", type=float, default=1200.0, help="inactivity that ends a session"
    )
    parser.add_argument(
        "--fault", action="append", default=[], help="NAME, NAME:PLACE or NAME:PLACE:VALUE, on from the start"
    )
    parser.add_argument(
        "--until-stdin-ends", action="store_true", help="stop when whoever started us is gone"
    )
    return parser.parse_args(arguments)


def _leave_when_stdin_ends() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the portal until it is interrupted."""
    options = _options(arguments)
    shelf: Shelf = FolderShelf(options.data) if options.data else SampleShelf(generate(options.seed))
    known = accounts()
    faults: list[Fault] = [read_fault(words) for words in options.fault]
    portal = Portal(shelf, known, Switchboard(faults), Clock(), options.saved_as, options.timeout_seconds)
    server = portal.server(options.port, options.certificate)
    control = control_server(portal.desks, portal.faults, portal.clock)
    for each in (server, control):
        threading.Thread(target=each.serve_forever, daemon=True).start()
    if options.until_stdin_ends:
        threading.Thread(target=_leave_when_stdin_ends, daemon=True).start()
    else:
        _say_accounts(known)
    ready = {
        "address": f"{'https' if options.certificate else 'http'}://{LOOPBACK}:{server.server_port}",
        "control": f"http://{LOOPBACK}:{control.server_port}",
    }
    print(json.dumps(ready), flush=True)
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        return 0
    return 0


def _say_accounts(known: dict[str, Account]) -> None:
    """Tell a person at the terminal how to sign in; passwords given in the environment are not repeated."""
    for source, account in known.items():
        given = [name for name in variables(source) if os.environ.get(name)]
        first, second = (
            ("as in the environment",) * 2
            if given
            else (account.organisation_password, account.user_password)
        )
        sys.stderr.write(f"/{source}/  {account.organisation}: {first};  {account.user}: {second}\n")


if __name__ == "__main__":
    sys.exit(main())
