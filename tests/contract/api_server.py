"""A small API on loopback: it gives the rows of CSV exports as JSON records, or whatever it is told to."""

import csv
import io
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

from tests.contract.portal_server import PEOPLE, REFERRALS

API_KEYS = {"Source": "supplier-secret-word:1", "Org": "charity-secret-word,2", "User": "user-secret-word=3"}
COLUMNS = {
    "people": ("Org Person ID", "Forename"),
    "referrals": ("Diary Reference Number", "Org Person ID"),
}
AS_AT = "Thu, 01 Dec 2022 06:00:00 GMT"
Fault = Callable[["SmallApi", "Handler"], bool]


@dataclass
class SmallApi:
    """What the API holds, what it was asked, and how it is to fail."""

    lists: dict[str, tuple[int, bytes]] = field(
        default_factory=lambda: {"people": (2, PEOPLE), "referrals": (1, REFERRALS)}
    )
    asked: list[str] = field(default_factory=list)
    keys: list[dict[str, str]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    address: str = ""


class Handler(BaseHTTPRequestHandler):
    """One request to the API."""

    protocol_version = "HTTP/1.1"
    api: SmallApi

    def log_message(self, *said: object) -> None:
        """Stay quiet."""

    def do_GET(self) -> None:
        path = unquote(self.path).removeprefix("/v2/")
        self.api.asked.append(path)
        self.api.keys.append({name: self.headers.get(name, "") for name in API_KEYS})
        if any(fault(self.api, self) for fault in self.api.faults):
            return
        name, _, rest = path.partition("/")
        if path == "business/configuration":
            self.say({})
        elif name not in self.api.lists:
            self.say("Not found", 404)
        elif rest == "selectable_fields":
            self.say(COLUMNS[name])
        elif rest.startswith("dimension/"):
            self.say([{"count": self.api.lists[name][0]}])
        else:
            self.answer(200, as_json(self.api.lists[name][1]))

    def say(self, value: Any, status: int = 200) -> None:
        self.answer(status, json.dumps(value).encode())

    def answer(self, status: int, body: bytes, more: dict[str, str] | None = None) -> None:
        self.send_response_only(status)
        told = {"Content-Type": "application/json", "Content-Length": str(len(body)), "Date": AS_AT}
        for name, value in {**told, **(more or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def as_json(content: bytes) -> bytes:
    """Return the CSV's rows as records; what is no CSV as it is, what stops early cut short as JSON too."""
    if content.startswith(b"<"):
        return content
    csv.field_size_limit(1 << 24)
    rows = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    records = json.dumps(list(rows), ensure_ascii=False).encode()
    return records if content.endswith(b"\n") else records[:-4]


def start_api(api: SmallApi) -> ThreadingHTTPServer:
    """Serve the API on loopback; its address is then known."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"api": api}))
    server.daemon_threads = True
    api.address = f"http://127.0.0.1:{server.server_port}/v2/"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    return server
