"""The list of keys: age, last use, rights, what was changed and what was revoked; never a private part."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from commands import say
from config.places import KeyFolders
from sealing.keys import KeyFacts, list_keys
from sealing.revoked import is_revoked, read_revoked
from sealing.rights import is_exposed
from sealing.rotation import is_changed
from sealing.trust import RETIRED


@dataclass(frozen=True)
class KeyLine:
    """One key as it is listed."""

    key: KeyFacts
    used_on: date | None
    old: bool
    exposed: bool
    revoked: bool

    def to_json(self) -> dict[str, Any]:
        """Return what `keys list --json` prints of it."""
        return {
            "role": self.key.role,
            "form": str(self.key.form),
            "version": self.key.version,
            "created_on": self.key.created_on.isoformat(),
            "age_days": self.key.age_days(),
            "last_used_on": self.used_on.isoformat() if self.used_on else None,
            "public": self.key.public,
            "has_private": self.key.has_private,
            "old": self.old,
            "exposed": self.exposed,
            "revoked": self.revoked,
        }


def key_lines(folders: KeyFolders, used: dict[str, date]) -> list[KeyLine]:
    """Return every key of the site, by role. Errors: KeyUnusable."""
    return [
        KeyLine(
            key,
            used.get(key.role),
            is_changed(key.role) and key.age_days() >= folders.warn_after_days,
            is_exposed(folders.private / f"{key.role}.key"),
            key.public is not None and is_revoked(key.role, key.public, folders.public),
        )
        for key in list_keys(folders.private, folders.public)
    ]


def exposed_parts(private: Path) -> list[Path]:
    """Return the private parts kept aside that others on this machine may read or replace."""
    return [path for path in sorted((private / RETIRED).rglob("*.key")) if is_exposed(path)]


def show(lines: list[KeyLine], folders: KeyFolders) -> None:
    """Write the table, and in words what asks for somebody."""
    say.table(
        "Keys",
        ("role", "form", "version", "days old", "last used", "private part", "public part"),
        (_row(line) for line in lines),
    )
    for line in lines:
        for text in _wants(line, folders):
            say.words(text)
    for path in exposed_parts(folders.private):
        say.words(
            f"Role {path.stem}, {path.parent.name}: others may read its private part, or replace it (E406)"
        )
    for key in read_revoked(folders.public):
        say.words(f"Revoked on {key.on}: role {key.role}, version {key.version}.")


def _row(line: KeyLine) -> tuple[str | int | None, ...]:
    key, used = line.key, line.used_on.isoformat() if line.used_on else "not known here"
    where = "here" if key.has_private else "elsewhere"
    return key.role, str(key.form), key.version, key.age_days(), used, where, key.public


def _wants(line: KeyLine, folders: KeyFolders) -> list[str]:
    role, said = line.key.role, []
    if line.old:
        age = f"{line.key.age_days():,} days old, and the site says {folders.warn_after_days:,}"
        said.append(f"Role {role}: {age}. See docs/how_to/rotate_batch_keys.md")
    if line.exposed:
        where = "python run_sync.py doctor"
        said.append(
            f"Role {role}: others may read its private part, or replace it (E406). What opens it: {where}"
        )
    if line.revoked:
        said.append(f"Role {role}: the key in force was revoked and is refused (E411).")
    return said
