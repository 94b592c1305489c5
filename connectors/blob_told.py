"""What Azure Blob did, from the errors of its library: in words of ours, and whether to try again."""

import ssl
from dataclasses import dataclass

import requests
import urllib3
from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    HttpResponseError,
    ServiceRequestError,
    ServiceResponseError,
)

from connectors.landing_errors import (
    LandingFault,
    LandingNotTrusted,
    LandingRefusesUs,
    LandingUnavailable,
)
from connectors.patience import asked_to_wait

ABSENT = frozenset({"BlobNotFound", "ResourceNotFound"})
# With a key that may only create, the service says by 403 that a name is taken.
NOT_ALLOWED = "AuthorizationPermissionMismatch"
TAKEN = frozenset({"BlobAlreadyExists", "UnauthorizedBlobOverwrite", "ConditionNotMet"})
REFUSED = {
    NOT_ALLOWED: "our key or identity may not do that there.",
    "AuthorizationFailure": "our key or identity may not do that there, or not from this network.",
    "AuthenticationFailed": "our key is not one of its own, or its time has passed.",
    "InvalidAuthenticationInfo": "it does not accept our identity.",
}
BUSY = frozenset({408, 429, 500, 502, 503, 504})
UNTRUSTED = (ssl.SSLError, requests.exceptions.SSLError, urllib3.exceptions.SSLError)
SILENT = (requests.exceptions.ReadTimeout, urllib3.exceptions.ReadTimeoutError, TimeoutError)
PASSING: tuple[tuple[tuple[type[BaseException], ...], str], ...] = (
    (SILENT, "it was silent for too long"),
    ((ServiceRequestError,), "it can not be reached"),
    ((ServiceResponseError, HttpResponseError), "the line was cut"),
)


@dataclass(frozen=True)
class Told:
    """What to say of it, as which error, whether it may go better later, and the wait asked for."""

    note: str
    fault: type[LandingFault] = LandingUnavailable
    later: bool = False
    wait_seconds: float | None = None


def code_of(error: HttpResponseError) -> str:
    """Return the service's own word for what happened, nothing if it gave none."""
    said = getattr(error, "error_code", None)
    return str(getattr(said, "value", said) or "")


def told(error: AzureError, *, too_slow: bool) -> Told:
    """Return what the service did. Given: whether it was cut off because one answer took too long."""
    if too_slow:
        return Told("it took longer than it may", later=True)
    if isinstance(error, HttpResponseError) and error.status_code is not None:
        return _answered(error, error.status_code)
    if isinstance(error, ClientAuthenticationError):
        return Told("this machine has no such identity, or nobody vouches for it.", LandingRefusesUs)
    if _any_cause(error, UNTRUSTED):
        return Told("its certificate is not one we trust.", LandingNotTrusted)
    return next(
        (Told(note, later=True) for kinds, note in PASSING if _any_cause(error, kinds)),
        Told("it answered what Azure Blob does not answer."),
    )


def _answered(error: HttpResponseError, status: int) -> Told:
    code = code_of(error)
    if status in (401, 403):
        return Told(REFUSED.get(code, "it does not let us in."), LandingRefusesUs)
    if status in BUSY:
        headers = getattr(error.response, "headers", {})
        wait = asked_to_wait(headers.get("Retry-After"), headers.get("Date"))
        return Told(f"it answered with status {status}", later=True, wait_seconds=wait)
    if code == "ContainerNotFound":
        return Told("the container is not there.")
    return Told(f"it answered with status {status}.")


def _any_cause(error: BaseException, kinds: tuple[type[BaseException], ...]) -> bool:
    """Return whether an error of these kinds stands behind this one."""
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        one = waiting.pop()
        if not isinstance(one, BaseException) or id(one) in seen:
            continue
        if isinstance(one, kinds):
            return True
        seen.add(id(one))
        waiting += [one.__cause__, one.__context__, getattr(one, "inner_exception", None)]
        waiting += [getattr(one, "reason", None), *one.args]
    return False
