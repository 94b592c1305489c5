"""Talking to one web address and no other: ceilings on all that is answered, faults in our own words."""

import ipaddress
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, TypeVar
from urllib.parse import urljoin, urlsplit

import requests
import urllib3

from common.errors import ViaductError
from connectors.errors import (
    AddressNotSafe,
    AuthorityUnreadable,
    CertificateNotTrusted,
    HalfExport,
    SourceBusy,
    SourceLeadsAway,
    SourceTooSlow,
    SourceUnavailable,
)
from connectors.patience import Later, Patience, asked_to_wait
from connectors.portal_pages import Form, Page, read_page
from connectors.settings import Limits
from connectors.wire import OneStep, Wire, as_it_is

T = TypeVar("T")
PIECE_BYTES = 1 << 20
BUSY = frozenset({429, 503})
TRANSIENT = frozenset({408, 500, 502, 504})
REDIRECTS = frozenset({301, 302, 303, 307, 308})


class ReplyLost(Later):
    """A request went out and no whole answer came back: it may or may not have been acted upon."""


class Web:
    """One session with one address. Requests raise Later where asking again may help."""

    def __init__(
        self, source: str, address: str, limits: Limits, patience: Patience, ca_file: Path | None = None
    ) -> None:
        self._source, self._limits, self._patience = source, limits, patience
        self.home = address if address.endswith("/") else f"{address}/"
        self._origin = _origin(self.home)
        if self._origin[0] != "https" and not is_loopback(self._origin[1]):
            raise AddressNotSafe(f"source {source}: no credential was sent.")
        if ca_file is not None and not _holds_certificates(ca_file):
            raise AuthorityUnreadable(f"source {source}: ca_file.")
        self._wire, self._session = Wire(), OneStep()
        self._session.auth = as_it_is
        self._session.trust_env = not is_loopback(self._origin[1])
        self._session.verify = str(ca_file) if ca_file is not None else True
        self._session.headers.update({"User-Agent": "Viaduct", "Accept-Encoding": "identity"})
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, self._wire)

    def always_send(self, headers: Mapping[str, str]) -> None:
        """Send these headers with every request; like all else, they go to the one address only."""
        self._session.headers.update(headers)

    def close(self) -> None:
        """Forget the session and its cookies."""
        self._session.close()

    def page(self, link: str, step: str) -> Page:
        """Return the page behind the link. Errors: Later, SourceUnavailable and its kinds."""
        with self._answer("GET", joined(self.home, link), None, step) as response:
            return self.read(response, step)

    def submit(self, page: Page, form: Form, values: Mapping[str, str], step: str) -> Page:
        """Return the page that answers a form. Errors: as `page`."""
        with self._answer("POST", joined(page.url, form.action), values, step) as response:
            return self.read(response, step)

    def download(self, link: str, step: str, take: Callable[["Download"], T]) -> T:
        """Return what `take` makes of the file behind the link. Errors: as `page`, and those of `take`."""
        with self._answer("GET", joined(self.home, link), None, step) as response:
            return take(Download(self, response, step))

    def pieces(
        self, response: requests.Response, step: str, fault: type[ViaductError] = SourceUnavailable
    ) -> Iterator[bytes]:
        """Yield the body as it came, unpacked by nobody, small pieces put together.

        Errors: ReplyLost when it is cut short; SourceTooSlow, SourceUnavailable when its time is up.
        """
        together = bytearray()
        while piece := self._piece(response, step, fault):
            self._patience.hold_to_deadline(self._place(step))
            together += piece
            if len(together) >= PIECE_BYTES:
                yield bytes(together)
                together.clear()
        yield bytes(together)

    def read(self, response: requests.Response, step: str) -> Page:
        """Return the answer as a page. Errors: as `page`."""
        if _is_packed(response):
            raise SourceUnavailable(
                f"{self._place(step)}: a page came packed, though we did not ask for that."
            )
        content, largest = b"", self._limits.largest_page_bytes
        for piece in self.pieces(response, step):
            content += piece
            if len(content) > largest:
                raise SourceUnavailable(f"{self._place(step)}: a page of more than {largest} bytes.")
        return read_page(response.url, response.status_code, content.decode("utf-8", "replace"))

    def _place(self, step: str) -> str:
        return f"source {self._source}, {step}"

    @contextmanager
    def _answer(
        self, method: Literal["GET", "POST"], url: str, values: Mapping[str, str] | None, step: str
    ) -> Iterator[requests.Response]:
        seconds = min(self._limits.answer_seconds, self._patience.left_seconds)
        with self._wire.at_most(seconds):
            for _ in range(self._limits.most_redirects + 1):
                self._hold_to_host(url, step)
                with self._send(method, url, values, step) as response:
                    if response.status_code not in REDIRECTS:
                        _judge(response)
                        yield response
                        return
                    url = joined(url, response.headers.get("Location", ""))
                    if response.status_code in {307, 308} and method == "POST":
                        continue
                    method, values = "GET", None
            raise SourceUnavailable(f"{self._place(step)}: it redirects without end.")

    def _send(self, method: str, url: str, values: Mapping[str, str] | None, step: str) -> requests.Response:
        times = (self._limits.connect_seconds, self._limits.read_seconds)
        fault: Exception
        try:
            response = self._session.request(
                method, url, data=values, timeout=times, stream=True, allow_redirects=False
            )
            return self._with_small_headers(response, step)
        except requests.exceptions.SSLError:
            fault = CertificateNotTrusted(f"source {self._source}: no credential was sent.")
        except requests.Timeout:
            fault = ReplyLost(SourceUnavailable, "no answer in time")
        except (requests.RequestException, OSError):
            fault = ReplyLost(SourceUnavailable, "no connection, or one that broke")
        raise self._late(step) if self._wire.too_slow else fault

    def _with_small_headers(self, response: requests.Response, step: str) -> requests.Response:
        size = sum(len(name) + len(value) for name, value in response.raw.headers.items())
        if size > self._limits.largest_headers_bytes:
            response.close()
            largest = self._limits.largest_headers_bytes
            raise SourceUnavailable(f"{self._place(step)}: headers of more than {largest} bytes.")
        return response

    def _piece(self, response: requests.Response, step: str, fault: type[ViaductError]) -> bytes:
        """Return the next piece; fewer bytes than announced, or a broken chunk, are a body cut short."""
        piece: bytes | None = None
        try:
            piece = response.raw.read1(PIECE_BYTES, decode_content=False)
        except (urllib3.exceptions.HTTPError, OSError):
            piece = None
        if self._wire.too_slow:
            raise self._late(step)
        if piece is None:
            raise ReplyLost(fault, "the answer was cut short")
        return piece

    def _late(self, step: str) -> ViaductError:
        """Return which time is up: that of the whole pull or that of one answer."""
        seconds = self._limits.answer_seconds
        if self._patience.left_seconds <= 0:
            return SourceUnavailable(self._patience.spent(self._place(step)))
        return SourceTooSlow(f"{self._place(step)}: more than {seconds:g} seconds.")

    def _hold_to_host(self, url: str, step: str) -> None:
        if _origin(url) != self._origin:
            raise SourceLeadsAway(f"{self._place(step)}: nothing was asked there.")


