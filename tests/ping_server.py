"""A service that is pinged, on loopback, over real sockets; it answers as it is told to, or not at all."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SECRET_PATH = "/ping/5ecret-w0rd-of-the-address"


@dataclass
class PingServer:
    """What was asked of it (the path from the address on, and the body), and how it answers."""

    status: int = 200
    hangs: bool = False
    drips: bool = False
    asked: list[tuple[str, str]] = field(default_factory=list)
    address: str = ""
    over: threading.Event = field(default_factory=threading.Event)


@contextmanager
def ping_server(**how: int | bool) -> Iterator[PingServer]:
    """Yield a server that answers every ping so."""
    told = PingServer(**how)  # type: ignore[arg-type]

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            told.asked.append((self.path.removeprefix(SECRET_PATH), body.decode()))
            if told.hangs:
                told.over.wait(60)
                return
            if told.drips:
                self.wfile.write(b"HTTP/1.1 200 OK\r\n")
                while not told.over.wait(0.2):
                    self.wfile.write(b"X-More: more\r\n")
                return
            self.send_response(told.status)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """A client that went away is no news."""

    server = Server(("127.0.0.1", 0), Handler)
    told.address = f"http://127.0.0.1:{server.server_port}{SECRET_PATH}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield told
    finally:
        told.over.set()
        server.shutdown()
        server.server_close()


def within(seconds: float, so: object) -> bool:
    """Return whether it comes to be so within the time."""
    assert callable(so)
    until = time.monotonic() + seconds
    while not so() and time.monotonic() < until:
        time.sleep(0.01)
    return bool(so())
