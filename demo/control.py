"""A second door on loopback, through which tests switch faults, clock and locks of a running portal."""

import json
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

from demo.faults import Fault, Switchboard
from demo.sessions import Clock
from demo.visits import Desk

LOOPBACK = "127.0.0.1"


class Control:
    """What may be done to a portal while it runs."""

    def __init__(self, desks: Mapping[str, Desk], faults: Switchboard, clock: Clock) -> None:
        self._desks, self._faults, self._clock = desks, faults, clock

    def obey(self, order: str, told: dict[str, Any]) -> dict[str, Any]:
        """Return what came of the order. Errors: ValueError and TypeError for one that we do not know."""
        if order == "fault":
            self._faults.switch_on(Fault(**told))
        elif order == "heal":
            self._faults.heal()
        elif order == "advance":
            self._clock.pushed += float(told["seconds"])
        elif order == "unlock":
            for desk in self._desks.values():
                desk.system.unlock()
        elif order == "audit":
            return {
                source: [vars(line) for line in desk.system.audit] for source, desk in self._desks.items()
            }
        else:
            raise ValueError(f"{order} is no order")
        return {}


class Handler(BaseHTTPRequestHandler):
    """Reads an order as JSON and answers with JSON."""

    control: ClassVar[Control]
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        """Obey one order."""
        told = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
        try:
            status, said = 200, self.control.obey(self.path.strip("/"), told)
        except (ValueError, TypeError) as error:
            status, said = 400, {"error": str(error)}
        body = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


def control_server(desks: Mapping[str, Desk], faults: Switchboard, clock: Clock) -> ThreadingHTTPServer:
    """Return the server of the door, bound to a free port of loopback and not yet answering."""
    handler = type("ControlHandler", (Handler,), {"control": Control(desks, faults, clock)})
    server = ThreadingHTTPServer((LOOPBACK, 0), handler)
    server.daemon_threads = True
    return server
