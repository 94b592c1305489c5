"""One visit to a REST API: three keys in every request, read only, answers judged before they are read."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar
from urllib.parse import unquote, urljoin, urlsplit

from common import clock, log
from common.errors import ViaductError
from connectors.errors import (
    AccessRefused,
    CredentialsRefused,
    KindNotKnown,
    NotTheExport,
    PageInsteadOfExport,
    SourceUnavailable,
)
from connectors.patience import Anew, Later, Patience
from connectors.rest_errors import (
    AddressNotPermitted,
    AnswerCapped,
    AnswerStale,
    KeyExpired,
    KeyMalformed,
    KeyNotYetValid,
    ListNotOffered,
    MessageInsteadOfRecords,
)
from connectors.rest_records import DECODER, Twice
from connectors.rest_settings import RestSettings
from connectors.web import Download, Web

T = TypeVar("T")
KEY = re.compile(r"[\x21-\x7e]+")
NEXT_PAGE = re.compile(r"""\brel\s*=\s*["']?[^"';,]*\bnext\b""", re.IGNORECASE)
PAGES = frozenset({"text/html", "application/xhtml+xml"})
UNAUTHORISED, FORBIDDEN = 401, 403
NOT_OFFERED = frozenset({400, 404, 405, 410, 422})
# What the vendor's own framework says of a key; anything else is a refusal like any other.
TOLD: tuple[tuple[str, type[CredentialsRefused]], ...] = (
    ("not yet valid", KeyNotYetValid),
    ("expired", KeyExpired),
    ("ip address", AddressNotPermitted),
)
LARGEST_REFUSAL = 4096
CLOCKS_DIFFER_SECONDS = 300


class Visit:
    """A row of requests with one set of keys; `leave` forgets them."""

    def __init__(self, settings: RestSettings) -> None:
        self._settings = settings
        self._patience = Patience(settings.name, settings.limits)
        keys = _keys(settings)
        self._web = Web(settings.name, settings.address, settings.limits, self._patience, settings.ca_file)
        self._web.always_send({**keys, "Accept": "application/json", "Cache-Control": "no-cache"})
        self._log = log.get("connectors").bind(source=settings.name)
        self._let_in = False
        self._earliest: datetime | None = None
        self._latest: datetime | None = None

    def leave(self) -> None:
        """Forget the keys and the connections."""
        self._web.close()

    def ask(self, path: str, step: str) -> Any:
        """Return a small answer's value, numbers as digits. Errors: those of `take`; NotTheExport."""
        return self.take(path, step, lambda download: self._value(download, step))

    def take(self, path: str, step: str, read: Callable[[Download], T]) -> T:
        """Return what `read` makes of a good answer, asked again with patience.

        Errors: SourceUnavailable (exit 20), CredentialsRefused (21), NotTheExport (22), and their kinds.
        """

        def judged(download: Download) -> T:
            self._judge(download, step)
            if NEXT_PAGE.search(download.header("Link")):
                raise AnswerCapped(f"{self.place(step)}: the answer itself says that there is a next page.")
            if unquote(urlsplit(download.url).path) != unquote(urlsplit(urljoin(self._web.home, path)).path):
                raise SourceUnavailable(f"{self.place(step)}: it was answered by another list.")
            return read(download)

        place = self.place(step)
        return self._patience.repeat(lambda: self._web.download(path, step, judged), place)

    def again(self, ask: Callable[[], T], step: str) -> T:
        """Return what `ask` returns, begun anew while it raises Anew: what `take` does not ask again."""
        return self._patience.repeat(ask, self.place(step), on=Anew)

    def place(self, step: str) -> str:
        """Return how errors name a step."""
        return f"source {self._settings.name}, {step}"

    def _judge(self, download: Download, step: str) -> None:
        """Refuse what is no good answer, by its status and its kind."""
        place, status = self.place(step), download.status
        if status == UNAUTHORISED:
            raise self._refusal(download)(f"{place}{self._since_when}.")
        if status == FORBIDDEN:
            raise AccessRefused(f"{place}: HTTP status {status}.")
        if status in NOT_OFFERED:
            raise ListNotOffered(f"{place}: HTTP status {status}.")
        if status != 200:
            raise SourceUnavailable(f"{place}: HTTP status {status}.")
        if download.is_packed:
            raise KindNotKnown(f"{place}: it came packed, though we did not ask for that.")
        if download.kind in PAGES:
            raise PageInsteadOfExport(f"{place}.")
        self._let_in = True
        self._note_age(download)

    @property
    def _since_when(self) -> str:
        return ": the keys were good when we began" if self._let_in else ""

    def _refusal(self, download: Download) -> type[CredentialsRefused]:
        """Return which refusal of the keys the answer's words tell; the words themselves go nowhere."""
        told = (
            b"".join(piece[:LARGEST_REFUSAL] for piece in _first(download)).decode("utf-8", "replace").lower()
        )
        return next((kind for words, kind in TOLD if words in told), CredentialsRefused)

    def _value(self, download: Download, step: str) -> Any:
        """Return the value of an answer that is no longer than a page."""
        place, largest = self.place(step), self._settings.limits.largest_page_bytes
        content = bytearray()
        for piece in download.pieces():
            content += piece
            if len(content) > largest:
                raise NotTheExport(f"{place}: an answer of more than {largest} bytes.")
        value = _decoded(bytes(content))
        if value is BROKEN:
            kind = PageInsteadOfExport if content.lstrip().startswith(b"<") else NotTheExport
            raise kind(f"{place}: it is not JSON.")
        if isinstance(value, str):
            raise MessageInsteadOfRecords(f"{place}: a bare string.")
        return value

    def _note_age(self, download: Download) -> None:
        """Remember the earliest and the latest instant that an answer says it is of."""
        told = _instant(download.header("Date"))
        if told is None:
            return
        age = download.header("Age")
        if age.isascii() and age.isdigit():
            told -= timedelta(seconds=min(int(age[:9]), 10**9))
        self._earliest, self._latest = min(told, self._earliest or told), max(told, self._latest or told)

    @property
    def extracted_at(self) -> datetime:
        """Return the instant of the data, by the source's own clock where it tells one."""
        return self._earliest or clock.now()

    def refuse_stale(self) -> None:
        """Errors: AnswerStale, where answers of one visit are further apart than a visit can last."""
        if self._earliest is None or self._latest is None:
            return
        apart = (self._latest - self._earliest).total_seconds()
        if apart > self._settings.limits.pull_seconds + CLOCKS_DIFFER_SECONDS:
            raise AnswerStale(f"source {self._settings.name}: one is {apart:.0f} seconds older.")


BROKEN = object()


def _decoded(content: bytes) -> Any:
    """Return the value, or BROKEN: what cannot be read leaves no words behind."""
    try:
        text = content.decode("utf-8-sig").strip()
        value, end = DECODER.raw_decode(text)
    except (ValueError, RecursionError, Twice):
        return BROKEN
    return value if end == len(text) else BROKEN


def _first(download: Download) -> list[bytes]:
    """Return the first piece of a refusal's words, if they can be read at all."""
    try:
        return [next(download.pieces(), b"")]
    except (ViaductError, Later):
        return []


def _instant(words: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(words)
    except (ValueError, TypeError, OverflowError):
        return None
    return found.astimezone(UTC) if found.tzinfo else None


def _keys(settings: RestSettings) -> dict[str, str]:
    """Return the keys as headers. Errors: KeyMalformed, naming which; the key itself goes nowhere."""
    keys = {"Source": settings.source_key, "Org": settings.org_key, "User": settings.user_key}
    keys = {name: key.strip() for name, key in keys.items()}
    for name, key in keys.items():
        if not KEY.fullmatch(key):
            raise KeyMalformed(f"source {settings.name}, the {name} key; nothing was sent.")
    return keys
