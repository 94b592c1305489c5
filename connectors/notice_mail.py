"""How a notice leaves: one mail to one address, by TLS only, in bounded time."""

import hashlib
from dataclasses import dataclass

from common.errors import Answer, Failure, ViaductError
from config.alerts import MailServer
from connectors.alert_ways import handed_over, written


class NoticeNotSent(ViaductError):
    """A notice to a provider could not be sent; nobody got it who is not noted as having it."""

    code = "E946"
    exit_code = 50
    title = "A notice to a provider could not be sent."
    answer = Answer.TRY_AGAIN
    failure = Failure.TRANSIENT
    remedy = "Look at the mail server, and at the addresses in providers.yaml; the next round tries again."


class AddressRefused(NoticeNotSent):
    """The mail server takes no mail for this address."""


def address_digest(address: str) -> str:
    """Return what stands for an address where we note who has a notice."""
    return hashlib.blake2b(address.encode(), digest_size=8).hexdigest()


@dataclass(frozen=True)
class Letter:
    """What a notice says. name: the same whenever it is sent."""

    name: str
    heading: str
    text: str


def send_notice(server: MailServer, to: str, letter: Letter, reply_to: str | None) -> None:
    """Hand a notice for one address to the server.

    The same letter to the same address has the same Message-ID: where it was taken and we never heard of
    that, mail systems show it once.
    Errors: NoticeNotSent, AddressRefused, SecretMissing, SecretExposed.
    """
    mail = written(server, [to], f"{letter.name}.{address_digest(to)}", letter.heading, letter.text)
    mail["X-Auto-Response-Suppress"] = "All"
    if reply_to is not None:
        mail["Reply-To"] = reply_to
    if handed_over(server, mail, NoticeNotSent):
        where = f"mail server {server.host}:{server.port}"
        raise AddressRefused(f"{where}: it takes no mail for one of the addresses.")
