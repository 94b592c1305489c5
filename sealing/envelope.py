"""Envelopes: age v1 files to one X25519 recipient, sealed and opened whole in memory.

Nothing that was opened is used before the whole file has verified: a streaming reader has already handed out
most of a damaged file when it finds the damage.
"""

import pyrage

from sealing.errors import EnvelopeDoesNotOpen, FileTooLarge, KeyUnusable, RecipientUnusable

LARGEST_PLAIN_BYTES = 64 * 1024 * 1024
_STANZA, _END_OF_HEADER = b"-> ", b"\n---"
_OURS, _GREASE = b"X25519", b"-grease"
"""A stanza names a recipient; one of grease names none and keeps readers from taking the form for granted."""


class Identity:
    """The private half of a recipient's key; it opens envelopes and never shows itself."""

    def __init__(self, secret: str) -> None:
        self._identity = _identity(secret)

    @property
    def recipient(self) -> str:
        """The public half, as age writes it (age1…)."""
        return str(self._identity.to_public())

    def open(self, sealed: bytes) -> bytes:
        """Return what is in the envelope. Errors: EnvelopeDoesNotOpen."""
        try:
            return bytes(pyrage.decrypt(sealed, [self._identity]))
        except pyrage.DecryptError:
            pass
        raise EnvelopeDoesNotOpen("An envelope: damaged, cut short, or sealed to another key.")

    def __repr__(self) -> str:
        return f"Identity(recipient={self.recipient!r})"

    def __reduce__(self) -> str:
        raise TypeError("A private key is not copied or written down.")


def new_identity() -> str:
    """Return the secret text of a new recipient key, for its key file only."""
    return str(pyrage.x25519.Identity.generate())


def seal(plain: bytes, recipient: str) -> bytes:
    """Return the bytes in an envelope that only the recipient opens.

    Given:   at most 64 MiB; the recipient as age writes it (age1…).
    Errors:  FileTooLarge, RecipientUnusable.
    """
    if len(plain) > LARGEST_PLAIN_BYTES:
        raise FileTooLarge(f"A file of {len(plain)} bytes before sealing.")
    return bytes(pyrage.encrypt(plain, [_recipient(recipient)]))


def open_sealed(sealed: bytes, identity: Identity) -> bytes:
    """Return what is in the envelope, whole and verified. Errors: EnvelopeDoesNotOpen."""
    return identity.open(sealed)


def is_to_one_only(sealed: bytes) -> bool:
    """Return whether the header of an envelope that was opened names one recipient and nobody besides.

    What seals here writes one stanza of grease, so one is let pass, after the recipient's; more are not ours.
    Whoever seals with the sender's own hands could wrap a key in that one: no reader can tell it from grease.
    """
    header = sealed.partition(_END_OF_HEADER)[0].split(b"\n")
    kinds = [line.split(b" ")[1] for line in header if line.startswith(_STANZA)]
    return kinds[:1] == [_OURS] and (not kinds[1:] or (len(kinds) == 2 and kinds[1].endswith(_GREASE)))


def _recipient(text: str) -> pyrage.x25519.Recipient:
    try:
        return pyrage.x25519.Recipient.from_str(text)
    except pyrage.RecipientError:
        pass
    raise RecipientUnusable("The recipient of a batch.")


def _identity(secret: str) -> pyrage.x25519.Identity:
    try:
        return pyrage.x25519.Identity.from_str(secret)
    except pyrage.IdentityError:
        pass
    raise KeyUnusable(
        "Role council: what opens envelopes is not an age secret key.",
        remedy="Put back the sealed copy of the council's private key, council.key.",
    )
