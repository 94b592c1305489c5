"""Azurite, Microsoft's emulator of Azure Blob, started by the tests, and a line to it that can fail."""

import http.client
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from azure.storage.blob import BlobServiceClient, generate_container_sas

from common.errors import ViaductError
from connectors.blob_settings import BlobSettings
from connectors.landing import MANIFEST_NAME
from connectors.landing_blob import LandingBlob
from tests.sftp_servers import quick

ACCOUNT = "devstoreaccount1"
# The emulator's own, the same on every machine, as its documentation prints it.
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
CREATES, READS_ANSWERS = "c", "rl"
READS_BATCHES, ANSWERS = "rld", "rlc"


def needed() -> list[str]:
    """Return how Azurite is started; skip where it is not installed, or fail in continuous integration."""
    node = shutil.which("node")
    program = Path(sys.prefix) / "azurite/node_modules/azurite/dist/src/blob/main.js"
    if node is not None and program.exists():
        return [node, str(program)]
    words = "Azurite was not tried: sh tools/azurite.sh .venv/azurite installs it."
    if os.environ.get("CI") == "true":
        pytest.fail(words)
    pytest.skip(words)


@contextmanager
def azurite(folder: Path, *more: str) -> Iterator[int]:
    """Yield the port on which Azurite answers; what it keeps, it keeps in memory."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    folder.mkdir(parents=True, exist_ok=True)
    said = ["--blobPort", str(port), "--inMemoryPersistence", "--skipApiVersionCheck", "--disableTelemetry"]
    with (folder / "azurite.log").open("wb") as log:
        process = subprocess.Popen([*needed(), *said, "--silent", *more], stdout=log, stderr=log, cwd=folder)
        try:
            until = time.monotonic() + 60
            while not _answers(port):
                assert process.poll() is None, (folder / "azurite.log").read_text(errors="replace")[-500:]
                assert time.monotonic() < until, "Azurite did not start"
                time.sleep(0.05)
            yield port
        finally:
            process.terminate()
            process.wait(10)


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


@dataclass
class BlobAccount:
    """Two new containers of Azurite, and the keys by which each side is let into them."""

    port: int
    batches: str = field(default_factory=lambda: f"b{uuid4().hex[:12]}")
    answers: str = field(default_factory=lambda: f"a{uuid4().hex[:12]}")

    def __post_init__(self) -> None:
        self.service = BlobServiceClient(
            self.address(), credential={"account_name": ACCOUNT, "account_key": KEY}
        )
        for name in (self.batches, self.answers):
            self.service.create_container(name)

    def address(self, port: int | None = None) -> str:
        """Return the account's address, on another port if it is reached through another."""
        return f"http://127.0.0.1:{port or self.port}/{ACCOUNT}"

    def sas(self, container: str, rights: str, hours: float = 1) -> str:
        """Return what lets somebody do these things in the container."""
        ends = datetime.now(UTC) + timedelta(hours=hours)
        return str(
            generate_container_sas(ACCOUNT, container, account_key=KEY, permission=rights, expiry=ends)
        )

    def settings(self, *, sync: bool, port: int | None = None, **more: Any) -> BlobSettings:
        """Return what a side's line is given: the sync side only adds batches and reads answers."""
        said: dict[str, Any] = {
            "name": "landing",
            "account": self.address(port),
            "batches": self.batches,
            "answers": self.answers,
            "batches_sas": self.sas(self.batches, CREATES if sync else READS_BATCHES),
            "answers_sas": self.sas(self.answers, READS_ANSWERS if sync else ANSWERS),
            "reads_batches": not sync,
            "limits": quick(),
        }
        return BlobSettings(**{**said, **more})

    def both_in_one(self, **more: Any) -> BlobSettings:
        """Return what a line is given that does both sides' work."""
        return self.settings(sync=False, batches_sas=self.sas(self.batches, "crld"), **more)

    def blobs(self, container: str) -> dict[str, bytes]:
        """Return everything that the container holds."""
        client = self.service.get_container_client(container)
        return {one.name: client.download_blob(one.name).readall() for one in client.list_blobs()}


