"""Proofs that somebody hands in, checked by the very file that auditors are given."""

import binascii
from pathlib import Path

from audit import standalone_proof
from audit.errors import ProofRefused
from sealing.signing import Verifier

UNREADABLE = (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError, binascii.Error)


def shown_by(path: Path, verifier: Verifier, kept: list[Path]) -> list[str]:
    """Return what the proof shows, in words. Errors: ProofRefused, with what of it is wrong."""
    try:
        text = path.read_bytes().decode()
        return standalone_proof.check_proof(text, verifier.public, kept, path.name)
    except standalone_proof.Wrong as error:
        wrong = str(error)
    except UNREADABLE as error:
        wrong = f"{path.name}: it cannot be read as a proof ({type(error).__name__})"
    raise ProofRefused(f"{wrong}.")
