"""The ways by which an alert leaves: a mail server under TLS, and a webhook that takes a card.

What a server says is not repeated; an address of a webhook is a secret and stands in no error and no log.
"""

import smtplib
import ssl
from collections.abc import Sequence
from email.message import EmailMessage
from email.utils import formatdate
from typing import Any

from common.bounded import Bounded
from common.errors import Answer, Failure, ViaductError
from config.alerts import MailServer
from connectors.mail_line import MailLine
from connectors.posting import NOT_POSTED, SILENCES, posted

ID_DOMAIN = "viaduct.invalid"
WEBHOOK_SECONDS = 20.0


class AlertNotSent(ViaductError):
    """An alert could not be sent: the mail server or the webhook is away, refuses it, or is not proved."""

    code = "E931"
    exit_code = 50
    title = "An alert could not be sent."
    answer = Answer.TRY_AGAIN
    failure = Failure.TRANSIENT
    remedy = "See alerts in site.yaml, and that server. To try again: python run_sync.py health --alert"


def send_mail(server: MailServer, to: Sequence[str], name: str, heading: str, text: str) -> None:
    """Hand an alert to the server, by TLS only, in bounded time. Errors: AlertNotSent.

    Nobody waits longer than that, and at its end the line is cut: nothing of it stays behind.
    The same name is the same Message-ID: what was given up may have arrived, and is a double then.
    """
    where = f"mail server {server.host}:{server.port}"
    mail = written(server, to, name, heading, text)
    if refused := handed_over(server, mail, AlertNotSent):
        raise AlertNotSent(f"{where}: {len(refused)} of {len(to)} recipients were refused.", remedy=ASK)


def handed_over(server: MailServer, mail: EmailMessage, fault: type[ViaductError]) -> dict[str, Any]:
    """Return whom the server refused of those the mail is for. Errors: the fault, in words of ours."""
    where = f"mail server {server.host}:{server.port}"
    try:
        return Bounded[dict[str, Any]](SILENCES * server.wait_seconds).of(lambda: _handed_over(server, mail))
    except smtplib.SMTPRecipientsRefused as refused:
        return dict(refused.recipients)
    except smtplib.SMTPNotSupportedError:
        raise fault(f"{where}: it offers no STARTTLS, or no sign-in.") from None
    except ssl.SSLError:
        raise fault(f"{where}: it does not prove who it is.") from None
    except TimeoutError:
        raise fault(f"{where}: it took too long.") from None
    except (OSError, smtplib.SMTPException, ValueError) as error:
        raise fault(f"{where}: {type(error).__name__}.") from None


ASK = "Look at the addresses under alerts in site.yaml; who was not refused was told."


def written(server: MailServer, to: Sequence[str], name: str, heading: str, text: str) -> EmailMessage:
    """Return the mail; the same name is the same Message-ID."""
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
    silence = server.wait_seconds
    with MailLine(server.host, server.port, silence, SILENCES * silence) as line:
        line.starttls(context=context)
        if server.user is not None and server.user_secret is not None:
            line.login(server.user, server.user_secret.read())
        return line.send_message(mail)


def post_card(address: str, card: dict[str, Any], seconds: float = WEBHOOK_SECONDS) -> None:
    """Post the card, in bounded time; an answer of 2xx is a yes, the rest unread. Errors: AlertNotSent."""
    try:
        status = Bounded[int](SILENCES * seconds).of(lambda: posted(address, seconds, json=card))
    except TimeoutError:
        raise AlertNotSent("webhook: it took too long.") from None
    except NOT_POSTED as error:
        raise AlertNotSent(f"webhook: {type(error).__name__}.") from None
    if status // 100 != 2:
        raise AlertNotSent(f"webhook: it answered {status}.")
