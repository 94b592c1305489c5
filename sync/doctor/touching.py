"""Touch a server without changing anything: is it reached, what does its clock say, how long is it proved.

Nothing is signed in to and nothing of the site is told to the server; at most the head of a page is asked.
"""

import ssl
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from socket import create_connection, socket
from urllib.parse import urlsplit

from connectors.mail_line import MailLine

SSL_REQUEST = b"\x00\x00\x00\x08\x04\xd2\x16\x2f"
"""What asks a PostgreSQL server for TLS. Source: PostgreSQL, Frontend/Backend Protocol, SSLRequest."""


@dataclass(frozen=True)
class Touched:
    """What a server showed: its own time, and until when its certificate holds; None where it has none."""

    at: datetime | None
    until: datetime | None


class Unreached(Exception):
    """A server was not reached, or did not prove itself; `expired` if its certificate has run out."""

    def __init__(self, why: str, *, expired: bool = False) -> None:
        super().__init__(why)
        self.why, self.expired = why, expired


def touch_web(address: str, ca_file: Path | None, seconds: float) -> Touched:
    """Return what the server of a web address shows. Errors: Unreached, TimeoutError."""
    try:
        with closing(_line(address, ca_file, seconds)) as line:
            line.connect()
            until = _until(line.sock)
            line.request("HEAD", urlsplit(address).path or "/")
            date = line.getresponse().getheader("Date")
    except TimeoutError:
        raise
    except (OSError, HTTPException) as error:
        raise _unreached(error) from None
    return Touched(_instant(date), until)


def _line(address: str, ca_file: Path | None, seconds: float) -> HTTPConnection:
    parts = urlsplit(address)
    host, port = parts.hostname or "", parts.port
    if parts.scheme == "https":
        return HTTPSConnection(host, port, timeout=seconds, context=_context(ca_file))
    return HTTPConnection(host, port, timeout=seconds)


def touch_line(address: str, seconds: float) -> Touched:
    """Return until when the server of a web address is proved; it is asked for nothing.

    For an address that is a secret, or at which every request counts. Errors: Unreached, TimeoutError.
    """
    try:
        with closing(_line(address, None, seconds)) as line:
            line.connect()
            return Touched(None, _until(line.sock))
    except TimeoutError:
        raise
    except (OSError, HTTPException, ValueError) as error:
        raise _unreached(error) from None


def touch_mail(host: str, port: int, ca_file: str | None, seconds: float) -> Touched:
    """Return until when a mail server is proved that offers STARTTLS. Errors: Unreached, TimeoutError."""
    try:
        with MailLine(host, port, seconds, seconds) as line:
            line.starttls(context=_context(Path(ca_file) if ca_file else None))
            return Touched(None, _until(line.sock)) if line.sock else Touched(None, None)
    except TimeoutError:
        raise
    except OSError as error:  # those of smtplib are among them
        raise _unreached(error) from None


def touch_postgres(host: str, port: int, ca_file: str | None, seconds: float) -> Touched:
    """Return until when the certificate of a PostgreSQL server holds. Errors: Unreached, TimeoutError."""
    try:
        with create_connection((host, port), timeout=seconds) as plain:
            plain.sendall(SSL_REQUEST)
            if plain.recv(1) != b"S":
                raise Unreached("it offers no TLS")
            context = _context(Path(ca_file) if ca_file else None)
            with context.wrap_socket(plain, server_hostname=host) as line:
                return Touched(None, _until(line))
    except TimeoutError:
        raise
    except OSError as error:
        raise _unreached(error) from None


def _context(ca_file: Path | None) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(ca_file) if ca_file else None)


def _until(line: socket) -> datetime | None:
    shown = line.getpeercert() if isinstance(line, ssl.SSLSocket) else None
    ends = shown.get("notAfter") if shown else None
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(ends)), UTC) if ends else None


def _instant(date: str | None) -> datetime | None:
    try:
        return parsedate_to_datetime(date).astimezone(UTC) if date else None
    except ValueError:
        return None


def _unreached(error: Exception) -> Unreached:
    """Return the kind of the error, in our words: what the system or the server says goes no further."""
    if isinstance(error, ssl.SSLCertVerificationError):
        expired = error.verify_code == 10  # X509_V_ERR_CERT_HAS_EXPIRED
        why = "its certificate has run out" if expired else "its certificate is not one we trust"
        return Unreached(why, expired=expired)
    return Unreached(f"no line to it ({type(error).__name__})")
