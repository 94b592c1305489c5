"""What vouches for a machine in Azure: a double of the platform's own token service, on loopback."""

import base64
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

TENANT = "11111111-2222-3333-4444-555555555555"
VERSION = "2019-08-01"


@dataclass
class Tokens:
    """Where tokens are given, to whom, and which were asked for."""

    address: str = ""
    header: str = field(default_factory=lambda: uuid4().hex, repr=False)
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    given: set[str] = field(default_factory=set)

    @property
    def resources(self) -> set[str]:
        """Return what the tokens were asked for."""
        return {resource for resource, _ in self.asked}


def token(resource: str) -> str:
    """Return a token for the resource, in the form of the real ones; nobody has signed it."""
    now = int(time.time())
    says = {
        "aud": resource, "iss": f"https://sts.windows.net/{TENANT}/", "iat": now - 60, "nbf": now - 60,
        "exp": now + 3600, "oid": str(uuid4()), "tid": TENANT, "ver": "1.0",
    }  # fmt: skip
    parts = ({"alg": "RS256", "typ": "JWT"}, says)
    whole = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts]
    return ".".join([*whole, "c2lnbmF0dXJl"])


class _Handler(BaseHTTPRequestHandler):
    tokens: Tokens

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def answer(self) -> None:
        said = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        resource = said.get("resource", "").removesuffix("/")
        allowed = (
            self.headers.get("X-IDENTITY-HEADER") == self.tokens.header and said.get("api-version") == VERSION
        )
        self.tokens.asked.append((resource, said.get("client_id")))
        ends = {"expires_on": str(int(time.time()) + 3600), "resource": resource, "token_type": "Bearer"}
        body = {"access_token": token(resource), **ends} if allowed else {"statusCode": 401, "message": "no"}
        self.tokens.given.add(str(body.get("access_token", "")))
        content = json.dumps(body).encode()
        self.send_response(200 if allowed else 401)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


setattr(_Handler, "do_GET", _Handler.answer)  # noqa: B010 - the name is the library's


@contextmanager
def token_server() -> Iterator[Tokens]:
    """Yield a token service at work."""
    tokens = Tokens()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"tokens": tokens}))
    server.daemon_threads = True
    tokens.address = f"http://127.0.0.1:{server.server_address[1]}/msi/token"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield tokens
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
