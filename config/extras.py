"""What is installed only where a site asks for it: what is lacking is said in four lines."""

from collections.abc import Iterator
from contextlib import contextmanager

from common.errors import Answer, Failure, ViaductError


class AzureMissing(ViaductError):
    """The site names something of Azure, and the libraries that speak to it are not installed."""

    code = "E113"
    exit_code = 10
    title = "What Viaduct needs for Azure is not installed."
    answer = Answer.PUT_RIGHT
    failure = Failure.CONFIG
    remedy = "Install it: sh tools/setup.sh .venv requirements-azure.txt. Then: python run_sync.py check"


class KeyringMissing(ViaductError):
    """The site names this machine's own store of secrets, and the library that opens it is not installed."""

    code = "E114"
    exit_code = 10
    title = "What Viaduct needs for this machine's store of secrets is not installed."
    answer = Answer.PUT_RIGHT
    failure = Failure.CONFIG
    remedy = "Install it: sh tools/setup.sh .venv requirements-keyring.txt. Then: python run_sync.py check"


class SplinkMissing(ViaductError):
    """The assessment weighs records of one person, and the library that does it is not installed."""

    code = "E119"
    exit_code = 10
    title = "What Viaduct needs to weigh records of one person is not installed."
    answer = Answer.PUT_RIGHT
    failure = Failure.CONFIG
    remedy = "Install it: sh tools/setup.sh .venv requirements-link.txt. Then: python run_sync.py check"


@contextmanager
def needed(where: str, fault: type[ViaductError]) -> Iterator[None]:
    """Let others be imported here. Errors: the fault, if they are not installed."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in {"azure", "msal", "keyring", "splink", "sqlglot"}:
            raise
    else:
        return
    raise fault(where)
