"""Where a provider's worklist is laid, and who is told of it: what providers.yaml says of both."""

import os
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from config.alerts import ADDRESS, Address, HttpsLink
from config.ground import RelativePath, Settings
from config.limits import TransferLimits
from config.problems import Place, Problem
from config.sftp import SftpPlace, key_file_problems, settled_place

DROPS = "var/drops"
"""Below the site, where drops may be; everything else there is the site's own."""


class Form(StrEnum):
    """A form of a worklist: the page, and two for a spreadsheet."""

    HTML = "html"
    CSV = "csv"
    XLSX = "xlsx"


class SftpDrop(SftpPlace):
    """A drop on an SFTP server, with an account and a key of its own."""

    limits: TransferLimits = TransferLimits()

    def as_posix(self) -> str:
        """Return where it is, in one word."""
        return f"sftp://{self.host}:{self.port}/{self.folder.removeprefix('/')}"


class Worklist(Settings):
    """How a provider gets its worklist: into which drop, in which forms, how much of it."""

    folder: RelativePath | None = Field(
        default=None, description="A folder of the provider's own, mounted here; or, without one, sftp."
    )
    sftp: SftpDrop | None = Field(default=None, description="A folder of an SFTP server.")
    forms: list[Form] = Field(
        default_factory=lambda: list(Form), min_length=1, description="The page, and two for a spreadsheet."
    )
    everything: bool = Field(
        default=False, description="All that is to be mended, every night, and not the first of a week."
    )

    @model_validator(mode="after")
    def _one_drop(self) -> Self:
        if self.folder is not None and self.sftp is not None:
            raise ValueError("write folder or sftp: a worklist lies in one place")
        return self

    @property
    def drop(self) -> Path | SftpDrop | None:
        """Return where the worklist is laid; None where nobody has said."""
        return Path(self.folder) if self.folder is not None else self.sftp


class ProviderNotices(Settings):
    """Who of a provider is told by mail that there is something to mend."""

    off: bool = Field(default=False, description="This provider wants no notices.")
    mail: list[Address] = Field(
        default_factory=list, max_length=20, description="Who is told; else the contact, if it is an address."
    )
    link: HttpsLink | None = Field(default=None, description="Where its people open the worklist.")

    def to(self, contact: str) -> list[str]:
        """Return the addresses of those who are told, each once. Given: the provider's contact."""
        if self.off:
            return []
        return list(dict.fromkeys(self.mail)) or ([contact] if ADDRESS.fullmatch(contact) else [])


def settled_worklist(folder: Path, said: Worklist) -> Worklist:
    """Return the same with every path whole."""
    laid = (folder / said.folder).as_posix() if said.folder is not None else None
    server = settled_place(folder, said.sftp) if said.sftp is not None else None
    return said.model_copy(update={"folder": laid, "sftp": server})


def worklist_problems(
    folder: Path, worklists: dict[str, Worklist], place: Place, taken: dict[str, Path]
) -> Iterator[Problem]:
    """Yield what is wrong with the drops of providers.yaml beside each other and beside the site.

    Given: the worklists by provider; the folders that sources are read from, by what an error calls them.
    """
    for name, said in worklists.items():
        if said.sftp is not None:
            yield from key_file_problems(folder, said.sftp, place, "providers", name, "worklist", "sftp")
    folders = {name: _whole(folder, said.folder) for name, said in worklists.items() if said.folder}
    for name, path in folders.items():
        if why := _why_not(_whole(folder, "."), path, taken):
            yield _problem(place, name, "folder", why)
    yield from _shared_folders(folders, place)
    yield from _shared_lines({name: said.sftp for name, said in worklists.items() if said.sftp}, place)


def _why_not(site: Path, drop: Path, taken: dict[str, Path]) -> str:
    """Return why no worklist may be laid there; nothing if one may."""
    within = drop.is_relative_to(site) and not drop.is_relative_to(site / DROPS)
    if within or drop == site / DROPS or site.is_relative_to(drop):
        return f"write a folder outside of the site, or one below {DROPS}."
    for what, path in taken.items():
        if _nested(drop, Path(os.path.realpath(path))):
            return f"{what} is read from there."
    return ""


def _shared_folders(folders: dict[str, Path], place: Place) -> Iterator[Problem]:
    for name, other in _pairs(list(folders)):
        if _nested(folders[name], folders[other]):
            why = f"this is the drop of {other} too, or lies within it: each provider has its own."
            yield _problem(place, name, "folder", why)


def _shared_lines(drops: dict[str, SftpDrop], place: Place) -> Iterator[Problem]:
    for name, other in _pairs(list(drops)):
        mine, theirs = drops[name], drops[other]
        if _account(mine) == _account(theirs):
            why = f"{other} has this server and account too: each provider has an account of its own."
            yield _problem(place, name, "sftp", why)
        elif (mine.client_key or mine.password) == (theirs.client_key or theirs.password):
            why = f"{other} has this key or password too: each provider has its own."
            yield _problem(place, name, "sftp", why)


def _problem(place: Place, provider: str, key: str, why: str) -> Problem:
    keys = ("providers", provider, "worklist", key)
    return place.problem(f"{'.'.join(keys)}: {why}", *keys)


def _pairs(names: list[str]) -> Iterator[tuple[str, str]]:
    """Yield each name with each that stands before it."""
    return ((name, other) for at, name in enumerate(names) for other in names[:at])


def _account(said: SftpDrop) -> tuple[str, int, str]:
    return said.host.casefold().rstrip("."), said.port, said.user


def _nested(one: Path, other: Path) -> bool:
    return one.is_relative_to(other) or other.is_relative_to(one)


def _whole(folder: Path, said: str) -> Path:
    """Return the folder as the system knows it, links followed: two names of one folder are one."""
    return Path(os.path.normcase(os.path.realpath(folder / said)))
