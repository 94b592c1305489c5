"""Talking to one web address and no other: time-outs, redirects held to the host, faults in our own words."""

import ipaddress
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Literal, TypeVar
from urllib.parse import urljoin, urlsplit

import requests

from common.errors import ViaductError
from connectors.errors import (
    AddressNotSafe,
    HalfExport,
    SourceBusy,
    SourceLeadsAway,
    SourceUnavailable,
)
from connectors.patience import Later, Patience, asked_to_wait
from connectors.portal_pages import Form, Page, read_page
from connectors.settings import Limits

T = TypeVar("T")
PIECE_BYTES = 1 << 20
LARGEST_PAGE = 4 << 20
MOST_REDIRECTS = 5
BUSY = frozenset({429, 503})
TRANSIENT = frozenset({408, 500, 502, 504})
REDIRECTS = frozenset({301, 302, 303, 307, 308})


class ReplyLost(Later):
    """A request went out and no whole answer came back: it may or may not have been acted upon."""


class Web:
    """One session with one address. Requests raise Later where asking again may help."""

    def __init__(self, source: str, address: str, limits: Limits, patience: Patience) -> None:
        self._source, self._limits, self._patience = source, limits, patience
        self.home = address if address.endswith("/") else f"{address}/"
        self._origin = _origin(self.home)
        if self._origin[0] != "https" and not _is_loopback(self._origin[1]):
            raise AddressNotSafe(f"source {source}: no credential was sent.")
        self._session = requests.Session()
        self._session.auth = _as_it_is
        self._session.trust_env = not _is_loopback(self._origin[1])
        self._session.headers.update({"User-Agent": "Viaduct", "Accept-Encoding": "identity"})

    def close(self) -> None:
        """Forget the session and its cookies."""
        self._session.close()

    def page(self, link: str, step: str) -> Page:
        """Return the page behind the link. Errors: Later, SourceUnavailable, SourceLeadsAway."""
        with self._answer("GET", urljoin(self.home, link), None, step) as response:
            return self.read(response, step)

    def submit(self, page: Page, form: Form, values: Mapping[str, str], step: str) -> Page:
        """Return the page that answers a form. Errors: as `page`."""
        with self._answer("POST", urljoin(page.url, form.action), values, step) as response:
            return self.read(response, step)

    def download(self, link: str, step: str, take: Callable[["Download"], T]) -> T:
        """Return what `take` makes of the file behind the link. Errors: as `page`, and those of `take`."""
        with self._answer("GET", urljoin(self.home, link), None, step) as response:
            return take(Download(self, response, step))

    def pieces(
        self, response: requests.Response, step: str, fault: type[ViaductError] = SourceUnavailable
    ) -> Iterator[bytes]:
        """Yield the body. Errors: ReplyLost when it is cut short; SourceUnavailable past the deadline."""
        body = response.iter_content(PIECE_BYTES)
        while piece := _piece(body, fault):
            self._patience.hold_to_deadline(f"source {self._source}, {step}")
            yield piece

    def read(self, response: requests.Response, step: str) -> Page:
        """Return the answer as a page. Errors: as `page`."""
        content = b""
        for piece in self.pieces(response, step):
            content += piece
            if len(content) > LARGEST_PAGE:
                raise SourceUnavailable(f"source {self._source}, {step}: a page larger than 4 MB.")
        return read_page(response.url, response.status_code, content.decode("utf-8", "replace"))

    @contextmanager
    def _answer(
        self, method: Literal["GET", "POST"], url: str, values: Mapping[str, str] | None, step: str
    ) -> Iterator[requests.Response]:
        for _ in range(MOST_REDIRECTS):
            self._hold_to_host(url, step)
            response = self._send(method, url, values)
            with response:
                if response.status_code not in REDIRECTS:
                    _judge(response)
                    yield response
                    return
                url = urljoin(url, response.headers.get("Location", ""))
                if response.status_code in {307, 308} and method == "POST":
                    continue
                method, values = "GET", None
        raise SourceUnavailable(f"source {self._source}, {step}: it redirects without end.")

    def _send(self, method: str, url: str, values: Mapping[str, str] | None) -> requests.Response:
        times = (self._limits.connect_seconds, self._limits.read_seconds)
        fault: Exception
        try:
            return self._session.request(
                method, url, data=values, timeout=times, stream=True, allow_redirects=False
            )
        except requests.exceptions.SSLError:
            fault = SourceUnavailable(f"source {self._source}: its certificate is not one we trust.")
        except requests.Timeout:
            fault = ReplyLost(SourceUnavailable, "no answer in time")
        except (requests.RequestException, OSError):
            fault = ReplyLost(SourceUnavailable, "no connection, or one that broke")
        raise fault

    def _hold_to_host(self, url: str, step: str) -> None:
        if _origin(url) != self._origin:
            raise SourceLeadsAway(f"source {self._source}, {step}: nothing was asked there.")


class Download:
    """One file being answered: look at what it is before taking it."""

    def __init__(self, web: Web, response: requests.Response, step: str) -> None:
        self._web, self._response, self._step = web, response, step
        self.status = response.status_code
        self.kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()

    def pieces(self) -> Iterator[bytes]:
        """Yield the body. Errors: as `Web.pieces`."""
        return self._web.pieces(self._response, self._step, HalfExport)

    def as_page(self) -> Page:
        """Return the answer as the page it turned out to be."""
        return self._web.read(self._response, self._step)


def _piece(body: Iterator[bytes], fault: type[ViaductError]) -> bytes:
    """Return the next piece; fewer bytes than announced, or a broken chunk, are a body cut short."""
    try:
        return next(body, b"")
    except (requests.RequestException, OSError):
        pass
    raise ReplyLost(fault, "the answer was cut short")


def _judge(response: requests.Response) -> None:
    """Raise Later where the status says that asking again may help."""
    status = response.status_code
    if status in BUSY:
        wait = asked_to_wait(response.headers.get("Retry-After"), response.headers.get("Date"))
        raise Later(SourceBusy, f"HTTP status {status}", wait)
    if status in TRANSIENT:
        raise Later(SourceUnavailable, f"HTTP status {status}")


def _origin(url: str) -> tuple[str, str, int]:
    """Return scheme, host and port; nothing at all for what is no web address."""
    try:
        parts = urlsplit(url)
        port = parts.port or {"https": 443, "http": 80}.get(parts.scheme, 0)
    except ValueError:
        return "", "", 0
    return parts.scheme, (parts.hostname or "").lower(), port


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Return the request without a password that some file of the machine might add."""
    return request
