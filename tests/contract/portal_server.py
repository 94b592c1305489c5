"""A small portal on loopback, spoken to over real sockets, that can be told to fail in one way at a time."""

import secrets
import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote

AS_AT = "2022-12-01T06:00:00+00:00"
ORGANISATION = ("support-hub", "organisation-secret-word")
USER = ("viaduct", "user-secret-word")
BASIS = "Public task"
PEOPLE = "﻿Org Person ID,Forename\r\nHP000001,Zebulon\r\nHP000002,Zoë\r\n".encode()
REFERRALS = b"Diary Reference Number,Org Person ID\r\nHR000001,HP000001\r\n"
Fault = Callable[["Portal", "Handler"], bool]


@dataclass
class Portal:
    """What the portal holds, what it was asked, and how it is to fail."""

    extracts: dict[str, tuple[int, bytes]] = field(
        default_factory=lambda: {"Viaduct people": (2, PEOPLE), "Viaduct referrals": (1, REFERRALS)}
    )
    as_at: str = AS_AT
    asked: list[str] = field(default_factory=list)
    passwords: list[str] = field(default_factory=list)
    sessions: dict[str, set[str]] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=set)
    bases: list[str] = field(default_factory=list)
    failed_sign_ins: int = 0
    faults: list[Fault] = field(default_factory=list)
    address: str = ""

    def count(self, words: str) -> int:
        """Return how often a request that begins with the words came."""
        return sum(line.startswith(words) for line in self.asked)


class Handler(BaseHTTPRequestHandler):
    """One request to the portal."""

    protocol_version = "HTTP/1.1"
    portal: Portal

    def log_message(self, *said: object) -> None:
        """Stay quiet."""

    def do_GET(self) -> None:
        self.handle_request({})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        self.handle_request({name: words[0] for name, words in parse_qs(body).items()})

    def handle_request(self, sent: dict[str, str]) -> None:
        self.portal.asked.append(f"{self.command} {self.path}")
        if "password" in sent:
            self.portal.passwords.append(sent["password"])
        for fault in list(self.portal.faults):
            if fault(self.portal, self):
                return
        self.serve(sent)

    @property
    def session(self) -> set[str]:
        key = SimpleCookie(self.headers.get("Cookie", "")).get("session")
        return self.portal.sessions.get(key.value, set()) if key else set()

    def serve(self, sent: dict[str, str]) -> None:
        path = unquote(self.path)
        if self.command == "POST" and sent.get("csrf") not in self.portal.tokens:
            self.page("<p>The form has expired.</p>", status=403)
        elif self.command == "POST" and path.endswith("/sign-in"):
            self.sign_in(sent)
        elif "user" not in self.session:
            self.page(self.sign_in_form())
        elif path.endswith("/sign-out"):
            self.session.clear()
            self.page("<p>Goodbye</p>")
        elif path.endswith("/lawful-basis"):
            self.portal.bases.append(sent["lawful_basis"])
            self.session.add("basis")
            self.redirect("/hub/extracts/")
        elif path.startswith("/hub/extracts/") and path.endswith(".csv"):
            self.file(path.removeprefix("/hub/extracts/").removesuffix(".csv"))
        elif path == "/hub/extracts/":
            self.page(self.listing() if "basis" in self.session else self.basis_form())
        else:
            self.page(f'<a href="/hub/extracts/">Saved extracts</a>{self.sign_out_form()}')

    def sign_in(self, sent: dict[str, str]) -> None:
        level, (name, password) = ("user", USER) if "username" in sent else ("organisation", ORGANISATION)
        given = (sent.get("username") or sent.get("organisation"), sent.get("password"))
        if self.portal.failed_sign_ins >= 3:
            self.page("<p>This account is locked.</p>", status=403)
        elif given != (name, password):
            self.portal.failed_sign_ins += 1
            self.page(f"<p>Wrong</p>{self.sign_in_form()}")
        else:
            key = secrets.token_hex(8)
            self.portal.sessions[key] = {*self.session, level}
            self.redirect("/hub/", cookie=f"session={key}; HttpOnly; Path=/")

    def token(self) -> str:
        token = secrets.token_hex(8)
        self.portal.tokens.add(token)
        return f'<input type="hidden" name="csrf" value="{token}">'

    def sign_in_form(self) -> str:
        name = "username" if "organisation" in self.session else "organisation"
        fields = f'<input name="{name}"><input type="password" name="password">'
        return f'<form method="post" action="/hub/sign-in">{self.token()}{fields}<button>Go</button></form>'

    def sign_out_form(self) -> str:
        return f'<form method="post" action="/hub/sign-out">{self.token()}<button>Out</button></form>'

    def basis_form(self) -> str:
        options = f'<option value="">Choose</option><option value="pt">{BASIS}</option>'
        select = f'<select name="lawful_basis">{options}</select>'
        return f'<form method="post" action="/hub/lawful-basis">{self.token()}{select}</form>'

    def listing(self) -> str:
        rows = "".join(
            f'<tr data-extract="{name}" data-rows="{count}" data-as-at="{self.portal.as_at}"><td></td></tr>'
            for name, (count, _) in self.portal.extracts.items()
        )
        return f"<table>{rows}</table>{self.sign_out_form()}"

    def file(self, name: str) -> None:
        if name in self.portal.extracts and "basis" in self.session:
            self.answer(200, self.portal.extracts[name][1], "text/csv; charset=utf-8")
        else:
            self.page("<p>No such thing.</p>", status=404)

    def page(self, body: str, status: int = 200) -> None:
        html = f"<!DOCTYPE html><html><body>{body}</body></html>"
        self.answer(status, html.encode(), "text/html; charset=utf-8")

    def redirect(self, to: str, cookie: str = "") -> None:
        self.answer(303, b"", "text/html", {"Location": to, **({"Set-Cookie": cookie} if cookie else {})})

    def answer(self, status: int, body: bytes, kind: str, more: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **(more or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def reset(self) -> None:
        """Break the connection as a failing network does."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.wfile.flush()
        self.connection.close()


def until_hung_up(handler: BaseHTTPRequestHandler) -> None:
    """Say no more, until whoever asked has gone."""
    with suppress(OSError):
        handler.connection.recv(1)
    handler.close_connection = True


class Server(ThreadingHTTPServer):
    """The portal's server; connections we break on purpose are no news."""

    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Stay quiet about a connection that broke."""


def start(portal: Portal) -> Server:
    """Return a running server of the portal; its address is then known."""
    server = Server(("127.0.0.1", 0), type("Bound", (Handler,), {"portal": portal}))
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    portal.address = f"http://127.0.0.1:{server.server_address[1]}/hub/"
    return server


def times(count: int, where: str, fail: Callable[[Handler], None]) -> Fault:
    """Return a fault that strikes so many requests whose line holds the words."""
    left = [count]

    def fault(portal: Portal, handler: Handler) -> bool:
        if left[0] <= 0 or where not in unquote(f"{handler.command} {handler.path}"):
            return False
        left[0] -= 1
        fail(handler)
        return True

    return fault
