"""New versions of a key.

Of a pseudonym's the old one is kept aside for its overlap, then destroyed; of a key that signs assessments or
batches only the public part is kept, for what was signed with it before; of the council's the private part,
for what was sealed to it before.
"""

import re
import secrets
from datetime import date
from pathlib import Path

from common import clock
from common.files import fsync_folder, made_folder, private_folder, write_atomic
from sealing.errors import KeyUnusable
from sealing.keys import (
    HEADER,
    PRIVATE_AGAIN,
    SECRET_BYTES,
    Form,
    KeyFacts,
    facts_of,
    form_of,
    list_keys,
    load_identity,
    load_secret,
    renew,
)
from sealing.rights import PUBLIC_FOLDER
from sealing.trust import RETIRED, signs_assessments

SIGNED = ("signing", "receipt", "feed")
CHANGED = (*SIGNED, "council")
WHICH = "See which roles can be changed, and how: python run_sync.py keys rotate --help"


def is_changed(role: str) -> bool:
    """Return whether there is a way to give the role a new key; of others no age asks for one."""
    return role in CHANGED or signs_assessments(role) or role.startswith("pseudonym-")


def rotate(role: str, private: Path) -> int:
    """Return the number of the role's new version; the old one is kept beside it, under its own number.

    A kill between the two writes leaves the old one in force, and the next call begins again.
    Errors: KeyUnusable, KeyExposed.
    """
    if form_of(role) is not Form.SYMMETRIC:
        raise KeyUnusable(f"Role {role}: only keys of pseudonyms are given new versions.", remedy=WHICH)
    load_secret(role, private)
    path, (version, _) = private / f"{role}.key", version_of(role, private)
    write_atomic(_retired(role, version, private), path.read_bytes())
    header = f"# viaduct private key, role {role}, version {version + 1}, created {clock.today()}"
    write_atomic(path, f"{header}\n{secrets.token_hex(SECRET_BYTES)}\n".encode())
    return version + 1


def rotate_signature(role: str, private: Path, public: Path) -> KeyFacts:
    """Return the facts of a new key that signs assessments, batches or answers; its old private part is gone.

    The old public part goes to retired/ first: what was signed before is still believed under it. A kill on
    the way leaves nothing that signs, and the next call begins again. Errors: KeyUnusable.
    """
    if not signs_assessments(role) and role not in SIGNED:
        raise KeyUnusable(f"Role {role}: this way only keys that sign are changed.", remedy=WHICH)
    known = {facts.role: facts for facts in list_keys(private, public)}
    if role not in known or not known[role].has_private:
        raise KeyUnusable(
            f"Role {role}: its private part is not here.",
            remedy="Change it where its private part is kept, then put the new public part here.",
        )
    _keep_public(role, private, public)
    return renew(role, known[role].version + 1, private, public)


def rotate_recipient(private: Path, public: Path) -> KeyFacts:
    """Return the facts of a new key that batches are sealed to; the old private part is kept aside.

    What was sealed to the old one still opens. A kill on the way leaves every part that was ever in
    force, and the next call makes one version more. Errors: KeyUnusable, KeyExposed.
    """
    load_identity(private)
    version, _ = version_of("council", private)
    write_atomic(_retired("council", version, private), (private / "council.key").read_bytes())
    _keep_public("council", private, public)
    return renew("council", version + 1, private, public)


def version_of(role: str, private: Path) -> tuple[int, date]:
    """Return the number of the role's version in force, and the day it was made. Errors: KeyUnusable."""
    try:
        first = (private / f"{role}.key").read_text(encoding="ascii").splitlines()[0]
    except (OSError, UnicodeDecodeError, IndexError):
        first = ""
    said = HEADER.fullmatch(first)
    if said is None:
        raise KeyUnusable(f"Role {role}: its private file is missing or damaged.", remedy=PRIVATE_AGAIN)
    return int(said[3]), date.fromisoformat(said[4])


def load_version(role: str, version: int, private: Path) -> bytes:
    """Return the 32 bytes of one version of a symmetric role. Errors: KeyUnusable, KeyExposed."""
    if version == version_of(role, private)[0]:
        return load_secret(role, private)
    old = _retired(role, version, private)
    return load_secret(role, old.parent)


def retired_versions(role: str, private: Path) -> list[int]:
    """Return the numbers of the role's versions that are kept aside, oldest first."""
    found = (private / RETIRED).glob("v[0-9]*/" + f"{role}.key")
    numbers = [int(path.parent.name[1:]) for path in found if re.fullmatch(r"v[0-9]+", path.parent.name)]
    return sorted(number for number in numbers if number != version_of(role, private)[0])


def destroy_retired(role: str, version: int, private: Path) -> None:
    """Remove a version that was kept aside: what was named under it can be told by nobody from now on."""
    path = _retired(role, version, private)
    path.unlink(missing_ok=True)
    fsync_folder(path.parent)


def _keep_public(role: str, private: Path, public: Path) -> None:
    old, version = public / f"{role}.pub", facts_of(role, private, public).version
    if old.exists():
        aside = made_folder(made_folder(public / RETIRED, PUBLIC_FOLDER) / f"v{version}", PUBLIC_FOLDER)
        write_atomic(aside / old.name, old.read_bytes(), private=False)


def _retired(role: str, version: int, private: Path) -> Path:
    return private_folder(private_folder(private / RETIRED) / f"v{version}") / f"{role}.key"
