"""Post to one address outside, which is a secret: one answer, of which the status alone is read.

It is shown no password but one that the address itself holds: a file of the machine (`~/.netrc`) may name one
for this host, or for any, and that is meant for somebody else.
"""

from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3
from requests.auth import HTTPBasicAuth
from requests.utils import get_auth_from_url

from connectors.web import is_loopback
from connectors.wire import OneStep, Wire, as_it_is

SILENCES = 3
"""What is told outside has as many of its longest silences in all; then its line is cut."""
NOT_POSTED = (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError)


def posted(address: str, silence_seconds: float, **body: Any) -> int:
    """Return the status of the answer; nothing is followed. Errors: those in NOT_POSTED; TimeoutError.

    Given: `data` or `json`, as requests takes them. The seconds bound one silence; what drips is cut off when
           `SILENCES` of them are over. How long a name is looked up for is the machine's: whoever must not
           wait for that bounds the whole.
    """
    parts = urlsplit(address)
    local = is_loopback(parts.hostname or "")
    if parts.scheme != "https" and not local:
        raise ValueError("the address is neither https nor on this machine")
    wire = Wire()
    with OneStep() as session:
        session.mount("https://", wire)
        session.mount("http://", wire)
        session.trust_env = not local
        user, password = get_auth_from_url(address)
        session.auth = HTTPBasicAuth(user, password) if user or password else as_it_is
        session.headers["User-Agent"] = "Viaduct"
        with wire.at_most(SILENCES * silence_seconds):
            try:
                status = _status(session, address, silence_seconds, body)
            except NOT_POSTED:
                if not wire.too_slow:
                    raise
    if wire.too_slow:  # a head that was cut off reads as one that is whole
        raise TimeoutError
    return status


def _status(session: requests.Session, address: str, silence_seconds: float, body: dict[str, Any]) -> int:
    waits = (silence_seconds, silence_seconds)
    with session.post(address, timeout=waits, allow_redirects=False, stream=True, **body) as answer:
        return answer.status_code
