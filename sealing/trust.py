"""Whose signature under an assessment counts: the public keys in the site's `keys/`, and no others.

An assessment cannot bring its own trust: what it says of keys may only agree with what is here.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

from sealing.keys import CONTROLLER, read_verifier
from sealing.revoked import is_revoked
from sealing.rights import refuse_replaceable
from sealing.signing import Verifier

ATTESTOR = "dpia-attestor"
"""The role that says, of a document signed elsewhere, who signed it."""
RETIRED = "retired"
PREFIX = "controller-"


def role_of(party: str) -> str:
    """Return the role of the key with which a party signs assessments."""
    return f"{PREFIX}{party}"


def party_of(role: str) -> str | None:
    """Return the party whose signature key the role is, or None."""
    return role.removeprefix(PREFIX) if CONTROLLER.fullmatch(role) else None


def signs_assessments(role: str) -> bool:
    """Return whether a key of this role stands under assessments."""
    return role == ATTESTOR or CONTROLLER.fullmatch(role) is not None


@dataclass(frozen=True)
class Trust:
    """By role, the key whose signatures count, and those of before.

    ran: the digests of the assessments that the log names: only under those, once superseded, a key of before
         counts. Nothing else tells what it signed in its time from what it is made to sign today.
    """

    current: dict[str, Verifier] = field(default_factory=dict)
    retired: dict[str, tuple[Verifier, ...]] = field(default_factory=dict)
    ran: frozenset[str] = frozenset()

    def keys_of(self, role: str, *, superseded: bool = False) -> tuple[Verifier, ...]:
        """Return the keys that count for the role, under a version in force or under a superseded one."""
        now = (self.current[role],) if role in self.current else ()
        return (*now, *self.retired.get(role, ())) if superseded else now


def read_trust(public: Path) -> Trust:
    """Return the keys that sign assessments, of a site's `keys/`. Errors: KeyUnusable for a damaged one.

    A key that was revoked counts under nothing that may still run; under a superseded version that ran, it is
    one of those of before.
    """
    refuse_replaceable(public / RETIRED)
    known = {role: read_verifier(role, public) for role in _roles(public)}
    gone = {role: key for role, key in known.items() if is_revoked(role, key.text, public)}
    current = {role: key for role, key in known.items() if role not in gone}
    retired: dict[str, tuple[Verifier, ...]] = {}
    folders = sorted(path for path in (public / RETIRED).glob("v*") if re.fullmatch(r"v\d+", path.name))
    for folder in folders:
        for role in _roles(folder):
            retired[role] = (*retired.get(role, ()), read_verifier(role, folder))
    for role, key in gone.items():
        retired[role] = (*retired.get(role, ()), key)
    return Trust(current, retired)


def _roles(folder: Path) -> list[str]:
    return sorted(path.stem for path in folder.glob("*.pub") if signs_assessments(path.stem))
