"""Secrets by reference: a declared file says where a secret is, never what it is."""

import os
import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, WithJsonSchema

from common.errors import Answer, Failure, ViaductError
from config.vaults import from_key_vault, from_keyring

FORM = re.compile(
    r"(env):([A-Z][A-Z0-9_]{0,99})|(file):([^\s:][^\x00-\x1f]*)|(credential):([A-Za-z0-9][A-Za-z0-9_.-]*)"
    r"|(keyvault):([A-Za-z][A-Za-z0-9-]{1,22}[A-Za-z0-9]/[A-Za-z0-9-]{1,127})"
    r"|(keyring):([A-Za-z0-9][A-Za-z0-9_. -]{0,99}/[A-Za-z0-9][A-Za-z0-9_.@\\-]{0,99})"
)
LARGEST_BYTES = 10_000
WRITE = (
    "write env:NAME, file:PATH, credential:NAME, keyvault:VAULT/NAME or keyring:SERVICE/NAME; "
    "a secret itself never stands here"
)


class SecretMissing(ViaductError):
    """A secret that the site refers to is not where the reference says."""

    code = "E111"
    exit_code = 10
    title = "A secret is not where the site says."
    answer = Answer.PUT_RIGHT
    failure = Failure.CONFIG
    remedy = "Set the variable or write the file that is named here, then: python run_sync.py check"


class SecretExposed(ViaductError):
    """A file that holds a secret may be read by others on this machine."""

    code = "E112"
    exit_code = 10
    title = "A file that holds a secret may be read by others."
    answer = Answer.PUT_RIGHT
    failure = Failure.CONFIG
    remedy = "Let its owner alone read it (chmod 600 FILE), then: python run_sync.py check"


@dataclass(frozen=True)
class SecretReference:
    """Where a secret stands.

    `env:NAME`, `file:PATH` (from the site), `credential:NAME` (systemd), `keyvault:VAULT/NAME` (Azure),
    `keyring:SERVICE/NAME` (the account's own store; on Windows its Credential Manager).
    """

    kind: str
    place: str = field(repr=False)
    folder: Path = field(default=Path(), repr=False)

    def within(self, folder: Path) -> "SecretReference":
        """Return the same reference, its file looked for from this folder."""
        return replace(self, folder=folder)

    def __str__(self) -> str:
        """Return the reference as an error may name it: what stands for a file may be a pasted secret."""
        return f"{self.kind}:{self.place}" if self.kind == "env" else f"{self.kind}:…"

    def read(self) -> str:
        """Return the secret.

        Errors: SecretMissing, SecretExposed, those of a store of secrets; none of them holds the secret.
        """
        secret = self._looked_up()
        if not secret:
            raise SecretMissing(str(self))
        return secret

    def _looked_up(self) -> str:
        """Return what stands there; nothing if nothing does."""
        if self.kind == "env":
            return os.environ.get(self.place, "")
        if self.kind == "keyvault":
            return from_key_vault(self.place)
        return from_keyring(self.place) if self.kind == "keyring" else self._from_file()

    def _from_file(self) -> str:
        folder = self.folder if self.kind == "file" else Path(os.environ.get("CREDENTIALS_DIRECTORY", ""))
        path = folder / self.place
        if self.kind == "credential" and not os.environ.get("CREDENTIALS_DIRECTORY"):
            return ""
        try:
            mode, content = path.stat().st_mode, path.read_bytes()[:LARGEST_BYTES]
        except OSError:
            return ""
        if self.kind == "file" and os.name == "posix" and mode & 0o077:
            raise SecretExposed(f"{self.kind}:{self.place}")
        return content.decode("utf-8", "replace").removesuffix("\n").removesuffix("\r")


def _referred(value: Any) -> SecretReference:
    found = FORM.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError(WRITE)
    kind, place = (part for part in found.groups() if part is not None)
    return SecretReference(kind, place)


M = TypeVar("M", bound=BaseModel)


def within(folder: Path, declared: M) -> M:
    """Return the settings with the files of their secrets looked for from this folder."""
    placed = {name: one.within(folder) for name, one in declared if isinstance(one, SecretReference)}
    return declared.model_copy(update=placed)


Secret = Annotated[
    SecretReference,
    BeforeValidator(_referred),
    WithJsonSchema({"type": "string", "pattern": FORM.pattern}),
]
