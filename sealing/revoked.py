"""Keys that were revoked: written down beside the public keys, one line each, and never taken back.

A revoked key is believed, sealed to and opened with by nobody from that moment on. What the disclosure log
names as sent in its time stays provable: history is read with `earlier.load_verifiers`, which asks nobody.
"""

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from common.files import write_atomic
from sealing.errors import KeyRevoked, KeyUnusable
from sealing.rights import refuse_replaceable

NOTE = "revoked.txt"
LARGEST_BYTES = 100_000
LINE = re.compile(
    r"# viaduct revoked key, role ([A-Za-z0-9_.-]+), version (\d+), "
    r"revoked (\d{4}-\d\d-\d\d): ([A-Za-z0-9+/=]+)"
)


@dataclass(frozen=True)
class Revoked:
    """One key that was revoked: whose, which, since when, and its public part."""

    role: str
    version: int
    on: date
    public: str

    def __str__(self) -> str:
        """Return the line of the note."""
        said = f"role {self.role}, version {self.version}, revoked {self.on}"
        return f"# viaduct revoked key, {said}: {self.public}"


def read_revoked(public: Path) -> tuple[Revoked, ...]:
    """Return what was revoked, of a folder of public keys.

    Errors: KeyUnusable for a line that is none: a note that cannot be read whole might leave one out.
            KeyReplaceable where others might take a line out.
    """
    refuse_replaceable(public / NOTE)
    try:
        content = (public / NOTE).read_bytes()[: LARGEST_BYTES + 1]
    except FileNotFoundError:
        return ()
    except OSError:
        content = b"?"
    lines = content.decode("ascii", "replace").splitlines()
    found = [LINE.fullmatch(line) for line in lines]
    if not (all(found) and content.endswith(b"\n")) or len(content) > LARGEST_BYTES:
        raise KeyUnusable(f"{NOTE} beside the public keys is damaged.", remedy="Put it back from its copy.")
    return tuple(Revoked(one[1], int(one[2]), date.fromisoformat(one[3]), one[4]) for one in found if one)


def is_revoked(role: str, key: str, public: Path) -> bool:
    """Return whether the key, by its public part, was revoked for the role. Errors: KeyUnusable."""
    return any((one.role, one.public) == (role, key) for one in read_revoked(public))


def refuse_revoked(role: str, key: str, public: Path) -> None:
    """Errors: KeyRevoked, KeyUnusable."""
    if is_revoked(role, key, public):
        raise KeyRevoked(f"Role {role}.")


def note_revoked(key: Revoked, public: Path) -> None:
    """Write down one more; what is there already is not written twice. Errors: KeyUnusable, OSError."""
    known = read_revoked(public)
    if any((one.role, one.public) == (key.role, key.public) for one in known):
        return
    text = "".join(f"{one}\n" for one in (*known, key))
    write_atomic(public / NOTE, text.encode("ascii"), private=False)
