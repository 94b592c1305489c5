"""Checkpoints: the size and root of the log, signed, in the form that public transparency logs use.

Source:  C2SP tlog-checkpoint; the note itself is that of sealing/notes.py.
"""

import base64
import re
from dataclasses import dataclass

from sealing.manifest import from_base64
from sealing.notes import open_note, sign_note
from sealing.signing import Signer, Verifier

ORIGIN = "viaduct/disclosure-log"


@dataclass(frozen=True)
class Checkpoint:
    """How large the log is, and the root over all its leaves."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """Return the text that is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


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
