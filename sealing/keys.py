"""Keys in files: made once per role, private parts in a private folder, public parts beside the site.

A key file is text: one line that says what it is, one line with the key. The council's private file is at the
same time an identity file of the `age` tool.
"""

import re
import secrets
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

from common import clock
from common.files import made_folder, private_folder, write_atomic
from sealing.envelope import Identity, new_identity
from sealing.errors import KeyExists, KeyUnusable
from sealing.manifest import from_base64
from sealing.revoked import refuse_revoked
from sealing.rights import PUBLIC_FOLDER, refuse_exposed, refuse_replaceable
from sealing.signing import Signer, Verifier

SECRET_BYTES = 32
PRIVATE_AGAIN = "Put its sealed copy back. If none was ever made here: python run_sync.py keys new ROLE"
PUBLIC_AGAIN = (
    "Ask whoever holds its private part for the public file, and compare it by another way; of a role of"
    " this site's own: python run_sync.py keys new ROLE"
)
HEADER = re.compile(
    r"# viaduct (private|public) key, role ([A-Za-z0-9_.-]+), version (\d+), created (\d{4}-\d\d-\d\d)"
)


class Form(StrEnum):
    """What a key is made of."""

    SIGNATURE = "ed25519"
    RECIPIENT = "age-x25519"
    SYMMETRIC = "symmetric"


FORMS = {
    "signing": Form.SIGNATURE,
    "log": Form.SIGNATURE,
    "receipt": Form.SIGNATURE,
    "witness": Form.SIGNATURE,
    "feed": Form.SIGNATURE,
    "dpia-attestor": Form.SIGNATURE,
    "council": Form.RECIPIENT,
    "memory": Form.SYMMETRIC,
    "choices": Form.SYMMETRIC,
}
PSEUDONYM = re.compile(r"^pseudonym-[a-z][a-z0-9_]{0,62}$")
CONTROLLER = re.compile(r"^controller-[A-Za-z][A-Za-z0-9_.-]{0,63}$")
APPROVER = re.compile(r"^approver-[a-z][a-z0-9_]{0,62}$")


@dataclass(frozen=True)
class KeyFacts:
    """What may be said about a key."""

    role: str
    form: Form
    version: int
    created_on: date
    public: str | None
    has_private: bool

    def age_days(self) -> int:
        """Return the whole days since the key was made."""
        return (clock.today() - self.created_on).days


def form_of(role: str) -> Form:
    """Return what a key of the role is made of. Errors: KeyUnusable for a role we do not have."""
    if PSEUDONYM.fullmatch(role):
        return Form.SYMMETRIC
    if CONTROLLER.fullmatch(role) or APPROVER.fullmatch(role):
        return Form.SIGNATURE
    if role not in FORMS:
        known = ", ".join([*sorted(FORMS), "pseudonym-FLOW", "controller-PARTY", "approver-NAME"])
        raise KeyUnusable(
            f"There is no role of this name. Known roles: {known}.",
            remedy="Type the command with one of these.",
        )
    return FORMS[role]


def create(role: str, private: Path, public: Path) -> KeyFacts:
    """Return the facts of a new key, written into the two folders.

    A kill between the two files leaves the private one; the next call then writes the public one from it.
    Errors: KeyExists, KeyUnusable.
    """
    form = form_of(role)
    secret_path, public_path = _paths(role, private, public)
    if public_path.exists() or (secret_path.exists() and form is Form.SYMMETRIC):
        raise KeyExists(f"Role {role}.")
    if not secret_path.exists():
        content = _text("private", role, 1, clock.today(), _new_secret(form))
        write_atomic(private_folder(private) / secret_path.name, content)
    header, secret = _read(secret_path, "private", role)
    shown, version, created_on = _public_part(form, secret), int(header[3]), date.fromisoformat(header[4])
    if shown is not None:
        made_folder(public, PUBLIC_FOLDER)
        write_atomic(public_path, _text("public", role, version, created_on, shown), private=False)
    return KeyFacts(role, form, version, created_on, shown, has_private=True)


def renew(role: str, version: int, private: Path, public: Path) -> KeyFacts:
    """Return the facts of another key of a role that has a public part, in the place of the one before.

    A kill between the two files leaves parts that do not belong together, with which nobody signs.
    """
    form, today = form_of(role), clock.today()
    secret = _new_secret(form)
    shown = _public_part(form, secret) or ""
    secret_path, public_path = _paths(role, private, public)
    write_atomic(secret_path, _text("private", role, version, today, secret))
    write_atomic(public_path, _text("public", role, version, today, shown), private=False)
    return KeyFacts(role, form, version, today, shown, has_private=True)


def list_keys(private: Path, public: Path) -> list[KeyFacts]:
    """Return the facts of every key in the two folders, by role; no private part among them."""
    files = [*private.glob("*.key"), *public.glob("*.pub")]
    roles = {path.stem for path in files}
    return [facts_of(role, private, public) for role in sorted(roles)]


