"""What an SFTP server did, from the words of the library: in words of ours, and whether to try again."""

from dataclasses import dataclass

import asyncssh

from common.errors import ViaductError
from connectors.sftp_errors import HostKeyDiffers

NOT_PROVEN = "it did not prove itself by a key of host_keys."
TOO_OLD = "it knows no way of encrypting that is safe."


class NoRoad(OSError):
    """The server was not reached: no such name, refused, no route, no answer."""


class TookTooLong(OSError):
    """One answer took longer than it may, however steadily it came."""


# Of each pair of lists the first that fits tells.
PASSING: tuple[tuple[type[Exception] | tuple[type[Exception], ...], str], ...] = (
    (TookTooLong, "it took longer than it may"),
    (TimeoutError, "it was silent for too long"),
    ((asyncssh.SFTPConnectionLost, asyncssh.SFTPNoConnection, asyncssh.ConnectionLost), "the line was cut"),
    (asyncssh.SFTPBadMessage, "it answered what no SFTP server answers"),
    ((asyncssh.DisconnectError, asyncssh.ChannelOpenError), "it ended what had begun"),
    ((ConnectionError, NoRoad), "it can not be reached"),
)
LASTING: tuple[tuple[type[Exception] | tuple[type[Exception], ...], str], ...] = (
    (asyncssh.SFTPOpUnsupported, "it does not know how to do that."),
    (asyncssh.Error, "it can not do that; its disk may be full."),
)


@dataclass(frozen=True)
class Faults:
    """How what a server does is told, by whoever asks it: as a source or as a landing zone.

    denied: what the account may not do; slow: one answer that took too long. As `away` where not said.
    """

    away: type[ViaductError]
    credentials: type[ViaductError]
    denied: type[ViaductError] | None = None
    slow: type[ViaductError] | None = None


@dataclass(frozen=True)
class Told:
    """What to say of it, as which error, and whether it may go better when it is tried again."""

    note: str
    fault: type[ViaductError]
    later: bool = False


def told(error: Exception, faults: Faults) -> Told | None:
    """Return what the server did; None of an error that is no server's, which others have to tell."""
    if isinstance(error, asyncssh.KeyExchangeFailed):
        other = "algorithm found" in error.reason and "host key" not in error.reason
        return Told(TOO_OLD, faults.away) if other else Told(NOT_PROVEN, HostKeyDiffers)
    if isinstance(error, asyncssh.HostKeyNotVerifiable):
        return Told(NOT_PROVEN, HostKeyDiffers)
    if isinstance(error, asyncssh.PermissionDenied):
        return Told("it does not let this account in.", faults.credentials)
    if isinstance(error, asyncssh.SFTPPermissionDenied):
        return Told("the account may not do that there.", faults.denied or faults.away)
    if isinstance(error, TookTooLong) and faults.slow is not None:
        return Told("it took longer than it may.", faults.slow)
    return _by_kind(error, faults)


def _by_kind(error: Exception, faults: Faults) -> Told | None:
    """Return what the first kind that fits tells of it."""
    for kinds, note in PASSING:
        if isinstance(error, kinds):
            return Told(note, faults.away, later=True)
    for kinds, note in LASTING:
        if isinstance(error, kinds):
            return Told(note, faults.away)
    return None
