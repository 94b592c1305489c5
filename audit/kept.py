"""The files of the log: the leaves, the latest checkpoint, and a copy of every checkpoint."""

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import rfc8785

from audit.checkpoint import Checkpoint, open_checkpoint
from audit.errors import DisclosureLogBroken
from sealing.signing import Verifier

LEAVES = "leaves.jsonl"
CHECKPOINT = "checkpoint"
CHECKPOINTS = "checkpoints.jsonl"
PEOPLE = "people"
ASSESSMENTS = "assessments"
SIGNATURES = "signatures"
NOTHING_MORE = "Nothing more is sent while this is so."


def broken(where: str) -> DisclosureLogBroken:
    """Return the error for a log that does not verify at this place."""
    return DisclosureLogBroken(where, sent=NOTHING_MORE)


def read_lines(path: Path) -> tuple[list[bytes], bytes]:
    """Return the whole lines of the file, and the torn rest after the last line break."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return [], b""
    *lines, rest = content.split(b"\n")
    return lines, rest


def people_file(folder: Path, flow: str, sequence: int) -> Path:
    """Return where the leaves of the people stand that a batch tells of."""
    return folder / PEOPLE / flow / f"{sequence:08d}.jsonl"


def assessment_file(folder: Path, digest: str) -> Path:
    """Return where the assessment of this digest is kept, as canonical JSON."""
    return folder / ASSESSMENTS / f"{digest}.json"


def signatures_of(folder: Path, digest: str) -> Path:
    """Return the folder of what was signed under the assessment of this digest, which its digest leaves out.

    Each list of signatures with which it ever ran is a file, named by its own SHA-256 digest.
    """
    return folder / SIGNATURES / digest


def signatures_list(signatures: list[Any]) -> tuple[str, bytes]:
    """Return the digest that names a list of signatures, and the list as it is kept (RFC 8785)."""
    content = rfc8785.dumps(signatures)
    return hashlib.sha256(content).hexdigest(), content


def append_durably(path: Path, content: bytes) -> None:
    """Add the bytes at the end of the file and make them durable."""
    with path.open("ab") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def cut_durably(path: Path, size: int) -> None:
    """Cut the file to its first `size` bytes and make that durable."""
    with path.open("r+b") as file:
        file.truncate(size)
        file.flush()
        os.fsync(file.fileno())


def kept_line(note: bytes) -> bytes:
    """Return the line that keeps a copy of a signed checkpoint."""
    return rfc8785.dumps({"note": note.decode()}) + b"\n"


def read_kept(line: bytes, origin: str, verifier: Verifier) -> tuple[Checkpoint, bytes] | None:
    """Return the checkpoint on the line and its note, or None where our key did not sign it."""
    try:
        note = json.loads(line)["note"].encode()
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    checkpoint = open_checkpoint(note, origin, verifier) if kept_line(note) == line + b"\n" else None
    return (checkpoint, note) if checkpoint is not None else None
