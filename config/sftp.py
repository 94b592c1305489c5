"""What may be set about an SFTP server: where it is, which key proves it, who we are there."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Self, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from config.paths import misplaced
from config.problems import Place, Problem
from config.secrets import Secret, within

KINDS = "ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(?:256|384|521)"
LINE = re.compile(rf"(?:{KINDS}) [A-Za-z0-9+/]{{40,2000}}={{0,3}}(?: [ -~]{{1,200}})?")


def _a_key(line: str) -> str:
    if not LINE.fullmatch(line):
        raise ValueError("write a key as ssh-ed25519 AAAA…, without the server's name before it")
    return line


HostKey = Annotated[str, Field(max_length=2500), AfterValidator(_a_key)]


def _plain(folder: str) -> str:
    if not {"..", ""}.isdisjoint(folder.removeprefix("/").split("/")):
        raise ValueError("write a folder of the server, with / between its parts and no ..")
    return folder


RemoteFolder = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_plain)]


class SftpPlace(BaseModel):
    """An SFTP server, proven by a key that is written here before anything is sent to it.

    host_keys:  its public keys as its administrator gives them, `ssh-ed25519 AAAA…`; another is refused.
    """

    model_config = ConfigDict(
        defer_build=True, extra="forbid", frozen=True, hide_input_in_errors=True, arbitrary_types_allowed=True
    )

    host: str = Field(pattern=r"^[A-Za-z0-9.:-]{1,255}$", description="Its name or address.")
    port: int = Field(default=22, ge=1, le=65_535)
    user: str = Field(pattern=r"^[A-Za-z0-9._@\\-]{1,100}$", description="The account there.")
    folder: RemoteFolder = Field(description="There; without a leading / it is below the account's own.")
    host_keys: list[HostKey] = Field(
        default_factory=list, max_length=8, description="The server's public keys, each on a line. E391."
    )
    host_key_file: str | None = Field(
        default=None, min_length=1, max_length=500, description="Or a file of the site with such lines. E391."
    )
    client_key: Secret | None = Field(
        default=None, description="Our private key (OpenSSH form, no passphrase). E392."
    )
    password: Secret | None = Field(default=None, description="Or a password.")
    connect_seconds: int = Field(default=20, ge=1, le=600, description="Reaching it and signing in.")
    timeout_seconds: int = Field(default=60, ge=1, le=3600, description="The longest silence of the server.")
    retry_budget: int = Field(default=8, ge=0, le=100, description="Requests repeated in one run.")

    @model_validator(mode="after")
    def _proven_both_ways(self) -> Self:
        if bool(self.host_keys) == (self.host_key_file is not None):
            raise ValueError("write host_keys or host_key_file: without the server's key nothing is sent")
        if (self.client_key is None) == (self.password is None):
            raise ValueError("write client_key or password, one of the two")
        return self


P = TypeVar("P", bound=SftpPlace)


def key_file_problems(folder: Path, said: SftpPlace, place: Place, *below: str) -> Iterator[Problem]:
    """Yield what no setting by itself shows: the file of the server's key is not there."""
    if said.host_key_file is not None and (why := misplaced(folder, said.host_key_file)):
        keys = [*below, "host_key_file"]
        yield place.problem(f"{'.'.join(keys)}: {why}", *keys)


def settled_place(folder: Path, said: P) -> P:
    """Return the server's settings with every path whole."""
    file = (folder / said.host_key_file).as_posix() if said.host_key_file else None
    return within(folder, said).model_copy(update={"host_key_file": file})
