"""Signed notes: a text with signature lines under it, in the form that public transparency logs use.

Source:  C2SP signed-note; Ed25519 (signature type 0x01).
"""

import base64
import hashlib
from dataclasses import dataclass, field

from sealing.manifest import from_base64
from sealing.signing import Purpose, Signer, Verifier

ED25519 = b"\x01"
DASH = "\N{EM DASH} "
LARGEST_NOTE_BYTES = 1_000_000


@dataclass(frozen=True)
class SignatureLine:
    """One line under a note: who signed by name, with which key, and the 64 bytes."""

    name: str
    key_id: bytes
    signature: bytes = field(repr=False)

    def is_of(self, verifier: Verifier) -> bool:
        """Return whether the line names this key."""
        return self.key_id == _key_id(self.name, verifier)

    def holds(self, purpose: Purpose, text: str, verifier: Verifier) -> bool:
        """Return whether the key made the line, over this text, for this purpose."""
        return self.is_of(verifier) and verifier.accepts(purpose, text.encode(), self.signature)


def verifier_key(name: str, verifier: Verifier) -> str:
    """Return the public key as public tools read it: name+hash+base64."""
    material = base64.b64encode(ED25519 + verifier.public).decode()
    return f"{name}+{_key_id(name, verifier).hex()}+{material}"


def read_verifier_key(text: str) -> tuple[str, Verifier]:
    """Return the name and the key in name+hash+base64. Errors: ValueError if they do not agree."""
    name, _, rest = text.partition("+")
    key_id, _, encoded = rest.partition("+")
    material = from_base64(encoded) or b""
    if len(material) != 33 or material[:1] != ED25519:
        raise ValueError("not an Ed25519 verifier key")
    verifier = Verifier(material[1:])
    if _key_id(name, verifier).hex() != key_id:
        raise ValueError("the hash of the verifier key is not that of its name and key")
    return name, verifier


def signature_line(purpose: Purpose, text: str, name: str, signer: Signer) -> str:
    """Return the line that stands under the text (the purpose's own words before it) once it is signed."""
    signature = _key_id(name, signer.verifier) + signer.sign(purpose, text.encode())
    return f"{DASH}{name} {base64.b64encode(signature).decode()}"


def read_signature_line(line: str) -> SignatureLine | None:
    """Return the line, or None where it is none."""
    name, gap, encoded = line.removeprefix(DASH).rpartition(" ")
    signature = from_base64(encoded) or b""
    if not line.startswith(DASH) or not gap or len(signature) < 5:
        return None
    return SignatureLine(name, signature[:4], signature[4:])


def sign_note(text: str, name: str, signer: Signer) -> bytes:
    """Return the text with one signature line under it."""
    return f"{text}\n{signature_line(Purpose.NOTE, text, name, signer)}\n".encode()


def open_note(note: bytes, name: str, verifier: Verifier) -> str | None:
    """Return the text if the key signed it under this name, else None; other signatures are passed over."""
    text, lines = _split(note)
    for line in lines:
        read = read_signature_line(line)
        if read is None:
            return None
        if read.name == name and read.is_of(verifier):
            return text if read.holds(Purpose.NOTE, text, verifier) else None
    return None


def _key_id(name: str, verifier: Verifier) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + ED25519 + verifier.public).digest()[:4]


def _split(note: bytes) -> tuple[str, list[str]]:
    """Return the text (with its last newline) and the signature lines; none where it is no note."""
    try:
        content = note.decode() if len(note) <= LARGEST_NOTE_BYTES else ""
    except UnicodeDecodeError:
        content = ""
    text, gap, signatures = content.rpartition("\n\n")
    if not gap or not signatures.endswith("\n"):
        return "", []
    return text + "\n", signatures.removesuffix("\n").split("\n")
