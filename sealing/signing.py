"""Ed25519 signatures, each made for one purpose, so that no signature can stand for another."""

import base64
from enum import StrEnum

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from sealing.errors import KeyUnusable, SignatureRefused

SEED_BYTES = 32


class Purpose(StrEnum):
    """What a signature is for: the words put before the text that is signed.

    A note (the checkpoint of the disclosure log) is signed as it stands, because its format says so;
    its first line is the name of the log, which keeps it apart from the others.
    """

    MANIFEST = "viaduct manifest v1\n"
    RECEIPT = "viaduct receipt v1\n"
    CERTIFICATE = "viaduct certificate v1\n"
    ASSESSMENT = "viaduct assessment v1\n"
    ATTESTATION = "viaduct attestation v1\n"
    APPROVAL = "viaduct approval v1\n"
    FEED = "viaduct feed v1\n"
    NOTE = ""


class Verifier:
    """A public key we trust for a role."""

    def __init__(self, public: bytes) -> None:
        if len(public) != SEED_BYTES:
            raise KeyUnusable("A public signature key must be 32 bytes.")
        self.public = public
        self._key = Ed25519PublicKey.from_public_bytes(public)

    @property
    def text(self) -> str:
        """Return the key as its file has it."""
        return base64.b64encode(self.public).decode("ascii")

    def accepts(self, purpose: Purpose, text: bytes, signature: bytes) -> bool:
        """Return whether the key made this signature, over this text, for this purpose."""
        try:
            self._key.verify(signature, purpose.value.encode() + text)
        except InvalidSignature:
            return False
        return True

    def verify(self, purpose: Purpose, text: bytes, signature: bytes, where: str = "") -> None:
        """Return nothing if the signature holds. Errors: SignatureRefused."""
        if not self.accepts(purpose, text, signature):
            raise SignatureRefused(where)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Verifier) and other.public == self.public

    def __hash__(self) -> int:
        return hash(self.public)

    def __repr__(self) -> str:
        return f"Verifier({self.public.hex()})"


class Signer:
    """A private signature key; it signs and never shows itself."""

    def __init__(self, seed: bytes) -> None:
        if len(seed) != SEED_BYTES:
            raise KeyUnusable("A private signature key must be 32 bytes.")
        self._key = Ed25519PrivateKey.from_private_bytes(seed)

    @property
    def verifier(self) -> Verifier:
        """The public half."""
        return Verifier(self._key.public_key().public_bytes_raw())

    def sign(self, purpose: Purpose, text: bytes) -> bytes:
        """Return the 64 bytes of the signature."""
        return self._key.sign(purpose.value.encode() + text)

    def __repr__(self) -> str:
        return f"Signer(public={self.verifier.public.hex()})"

    def __reduce__(self) -> str:
        raise TypeError("A private key is not copied or written down.")