OF_THE_LINE = {"transfer-encoding", "connection", "keep-alive", "content-length"}
Fault = Callable[["Passing"], "bytes | int | None"]


@dataclass
class Passing:
    """One request on its way: what a fault may look at, and what it may do to the line."""

    number: int
    method: str
    path: str
    query: str


@dataclass
class BadLine:
    """A line between us and Azurite, on a port of its own.

    fault: called with each request before it is passed on. It may answer by itself (a status, with
           `headers`, or bytes), cut the line (-1), wait, or return None: then the request is passed on.
    after: the same, once it was passed on and before its answer is given: the answer is lost.
    """

    port: int = 0
    fault: Fault | None = None
    after: Fault | None = None
    headers: dict[str, str] = field(default_factory=dict)
    seen: list[str] = field(default_factory=list)


class _Passer(BaseHTTPRequestHandler):
    """Passes every request on, but for what the line does to it."""

    protocol_version = "HTTP/1.1"
    line: BadLine
    to: int

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def pass_on(self) -> None:
        path, _, query = self.path.partition("?")
        self.line.seen.append(f"{self.command} {path.split('/', 2)[-1]}")
        one = Passing(len(self.line.seen), self.command, path, query)
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self._met(self.line.fault, one):
            return
        answer, body = self._asked(content)
        if self._met(self.line.after, one):
            return
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in OF_THE_LINE:
                self.send_header(name, value)
        length = answer.getheader("Content-Length") if self.command == "HEAD" else str(len(body))
        self.send_header("Content-Length", length or "0")
        self.end_headers()
        self.wfile.write(body)

    def _asked(self, content: bytes) -> tuple[http.client.HTTPResponse, bytes]:
        onward = http.client.HTTPConnection("127.0.0.1", self.to, timeout=20)
        try:
            onward.request(self.command, self.path, content, dict(self.headers.items()))
            answer = onward.getresponse()
            return answer, answer.read()
        finally:
            onward.close()

    def _met(self, fault: Fault | None, one: Passing) -> bool:
        """Return whether the line has answered by itself."""
        done = fault(one) if fault is not None else None
        if done is None:
            return False
        if isinstance(done, bytes):
            self.connection.sendall(done)
        if isinstance(done, bytes) or done < 0:
            self.close_connection = True
            with suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)
            return True
        self.send_response(done)
        for name, value in {"Content-Length": "0", **self.line.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        return True


for _method in ("GET", "PUT", "HEAD", "DELETE"):
    setattr(_Passer, f"do_{_method}", _Passer.pass_on)


@contextmanager
def bad_line(to: int) -> Iterator[BadLine]:
    """Yield a line to that port, which passes everything on until it is told not to."""
    line = BadLine()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Passer", (_Passer,), {"line": line, "to": to}))
    server.daemon_threads = True
    line.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield line
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


ONE = "early_help/00000001-20221201T060000Z-a1b2c3"
MANIFEST, SIGNATURE = b"manifest", b"signature"


@contextmanager
def landing_at(settings: BlobSettings) -> Iterator[LandingBlob]:
    """Yield the landing zone, and hang up."""
    with closing(LandingBlob(settings)) as landing:
        yield landing


def refused(settings: BlobSettings, files: dict[str, Path], fault: type[ViaductError]) -> ViaductError:
    """Return the error that a publication ends with."""
    with landing_at(settings) as landing, pytest.raises(fault) as met:
        landing.publish(ONE, files, MANIFEST, SIGNATURE)
    return met.value


def whole(files: dict[str, Path]) -> dict[str, bytes]:
    """Return what the container of batches holds once the batch is there."""
    bodies = {f"{ONE}/{name}": path.read_bytes() for name, path in files.items()}
    return {**bodies, f"{ONE}/manifest.json.sig": SIGNATURE, f"{ONE}/{MANIFEST_NAME}": MANIFEST}
