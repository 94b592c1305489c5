"""The work of a witness: a folder of its own, with its key, the log's key, and what it signed last."""

from dataclasses import dataclass
from pathlib import Path

from audit.checkpoint import ORIGIN, Checkpoint, open_checkpoint
from audit.errors import NotWitnessed
from audit.witness import NAME, cosign, objection, read_request, witness_key
from common import clock
from common.files import private_folder, write_atomic
from sealing import keys
from sealing.signing import Verifier
from sync.lock import one_run_at_a_time

SEEN = "seen"


@dataclass(frozen=True)
class Signed:
    """What the witness signed, and the key by which it is known."""

    size: int
    key: str


def sign_as_witness(folder: Path, name: str, content: bytes, out: Path) -> Signed:
    """Sign a checkpoint as a witness, if the log only grew since the one that was signed last.

    Given:   the witness's folder, its name, the bytes of a request; where the cosigned checkpoint is written.
             What was signed is remembered before it is handed out.
    Errors:  NotWitnessed, with why; KeyUnusable, where log.pub is missing; RunHoldsLock.
    """
    if not NAME.fullmatch(name):
        raise NotWitnessed("a witness's name has small letters, digits and . / _ - alone.")
    private_folder(folder)
    log = keys.load_verifier("log", folder)
    with one_run_at_a_time(folder / "lock"):
        if not (folder / "witness.key").exists():
            keys.create("witness", folder, folder)
        signer = keys.load_signer("witness", folder)
        asked = read_request(content, log)
        if asked is None:
            raise NotWitnessed(
                "the request is of no known form, or the log's key did not sign its checkpoint."
            )
        why_not = objection(asked, _seen(folder, log))
        if why_not is not None:
            raise NotWitnessed(f"{why_not}.")
        note = cosign(asked, name, signer, int(clock.now().timestamp()))
        write_atomic(folder / SEEN, asked.note)
        write_atomic(out, note, private=False)
    return Signed(asked.checkpoint.size, witness_key(name, signer.verifier))


def _seen(folder: Path, log: Verifier) -> Checkpoint | None:
    """Return the checkpoint that was signed last; None before the first. Errors: NotWitnessed."""
    path = folder / SEEN
    if not path.exists():
        return None
    seen = open_checkpoint(path.read_bytes(), ORIGIN, log)
    if seen is None:
        raise NotWitnessed(f"{SEEN}: what this witness signed last cannot be read.")
    return seen
