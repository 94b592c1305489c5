"""Pings: a service outside is told that a run began and how it ended, so that silence wakes somebody.

Source:  https://healthchecks.io/docs/http_api/ (start, exit status, `rid`); others speak it too.
"""

import threading
import time
import uuid
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from common import log
from connectors.posting import NOT_POSTED, posted

LOG = log.get("connectors")
GOOD = frozenset({0, 1})
"""Exit codes of a good night: one on which records were held is no failure."""


class Pings:
    """The pings of one run: none of them fails it, and together they delay it by so many seconds at most.

    Given: the address, which is a secret: no line of the log and no error holds it.
    """

    def __init__(self, address: str, run_id: str, seconds: float) -> None:
        self._address, self._seconds = address, seconds
        self._rid = str(uuid.uuid5(uuid.NAMESPACE_OID, run_id))
        self._start: threading.Thread | None = None

    def start(self) -> None:
        """Say that the run has begun; nobody waits for it."""
        self._start = self._sent("start", b"")

    def end(self, exit_code: int, told: str) -> None:
        """Say how the run ended, with a few words of counts; wait so long at most, for the start as well."""
        until = time.monotonic() + self._seconds
        if self._start is not None:
            self._start.join(self._seconds / 2)
        last = self._sent("0" if exit_code in GOOD else str(exit_code), told.encode())
        last.join(max(0.0, until - time.monotonic()))
        if last.is_alive():
            LOG.warning("ping_not_answered")

    def _sent(self, what: str, body: bytes) -> threading.Thread:
        thread = threading.Thread(target=self._send, args=(what, body), name="ping", daemon=True)
        thread.start()
        return thread

    def _send(self, what: str, body: bytes) -> None:
        try:
            status = self._posted(what, body)
        except NOT_POSTED as error:
            LOG.warning("ping_failed", error=error)
            return
        if status // 100 != 2:
            LOG.warning("ping_refused", http_status=status)

    def _posted(self, what: str, body: bytes) -> int:
        """Return the status of the answer; what it says is not read. Errors: those in NOT_POSTED."""
        parts = urlsplit(self._address)
        query = urlencode([*parse_qsl(parts.query), ("rid", self._rid)])
        url = urlunsplit((parts.scheme, parts.netloc, f"{parts.path.rstrip('/')}/{what}", query, ""))
        return posted(url, self._seconds, data=body)
