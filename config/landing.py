"""Where the landing zone is: a folder within the site or mounted, or an SFTP server."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from config.limits import TransferLimits
from config.problems import Place, Problem
from config.sftp import SftpPlace, key_file_problems, settled_place


class SftpLanding(SftpPlace):
    """A landing zone on an SFTP server."""

    connector: Literal["sftp"]
    limits: TransferLimits = TransferLimits()

    def as_posix(self) -> str:
        """Return where it is, in one word."""
        return f"sftp://{self.host}:{self.port}/{self.folder.removeprefix('/')}"


LandingPlace = Path | SftpLanding


def _kind(said: Any) -> str:
    return "server" if isinstance(said, dict | SftpLanding) else "folder"


LandingSetting = Annotated[
    Annotated[str, Field(min_length=1, max_length=500), Tag("folder")]
    | Annotated[SftpLanding, Tag("server")],
    Discriminator(_kind),
]


def landing_problems(folder: Path, said: str | SftpLanding, place: Place) -> Iterator[Problem]:
    """Yield what no setting by itself shows: the file of the server's key is not there."""
    if not isinstance(said, str):
        yield from key_file_problems(folder, said, place, "landing")


def landing_place(folder: Path, said: str | SftpLanding) -> LandingPlace:
    """Return the landing zone with every path whole."""
    return folder / said if isinstance(said, str) else settled_place(folder, said)
