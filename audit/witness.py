"""Witnesses: somebody else signs that the log they saw only grew, so that it cannot tell two stories.

A request and a cosignature have the public forms: other tools can read them, and other witnesses serve.
Source:  C2SP tlog-witness (the body of add-checkpoint) and tlog-cosignature (cosignature/v1, Ed25519).
"""

import base64
import hashlib
import re
import struct
from dataclasses import dataclass

from audit.checkpoint import ORIGIN, Checkpoint, open_checkpoint
from audit.reading import Reading
from audit.tree import is_consistent
from sealing.manifest import from_base64
from sealing.notes import DASH
from sealing.signing import Purpose, Signer, Verifier

COSIGNATURE = b"\x04"
LARGEST_STEPS = 63
NAME = re.compile(r"[a-z0-9][a-z0-9./_-]{2,99}")


@dataclass(frozen=True)
class Request:
    """What a log asks of a witness: a checkpoint, and the proof that it grew from one of an older size."""

    old: int
    steps: tuple[bytes, ...]
    note: bytes
    checkpoint: Checkpoint


def request(reading: Reading, old: int) -> bytes:
    """Return the request: `old SIZE`, the proof line by line, an empty line, the signed checkpoint."""
    steps = "".join(f"{base64.b64encode(step).decode()}\n" for step in reading.growth(old))
    return f"old {old}\n{steps}\n{reading.note}".encode()


def read_request(content: bytes, log: Verifier, origin: str = ORIGIN) -> Request | None:
    """Return the request, or None where it is none, or where the log's key did not sign its checkpoint."""
    head, gap, note = content.partition(b"\n\n")
    first, *lines = head.decode("ascii", "replace").split("\n")
    old = re.fullmatch(r"old (0|[1-9]\d{0,15})", first)
    steps = [from_base64(line) for line in lines]
    checkpoint = open_checkpoint(note, origin, log)
    whole = [step for step in steps if step is not None and len(step) == 32]
    if not gap or old is None or checkpoint is None or len(whole) != len(lines) or len(lines) > LARGEST_STEPS:
        return None
    return Request(int(old[1]), tuple(whole), note, checkpoint)


def objection(asked: Request, seen: Checkpoint | None) -> str | None:
    """Return why a witness may not cosign, or None. Given: the last checkpoint it cosigned of this log."""
    new, old = asked.checkpoint, seen.size if seen else 0
    if asked.old != old:
        return f"the proof begins at {asked.old} leaves; this witness last signed {old}"
    if new.size < old:
        return f"the log had {old} leaves and now has {new.size}: some are gone"
    if seen is None or old == 0:
        return "a proof from nothing has no steps" if asked.steps else None
    if not is_consistent(old, new.size, asked.steps, seen.root, new.root):
        return "the log did not only grow: it is not the one this witness signed"
    return None


def cosign(asked: Request, name: str, signer: Signer, time: int) -> bytes:
    """Return the checkpoint with the witness's signature line under it. `time` in seconds since 1970."""
    text = asked.note.rpartition(b"\n\n")[0] + b"\n"
    signature = signer.sign(Purpose.NOTE, _cosigned(text, time))
    line = _key_id(name, signer.verifier) + struct.pack(">Q", time) + signature
    return asked.note + f"{DASH}{name} {base64.b64encode(line).decode()}\n".encode()


def cosigned_at(note: bytes, name: str, witness: Verifier) -> int | None:
    """Return when the witness cosigned the checkpoint, in seconds since 1970; None if it did not."""
    text, _, lines = note.decode("utf-8", "replace").rpartition("\n\n")
    for line in lines.removesuffix("\n").split("\n"):
        signer, _, encoded = line.removeprefix(DASH).rpartition(" ")
        blob = from_base64(encoded) or b""
        if signer == name and len(blob) == 76 and blob[:4] == _key_id(name, witness):
            (time,) = struct.unpack(">Q", blob[4:12])
            message = _cosigned(f"{text}\n".encode(), time)
            return int(time) if witness.accepts(Purpose.NOTE, message, blob[12:]) else None
    return None


def witness_key(name: str, verifier: Verifier) -> str:
    """Return the witness's public key as public tools read it: name+hash+base64."""
    material = base64.b64encode(COSIGNATURE + verifier.public).decode()
    return f"{name}+{_key_id(name, verifier).hex()}+{material}"


def read_witness_key(text: str) -> tuple[str, Verifier] | None:
    """Return name and key in name+hash+base64, or None if they do not agree."""
    name, _, rest = text.strip().partition("+")
    key_id, _, encoded = rest.partition("+")
    material = from_base64(encoded) or b""
    if len(material) != 33 or material[:1] != COSIGNATURE or not NAME.fullmatch(name):
        return None
    verifier = Verifier(material[1:])
    return (name, verifier) if _key_id(name, verifier).hex() == key_id else None


def _cosigned(text: bytes, time: int) -> bytes:
    return f"cosignature/v1\ntime {time}\n".encode() + text


def _key_id(name: str, verifier: Verifier) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + COSIGNATURE + verifier.public).digest()[:4]
