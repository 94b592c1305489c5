"""What an SFTP line may see of the site: one server, its keys, our key, and how long we wait for it."""

from dataclasses import dataclass, field
from pathlib import Path

from config.sftp import SftpPlace
from connectors.settings import Limits
from connectors.sftp_errors import SftpKeyUnusable

LARGEST_KEY_FILE = 64 << 10


@dataclass(frozen=True)
class SftpSettings:
    """One SFTP server; what proves us is read already, and never shown.

    name:      what errors and the log call it: the source's name, or landing.
    host_keys: its public keys, a line each; any other server is not spoken to.
    """

    name: str
    host: str
    port: int
    user: str
    folder: str
    host_keys: tuple[str, ...]
    client_key: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    limits: Limits = field(default_factory=Limits)

    @property
    def place(self) -> str:
        """Return how errors name the server."""
        return f"{self.name}, SFTP server {self.host}, port {self.port}"


def sftp_settings(name: str, said: SftpPlace, limits: Limits) -> SftpSettings:
    """Return what the line may see, its secrets read.

    Errors: SecretMissing, SecretExposed, SftpKeyUnusable.
    """
    return SftpSettings(
        name=name,
        host=said.host,
        port=said.port,
        user=said.user,
        folder=said.folder,
        host_keys=tuple(said.host_keys) or _lines(name, Path(said.host_key_file or "")),
        client_key=said.client_key.read() if said.client_key else None,
        password=said.password.read() if said.password else None,
        limits=limits,
    )


def _lines(name: str, file: Path) -> tuple[str, ...]:
    """Return the keys of a file, a line each; comments and blank lines are passed over."""
    try:
        with file.open("rb") as stream:
            content = stream.read(LARGEST_KEY_FILE)
        lines = [line.strip() for line in content.decode("ascii").splitlines()]
    except (OSError, UnicodeDecodeError):
        lines = []
    keys = tuple(line for line in lines if line and not line.startswith("#"))
    if not keys:
        raise SftpKeyUnusable(f"{name}, host_key_file: it can not be read, or holds no key.")
    return keys
