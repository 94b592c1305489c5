"""The ways by which an alert leaves: a mail server under TLS, and a webhook that takes a card.

What a server says is not repeated; an address of a webhook is a secret and stands in no error and no log.
"""

import smtplib
import ssl
from collections.abc import Sequence
from email.message import EmailMessage
from email.utils import formatdate
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3

from common.errors import Answer, Failure, ViaductError
from config.alerts import MailServer
from connectors.web import is_loopback

ID_DOMAIN = "viaduct.invalid"
WEBHOOK_SECONDS = 20.0
NOT_POSTED = (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError)


class AlertNotSent(ViaductError):
    """An alert could not be sent: the mail server or the webhook is away, refuses it, or is not proved."""

    code = "E931"
    exit_code = 50
    title = "An alert could not be sent."
    answer = Answer.TRY_AGAIN
    failure = Failure.TRANSIENT
    remedy = "See alerts in site.yaml, and that server. To try again: python run_sync.py health --alert"


def send_mail(server: MailServer, to: Sequence[str], name: str, heading: str, text: str) -> None:
    """Hand a mail to the server, by TLS only. The same name is the same Message-ID. Errors: AlertNotSent."""
    where = f"mail server {server.host}:{server.port}"
    try:
        refused = _handed_over(server, _mail(server, to, name, heading, text))
    except smtplib.SMTPNotSupportedError:
        raise AlertNotSent(f"{where}: it offers no STARTTLS, or no sign-in.") from None
    except ssl.SSLError:
        raise AlertNotSent(f"{where}: it does not prove who it is.") from None
    except (OSError, smtplib.SMTPException, ValueError) as error:
        raise AlertNotSent(f"{where}: {type(error).__name__}.") from None
    if refused:
        raise AlertNotSent(f"{where}: {len(refused)} of {len(to)} recipients were refused.", remedy=ASK)


ASK = "Look at the addresses under alerts in site.yaml; who was not refused was told."


def _mail(server: MailServer, to: Sequence[str], name: str, heading: str, text: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = server.sender, ", ".join(to), heading
    mail["Date"], mail["Message-ID"] = formatdate(), f"<{name}@{ID_DOMAIN}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(text)
    return mail


def _handed_over(server: MailServer, mail: EmailMessage) -> dict[str, Any]:
    """Return whom the server refused. Errors: OSError, ssl.SSLError, SMTPException."""
    context = ssl.create_default_context(cafile=server.ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    with smtplib.SMTP(server.host, server.port, timeout=server.wait_seconds) as line:
        line.starttls(context=context)
        if server.user is not None and server.user_secret is not None:
            line.login(server.user, server.user_secret.read())
        return line.send_message(mail)


def post_card(address: str, card: dict[str, Any], seconds: float = WEBHOOK_SECONDS) -> None:
    """Post the card; an answer of 2xx is a yes, and nothing of it is read. Errors: AlertNotSent."""
    try:
        status = _posted(address, card, seconds)
    except NOT_POSTED as error:
        raise AlertNotSent(f"webhook: {type(error).__name__}.") from None
    if status // 100 != 2:
        raise AlertNotSent(f"webhook: it answered {status}.")


def _posted(address: str, card: dict[str, Any], seconds: float) -> int:
    parts = urlsplit(address)
    local = is_loopback(parts.hostname or "")
    if parts.scheme != "https" and not local:
        raise ValueError("the address is neither https nor on this machine")
    with requests.Session() as session:
        session.trust_env = not local
        waits = (seconds, seconds)
        with session.post(address, json=card, timeout=waits, allow_redirects=False, stream=True) as answer:
            return answer.status_code