def facts_of(role: str, private: Path, public: Path) -> KeyFacts:
    """Return the facts of one key in the two folders. Errors: KeyUnusable."""
    secret_path, public_path = _paths(role, private, public)
    side, path = ("public", public_path) if public_path.exists() else ("private", secret_path)
    header, key = _read(path, side, role)
    shown = key if side == "public" else None
    created_on = date.fromisoformat(header[4])
    return KeyFacts(role, form_of(role), int(header[3]), created_on, shown, has_private=secret_path.exists())


def load_signer(role: str, private: Path) -> Signer:
    """Return what signs for the role. Errors: KeyUnusable, KeyExposed."""
    return Signer(_secret(role, Form.SIGNATURE, private))


def load_verifier(role: str, public: Path) -> Verifier:
    """Return what verifies the role's signatures. Errors: KeyUnusable, KeyRevoked."""
    verifier = read_verifier(role, public)
    refuse_revoked(role, verifier.text, public)
    return verifier


def read_verifier(role: str, public: Path) -> Verifier:
    """Return what verified the role's signatures, revoked since or not: for history. Errors: KeyUnusable."""
    key = from_base64(_read(public / f"{role}.pub", "public", role)[1])
    if form_of(role) is not Form.SIGNATURE or key is None:
        raise KeyUnusable(
            f"Role {role}: its public file is damaged or is not a signature key.", remedy=PUBLIC_AGAIN
        )
    return Verifier(key)


def load_pair(role: str, private: Path, public: Path) -> Signer:
    """Return what signs for the role, by the very key that others are shown. Errors: KeyUnusable, KeyExposed.

    A change of the key that was cut off leaves parts that do not belong together: nobody would believe it.
    """
    signer = load_signer(role, private)
    if signer.verifier != load_verifier(role, public):
        raise KeyUnusable(
            f"Role {role}: its two parts do not belong together.",
            remedy=f"Change it once more: python run_sync.py keys rotate {role}",
        )
    return signer


def load_identity(private: Path) -> Identity:
    """Return what opens the council's envelopes. Errors: KeyUnusable, KeyExposed."""
    path = private / "council.key"
    refuse_exposed(path)
    return Identity(_read(path, "private", "council")[1])


def load_recipient(public: Path) -> str:
    """Return to whom batches are sealed, as age writes it. Errors: KeyUnusable, KeyRevoked."""
    recipient = read_recipient(public)
    refuse_revoked("council", recipient, public)
    return recipient


def read_recipient(public: Path) -> str:
    """Return the same, revoked or not: for telling whose it is, not for sealing. Errors: KeyUnusable."""
    return _read(public / "council.pub", "public", "council")[1]


def load_secret(role: str, private: Path) -> bytes:
    """Return the 32 bytes of a symmetric role (memory, pseudonym-FLOW). Errors: KeyUnusable, KeyExposed."""
    return _secret(role, Form.SYMMETRIC, private)


def _secret(role: str, form: Form, private: Path) -> bytes:
    path = private / f"{role}.key"
    if form_of(role) is not form:
        raise KeyUnusable(f"Role {role} holds no key of the form {form.value}.")
    refuse_exposed(path)
    text = _read(path, "private", role)[1]
    if not re.fullmatch(r"[0-9a-f]{64}", text):
        raise KeyUnusable(f"Role {role}: its private file is damaged.", remedy=PRIVATE_AGAIN)
    return bytes.fromhex(text)


def _paths(role: str, private: Path, public: Path) -> tuple[Path, Path]:
    return private / f"{role}.key", public / f"{role}.pub"


def _new_secret(form: Form) -> str:
    return new_identity() if form is Form.RECIPIENT else secrets.token_hex(SECRET_BYTES)


def _public_part(form: Form, secret: str) -> str | None:
    if form is Form.RECIPIENT:
        return Identity(secret).recipient
    if form is Form.SIGNATURE:
        return Signer(bytes.fromhex(secret)).verifier.text
    return None


def _text(side: str, role: str, version: int, created_on: date, key: str) -> bytes:
    return f"# viaduct {side} key, role {role}, version {version}, created {created_on}\n{key}\n".encode()


def _read(path: Path, side: str, role: str) -> tuple[re.Match[str], str]:
    if side == "public":
        refuse_replaceable(path)
    try:
        lines = path.read_text(encoding="ascii").splitlines()
    except (OSError, UnicodeDecodeError):
        lines = []
    header = HEADER.fullmatch(lines[0]) if len(lines) == 2 else None
    if header is None or header[1] != side or header[2] != role:
        again = PRIVATE_AGAIN if side == "private" else PUBLIC_AGAIN
        raise KeyUnusable(
            f"Role {role}: {path.as_posix()} is missing, damaged or of another role.", remedy=again
        )
    return header, lines[1]
