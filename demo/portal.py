"""The sample portal as a server on this machine: three systems in the style of Charitylog.

By hand: `python -m demo.portal --port 8765`, then look at the address in a browser. It prints one line of
JSON with its address when it answers, and stops when interrupted.
"""

import argparse
import json
import os
import socket
import struct
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar
from urllib.parse import parse_qsl, urlsplit

from demo import pages
from demo.accounts import Account, accounts, variables
from demo.control import control_server
from demo.faults import Fault, Switchboard, read_fault
from demo.portal_process import PortalProcess
from demo.sample import generate
from demo.sessions import Clock
from demo.shelf import FolderShelf, SampleShelf, Shelf
from demo.visits import HTML, Answer, Desk, Request, desks

__all__ = ["PortalProcess", "main"]

LOOPBACK = "127.0.0.1"
SAVED_AS = "Viaduct {export}"
SLOW_SECONDS, SLOW_PIECES = 0.2, 10
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

    def server(self, port: int = 0) -> ThreadingHTTPServer:
        """Return the server, bound to loopback and not yet answering."""
        handler = type("PortalHandler", (Handler,), {"portal": self})
        server = ThreadingHTTPServer((LOOPBACK, port), handler)
        server.daemon_threads = True
        return server


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
        if "reset" in answer.trouble:
            self._reset()
            return
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.kind)
        self.send_header("Content-Length", str(len(answer.body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header(
            "Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'"
        )
        if answer.cookie and source:
            cookie = f"sample_{source}={answer.cookie}; Path=/{source}/; HttpOnly; SameSite=Strict"
            self.send_header("Set-Cookie", cookie)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self._write_body(answer)

    def _write_body(self, answer: Answer) -> None:
        body = answer.body
        if "short_body" in answer.trouble:
            body = body[: len(body) // 2]
            self.close_connection = True
        if "slow" not in answer.trouble:
            self.wfile.write(body)
            return
        size = len(body) // SLOW_PIECES + 1
        for start in range(0, len(body), size):
            time.sleep(SLOW_SECONDS)
            self.wfile.write(body[start : start + size])
            self.wfile.flush()

    def _reset(self) -> None:
        """Break the connection off, as a proxy that falls over does."""
        self.connection.setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("hh" if os.name == "nt" else "ii", 1, 0)
        )
        self.close_connection = True
        self.connection.close()


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
        "--timeout-seconds", type=float, default=1200.0, help="inactivity that ends a session"
    )
    parser.add_argument(
        "--fault", action="append", default=[], help="NAME or NAME:EXPORT, switched on from the start"
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
    server, control = portal.server(options.port), control_server(portal.desks, portal.faults, portal.clock)
    for each in (server, control):
        threading.Thread(target=each.serve_forever, daemon=True).start()
    if options.until_stdin_ends:
        threading.Thread(target=_leave_when_stdin_ends, daemon=True).start()
    else:
        _say_accounts(known)
    ready = {
        "address": f"http://{LOOPBACK}:{server.server_port}",
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
