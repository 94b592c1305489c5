"""Checkpoints: the size and root of the log, signed, in the form that public transparency logs use.

Source:  C2SP signed-note and tlog-checkpoint; Ed25519 (signature type 0x01).
"""

import base64
import hashlib
import re
from dataclasses import dataclass

from sealing.manifest import from_base64
from sealing.signing import Purpose, Signer, Verifier

ORIGIN = "viaduct/disclosure-log"
ED25519 = b"\x01"
DASH = "\N{EM DASH} "
LARGEST_NOTE_BYTES = 1_000_000


@dataclass(frozen=True)
class Checkpoint:
    """How large the log is, and the root over all its leaves."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """Return the text that is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def verifier_key(origin: str, verifier: Verifier) -> str:
    """Return the public key as public tools read it: name+hash+base64."""
    material = base64.b64encode(ED25519 + verifier.public).decode()
    return f"{origin}+{_key_id(origin, verifier).hex()}+{material}"


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


def sign_note(text: str, name: str, signer: Signer) -> bytes:
    """Return the text with one signature line under it."""
    signature = _key_id(name, signer.verifier) + signer.sign(Purpose.NOTE, text.encode())
    return f"{text}\n{DASH}{name} {base64.b64encode(signature).decode()}\n".encode()


def open_note(note: bytes, name: str, verifier: Verifier) -> str | None:
    """Return the text if the key signed it under this name, else None; other signatures are passed over."""
    text, lines = _split(note)
    key_id = _key_id(name, verifier)
    for line in lines:
        signer, _, encoded = line.removeprefix(DASH).rpartition(" ")
        signature = from_base64(encoded) or b""
        if not line.startswith(DASH) or len(signature) < 5:
            return None
        if signer == name and signature[:4] == key_id:
            return text if verifier.accepts(Purpose.NOTE, text.encode(), signature[4:]) else None
    return None


def sign_checkpoint(checkpoint: Checkpoint, signer: Signer) -> bytes:
    """Return the checkpoint as a signed note."""
    return sign_note(checkpoint.text(), checkpoint.origin, signer)


def open_checkpoint(note: bytes, origin: str, verifier: Verifier) -> Checkpoint | None:
    """Return the checkpoint if the key signed it for this log, else None."""
    text = open_note(note, origin, verifier)
    found = re.fullmatch(r"(.+)\n(0|[1-9]\d{0,15})\n(\S+)\n", text or "")
    root = from_base64(found[3]) if found else None
    if found is None or found[1] != origin or root is None or len(root) != 32:
        return None
    return Checkpoint(origin, int(found[2]), root)


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
