"""The keys of before, kept aside when one was changed: what was signed or sealed under them still counts."""

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from common import clock
from sealing.envelope import Identity
from sealing.keys import facts_of, load_identity, read_recipient, read_verifier
from sealing.revoked import is_revoked, refuse_revoked
from sealing.rights import refuse_replaceable
from sealing.signing import Verifier
from sealing.trust import RETIRED


@dataclass(frozen=True)
class Earlier:
    """A key of before, and the day on which the next one took its place."""

    verifier: Verifier
    until: date

    def counts_at(self, at: str) -> bool:
        """Return whether what says that it was made at this instant is of the key's time."""
        return clock.day_of(at) <= self.until


def earlier_verifiers(role: str, public: Path) -> tuple[Earlier, ...]:
    """Return a signature role's keys that were changed, not revoked; oldest first. Errors: KeyUnusable."""
    folders = [path.parent for path in _kept(public, f"{role}.pub")]
    made = [facts_of(role, folder, folder).created_on for folder in folders]
    until = [*made[1:], facts_of(role, public, public).created_on] if folders else []
    kept = zip(_read_all(role, folders), until, strict=True)
    return tuple(Earlier(key, day) for key, day in kept if not is_revoked(role, key.text, public))


def load_verifiers(role: str, public: Path) -> tuple[Verifier, ...]:
    """Return what verifies what was signed for the role at any time: the key in force, and those before it.

    For what is known to be of its time, a manifest that the log names: a key that was revoked since verifies
    it as well. Errors: KeyUnusable.
    """
    folders = [path.parent for path in _kept(public, f"{role}.pub")]
    return (read_verifier(role, public), *_read_all(role, folders))


def verifiers_of_history(role: str, public: Path) -> tuple[Earlier, ...]:
    """Return the keys of before of a role, revoked ones among them, without a last day.

    For what its own books, or the log, already name. Errors: KeyUnusable.
    """
    return tuple(Earlier(key, date.max) for key in load_verifiers(role, public)[1:])


def recipients(public: Path) -> tuple[str, ...]:
    """Return the keys that batches were ever sealed to, the key in force first; revoked ones are among them.

    For telling whose a key is that is named somewhere: nothing is sealed by it. Errors: KeyUnusable.
    """
    folders = [path.parent for path in _kept(public, "council.pub")]
    return (read_recipient(public), *map(read_recipient, folders))


def load_identities(private: Path) -> tuple[Identity, ...]:
    """Return what opens the council's envelopes, the key in force first. Errors: KeyUnusable, KeyExposed.

    For what the log names: those that were revoked open what was sealed to them in their time.
    """
    folders = [path.parent for path in _kept(private, "council.key")]
    return (load_identity(private), *map(load_identity, folders))


def identities_in_use(private: Path, public: Path) -> tuple[Identity, ...]:
    """Return what opens batches that arrive now: no key that was revoked. Errors: KeyRevoked; as above.

    The one in force comes first, and is refused if it was revoked: without it there is nothing to load with.
    """
    current, *before = load_identities(private)
    refuse_revoked("council", current.recipient, public)
    return (current, *(one for one in before if not is_revoked("council", one.recipient, public)))


def identity_of(recipient: str, identities: tuple[Identity, ...]) -> Identity | None:
    """Return the one to whom a batch was sealed; None if it is none of them."""
    return next((one for one in identities if one.recipient == recipient), None)


def _read_all(role: str, folders: list[Path]) -> list[Verifier]:
    return [read_verifier(role, folder) for folder in folders]


def _kept(folder: Path, name: str) -> list[Path]:
    refuse_replaceable(folder / RETIRED)
    found = [
        path for path in (folder / RETIRED).glob(f"v*/{name}") if re.fullmatch(r"v\d+", path.parent.name)
    ]
    return sorted(found, key=lambda path: int(path.parent.name[1:]))
