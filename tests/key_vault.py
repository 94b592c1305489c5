"""A double of Azure Key Vault's REST API, on loopback under the vault's own name and certificate."""

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from urllib3.util import connection

from tests.reliability.certificates import Authority
from tests.token_server import TENANT, Tokens

HOST = "council-vault.vault.azure.net"
VERSIONS = {"2026-04-01", "2025-07-01", "7.6"}


@dataclass
class Vault:
    """What the vault holds, whom it lets in, and what it does wrong as a test switches it on.

    answers:  statuses that it gives, one request each, before it is itself again.
    resource: what a token must be for, as its challenge says.
    """

    tokens: Tokens
    secrets: dict[str, str] = field(default_factory=dict, repr=False)
    answers: list[int] = field(default_factory=list)
    resource: str = "https://vault.azure.net"
    seen: list[str] = field(default_factory=list)
    port: int = 0


class _Handler(BaseHTTPRequestHandler):
    vault: Vault
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def answer(self) -> None:
        vault, path = self.vault, urlsplit(self.path)
        kind, name = path.path.strip("/").split("/")[:2]
        token = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
        version = parse_qs(path.query).get("api-version", [""])[0]
        vault.seen.append(f"{self.command} {kind}/{name}" + (" with a token" if token else ""))
        if not token:
            return self._say(401, {})
        if vault.answers:
            return self._say(vault.answers.pop(0), {})
        if token not in vault.tokens.given or version not in VERSIONS or kind != "secrets":
            return self._say(403, {"error": {"code": "Forbidden"}})
        if name not in vault.secrets:
            return self._say(404, {"error": {"code": "SecretNotFound"}})
        found = {"value": vault.secrets[name], "id": f"https://{HOST}/secrets/{name}/0a1b2c"}
        return self._say(200, {**found, "attributes": {"enabled": True}})

    def _say(self, status: int, body: dict[str, Any]) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        if status == 401:
            known = f'authorization="https://login.windows.net/{TENANT}", resource="{self.vault.resource}"'
            self.send_header("WWW-Authenticate", f"Bearer {known}")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


setattr(_Handler, "do_GET", _Handler.answer)  # noqa: B010 - the name is the library's


@contextmanager
def key_vault(folder: Path, tokens: Tokens, monkeypatch: pytest.MonkeyPatch) -> Iterator[Vault]:
    """Yield a vault that answers under its own name, to whoever trusts the test's authority."""
    vault, authority = Vault(tokens), Authority(folder, "vaults")
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"vault": vault}))
    server.daemon_threads = True
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority.certificate("vault", host=HOST))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    vault.port = server.server_address[1]
    real = connection.create_connection

    def here(address: tuple[str, int], *more: Any, **options: Any) -> Any:
        known = ("127.0.0.1", vault.port) if address == (HOST, 443) else address
        return real(known, *more, **options)

    monkeypatch.setattr(connection, "create_connection", here)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.file))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield vault
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