class Download:
    """One file being answered: look at what it is before taking it."""

    def __init__(self, web: Web, response: requests.Response, step: str) -> None:
        self._web, self._response, self._step = web, response, step
        self.status = response.status_code
        self.kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        self.is_packed = _is_packed(response)
        self.url = str(response.url)

    def header(self, name: str) -> str:
        """Return what a header says; nothing where there is none."""
        return str(self._response.headers.get(name, ""))

    def pieces(self) -> Iterator[bytes]:
        """Yield the body. Errors: as `Web.pieces`."""
        return self._web.pieces(self._response, self._step, HalfExport)

    def as_page(self) -> Page:
        """Return the answer as the page it turned out to be."""
        return self._web.read(self._response, self._step)


def _is_packed(response: requests.Response) -> bool:
    """Return whether the body came packed, unasked for: a small one may unpack to any size."""
    return response.headers.get("Content-Encoding", "identity").strip().lower() not in {"", "identity"}


def _holds_certificates(path: Path) -> bool:
    try:
        return bool(ssl.create_default_context(cafile=str(path)).get_ca_certs())
    except (OSError, ValueError):
        return False


def _judge(response: requests.Response) -> None:
    """Raise Later where the status says that asking again may help."""
    status = response.status_code
    if status in BUSY:
        wait = asked_to_wait(response.headers.get("Retry-After"), response.headers.get("Date"))
        raise Later(SourceBusy, f"HTTP status {status}", wait)
    if status in TRANSIENT:
        raise Later(SourceUnavailable, f"HTTP status {status}")


def joined(base: str, link: str) -> str:
    """Return where a link of a page leads; nowhere, which is no host of ours, if it is no link at all."""
    try:
        return urljoin(base, link)
    except ValueError:
        return ""


def _origin(url: str) -> tuple[str, str, int]:
    """Return scheme, host and port; nothing at all for what is no web address."""
    try:
        parts = urlsplit(url)
        port = parts.port or {"https": 443, "http": 80}.get(parts.scheme, 0)
    except ValueError:
        return "", "", 0
    return parts.scheme, (parts.hostname or "").lower(), port


def is_loopback(host: str) -> bool:
    """Return whether the host is this machine."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
