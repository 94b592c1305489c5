"""Where the landing zone is: a folder within the site or mounted, an SFTP server, or Azure Blob."""

import difflib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Discriminator, Field, Tag

from config.azure import BlobLanding
from config.limits import TransferLimits
from config.problems import Place, Problem
from config.sftp import SftpPlace, key_file_problems, settled_place

CONNECTORS = ("azure_blob", "sftp")


class SftpLanding(SftpPlace):
    """A landing zone on an SFTP server."""

    connector: Literal["sftp"]
    limits: TransferLimits = TransferLimits()

    def as_posix(self) -> str:
        """Return where it is, in one word."""
        return f"sftp://{self.host}:{self.port}/{self.folder.removeprefix('/')}"

    def problems(self, folder: Path, place: Place) -> Iterator[Problem]:
        """Yield what no setting by itself shows: the file of the server's key is not there."""
        yield from key_file_problems(folder, self, place, "landing")

    def settled(self, folder: Path) -> "SftpLanding":
        """Return the same with every path whole."""
        return settled_place(folder, self)


class NoLanding(BaseModel):
    """A place that says of no connector, or of none that there is, that it is to be reached by it."""

    connector: Literal["azure_blob", "sftp"]


LandingPlace = Path | SftpLanding | BlobLanding


def _kind(said: Any) -> str:
    if not isinstance(said, dict):
        return str(getattr(said, "connector", "folder"))
    near = difflib.get_close_matches(str(said.get("connector", CONNECTORS[-1])), CONNECTORS, n=1)
    return near[0] if near else "none"


LandingSetting = Annotated[
    Annotated[str, Field(min_length=1, max_length=500), Tag("folder")]
    | Annotated[SftpLanding, Tag("sftp")]
    | Annotated[BlobLanding, Tag("azure_blob")]
    | Annotated[NoLanding, Tag("none")],
    Discriminator(_kind),
]


def landing_problems(folder: Path, said: Any, place: Place) -> Iterator[Problem]:
    """Yield what no setting by itself shows: a file that it names is not there."""
    if isinstance(said, SftpLanding | BlobLanding):
        yield from said.problems(folder, place)


def landing_place(folder: Path, said: str | SftpLanding | BlobLanding | NoLanding) -> LandingPlace:
    """Return the landing zone with every path whole."""
    if isinstance(said, str):
        return folder / said
    assert not isinstance(said, NoLanding)  # noqa: S101 - its connector is one that there is not
    return said.settled(folder)
