"""The keys of before, kept aside when one was changed: what was signed or sealed under them still counts."""

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sealing.envelope import Identity
from sealing.keys import facts_of, load_identity, load_verifier
from sealing.signing import Verifier
from sealing.trust import RETIRED


@dataclass(frozen=True)
class Earlier:
    """A key of before, and the day on which the next one took its place."""

    verifier: Verifier
    until: date


def earlier_verifiers(role: str, public: Path) -> tuple[Earlier, ...]:
    """Return the keys of a signature role that were changed, oldest first. Errors: KeyUnusable."""
    folders = [path.parent for path in _kept(public, f"{role}.pub")]
    made = [facts_of(role, folder, folder).created_on for folder in folders]
    until = [*made[1:], facts_of(role, public, public).created_on] if folders else []
    kept = [load_verifier(role, folder) for folder in folders]
    return tuple(Earlier(verifier, day) for verifier, day in zip(kept, until, strict=True))


def load_verifiers(role: str, public: Path) -> tuple[Verifier, ...]:
    """Return what verifies what was signed for the role at any time: the key in force, and those before it.

    For what is known to be of its time: a manifest that the log names. Errors: KeyUnusable.
    """
    earlier = earlier_verifiers(role, public)
    return (load_verifier(role, public), *(one.verifier for one in earlier))


def load_identities(private: Path) -> tuple[Identity, ...]:
    """Return what opens the council's envelopes, the key in force first. Errors: KeyUnusable, KeyExposed."""
    folders = [path.parent for path in _kept(private, "council.key")]
    return (load_identity(private), *map(load_identity, folders))


def identity_of(recipient: str, identities: tuple[Identity, ...]) -> Identity | None:
    """Return the one to whom a batch was sealed; None if it is none of them."""
    return next((one for one in identities if one.recipient == recipient), None)


def _kept(folder: Path, name: str) -> list[Path]:
    found = [
        path for path in (folder / RETIRED).glob(f"v*/{name}") if re.fullmatch(r"v\d+", path.parent.name)
    ]
    return sorted(found, key=lambda path: int(path.parent.name[1:]))
