"""The sample API as a server on this machine: the same three systems as the portal, read by keys.

By hand: `python -m demo.api --port 8766`. It prints one line of JSON with its address when it answers, says
the keys it made, and stops when interrupted.
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
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

from demo import api_spoil
from demo.api_desk import Answer, ApiDesk
from demo.api_faults import ApiFault, Switchboard, read_fault
from demo.api_keys import ApiKeys, api_keys, as_environment, variables
from demo.control import LOOPBACK
from demo.control import Handler as ControlHandler
from demo.sample import generate
from demo.shelf import FolderShelf, SampleShelf, Shelf

DRIP_SECONDS, DRIPS = 0.05, 6
STALL_SECONDS = 1.5
ENDLESS = b" " * (1 << 16)


class Handler(BaseHTTPRequestHandler):
    """Reads a request, lets the desk answer, writes the answer with its troubles."""

    desk: ClassVar[ApiDesk]
    protocol_version = "HTTP/1.1"
    server_version = "SampleApi"
    timeout = 60
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Answer a request to read."""
        self._write(self.desk.answer(self.command, self.path, dict(self.headers)))

    def do_POST(self) -> None:
        """Refuse a request to write."""
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self._write(self.desk.answer(self.command, self.path, dict(self.headers)))

    do_PUT = do_POST  # noqa: N815 - the name that the server looks for

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing: addresses hold ids of people."""

    def _write(self, answer: Answer) -> None:
        if "reset" in answer.trouble:
            self._reset()
            return
        length = len(answer.body) * (2 if "short_body" in answer.trouble else 1)
        headers = {"Content-Type": answer.kind, "Content-Length": str(length), **answer.headers}
        headers.setdefault("Date", api_spoil.http_date(self.desk.as_at(answer.source)))
        if "gzip_bomb" in answer.trouble:
            headers["Content-Encoding"] = "gzip"
        if "endless_body" in answer.trouble:
            del headers["Content-Length"]
        self.send_response_only(answer.status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        with suppress(OSError, ValueError):
            self._write_body(answer)

    def _write_body(self, answer: Answer) -> None:
        if {"short_body", "endless_body"} & {*answer.trouble}:
            self.close_connection = True
        if "reset_midway" in answer.trouble:
            self.wfile.write(answer.body[: len(answer.body) // 2])
            self.wfile.flush()
            time.sleep(DRIP_SECONDS)
            self._reset()
            return
        if "endless_body" in answer.trouble:
            self._pour(answer.body)
        elif "drip" in answer.trouble:
            self._drip(answer.body)
        elif "stall" in answer.trouble:
            self.wfile.write(answer.body[: len(answer.body) // 2])
            self.wfile.flush()
            time.sleep(STALL_SECONDS)
            self.close_connection = True
        else:
            self.wfile.write(answer.body)

    def _pour(self, body: bytes) -> None:
        """Write what may be whole records, and then blanks for as long as somebody listens."""
        self.wfile.write(body[:-1] + b",")
        while True:
            self.wfile.write(ENDLESS)

    def _drip(self, body: bytes) -> None:
        size = len(body) // DRIPS + 1
        for start in range(0, len(body), size):
            time.sleep(DRIP_SECONDS)
            self.wfile.write(body[start : start + size])
            self.wfile.flush()

    def _reset(self) -> None:
        """Break the connection off, as a proxy that falls over does."""
        linger = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.close_connection = True
        self.connection.close()


class Control:
    """What may be done to the API while it runs, through the door that the portal has too."""

    def __init__(self, desk: ApiDesk, faults: Switchboard, keys: dict[str, ApiKeys]) -> None:
        self._desk, self._faults, self._keys = desk, faults, keys

    def obey(self, order: str, told: dict[str, Any]) -> dict[str, Any]:
        """Return what came of the order. Errors: ValueError and TypeError for one that we do not know."""
        if order == "fault":
            self._faults.switch_on(ApiFault(**told))
        elif order == "heal":
            self._faults.heal()
            api_spoil.forget_pages()
            for source, keys in self._keys.items():
                self._desk.give_back(source, keys)
        elif order == "asked":
            return {"asked": self._desk.asked}
        elif order == "forget":
            self._desk.asked.clear()
        else:
            raise ValueError(f"{order} is no order")
        return {}


def servers(
    desk: ApiDesk, faults: Switchboard, keys: dict[str, ApiKeys], port: int = 0
) -> tuple[ThreadingHTTPServer, ThreadingHTTPServer]:
    """Return the server and its second door, bound to loopback and not yet answering."""
    handler = type("ApiHandler", (Handler,), {"desk": desk})
    control = type("ApiControlHandler", (ControlHandler,), {"control": Control(desk, faults, keys)})
    both = ThreadingHTTPServer((LOOPBACK, port), handler), ThreadingHTTPServer((LOOPBACK, 0), control)
    for server in both:
        server.daemon_threads = True
    return both


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m demo.api", description="A sample CRM API; people invented."
    )
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument(
        "--data", type=Path, help="a folder as demo.sample.write_csvs makes it; else the seed's"
    )
    parser.add_argument("--seed", type=int, default=2022, help="the sample to make, without --data")
    parser.add_argument("--fault", action="append", default=[], help="NAME or NAME:LIST, on from the start")
    parser.add_argument(
        "--until-stdin-ends", action="store_true", help="stop when whoever started us is gone"
    )
    return parser.parse_args(arguments)


def _leave_when_stdin_ends() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the API until it is interrupted."""
    options = _options(arguments)
    shelf: Shelf = FolderShelf(options.data) if options.data else SampleShelf(generate(options.seed))
    keys, faults = api_keys(), Switchboard([read_fault(words) for words in options.fault])
    server, control = servers(ApiDesk(keys, shelf, faults), faults, keys, options.port)
    for each in (server, control):
        threading.Thread(target=each.serve_forever, daemon=True).start()
    if options.until_stdin_ends:
        threading.Thread(target=_leave_when_stdin_ends, daemon=True).start()
    else:
        _say_keys(keys)
    ready = {
        "address": f"http://{LOOPBACK}:{server.server_port}/v2/",
        "control": f"http://{LOOPBACK}:{control.server_port}",
    }
    print(json.dumps(ready), flush=True)
    with suppress(KeyboardInterrupt):
        threading.Event().wait()
    return 0


def _say_keys(keys: dict[str, ApiKeys]) -> None:
    """Tell a person at the terminal the keys; those given in the environment are not repeated."""
    told = as_environment(keys)
    for name in sorted({name for source in keys for name in variables(source)}):
        sys.stderr.write(f"{name}={'(as in the environment)' if os.environ.get(name) else told[name]}\n")


if __name__ == "__main__":
    sys.exit(main())
