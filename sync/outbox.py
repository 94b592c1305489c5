"""The outbox: sealed batches and the memory that comes true once they are received.

One folder per batch, `FLOW/NNNNNNNN-RUNID/`, made whole under a name that starts with a dot and then
renamed. Its files say how far it has come: sealed, logged, delivered, receipted, remembered.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from common import clock
from common.files import fsync_file, fsync_folder, private_folder, write_atomic
from sync.errors import StateLost, StateUnreadable

GIVEN_UP = "given_up"
"""Marks a delivered batch that is lost for good, as somebody said: no state of its way."""
STATES = ("sealed", "logged", "delivered", "receipted", "remembered", "refused")


@dataclass(frozen=True)
class Chain:
    """Where a flow's numbers stand: the last sequence used, the digest of its manifest and of the memory.

    terms_sha256: the digest of the terms of retention that were sent last.
    pseudonym_version: of the key under which the recipient has the flow's rows.
    sent_on: the day on which the last batch that was loaded was sealed.
    day: what has left on that day without a name, as the tripwires count it: its date `on`, `rows`, `people`.
    """

    sequence: int = 0
    manifest_sha256: str | None = None
    memory_sha256: str | None = None
    terms_sha256: str | None = None
    pseudonym_version: int = 1
    sent_on: str | None = None
    day: Mapping[str, Any] | None = None


class Outbox:
    """The batches of one flow that are not remembered yet, and the flow's chain."""

    def __init__(self, state: Path, flow: str) -> None:
        self.flow = flow
        self.folder = private_folder(state / "outbox" / flow)
        self.memory_path = private_folder(state / "memory") / f"{flow}.parquet"
        self.treatments_path = private_folder(state / "treatments") / f"{flow}.json"
        self._chain_path = private_folder(state / "chain") / f"{flow}.json"

    def chain(self) -> Chain:
        """Return the flow's chain. Errors: StateUnreadable, also if it is lost beside a memory."""
        if not self._chain_path.exists() and not self.memory_path.exists():
            return Chain()
        said = read_json(self._chain_path)
        match said:
            case {
                "sequence": int(number),
                "manifest_sha256": str() | None as manifest,
                "memory_sha256": str() | None as memory,
            } if _is_day(said.get("day")):
                version = int(said.get("pseudonym_version", 1))
                terms, sent_on = said.get("terms_sha256"), said.get("sent_on")
                return Chain(number, manifest, memory, terms, version, sent_on, said.get("day"))
        raise StateUnreadable(f"state/chain/{self._chain_path.name}")

    def advance(self, chain: Chain) -> None:
        """Write down the last number used, and the digest of the memory that goes with it."""
        said = {
            "sequence": chain.sequence,
            "manifest_sha256": chain.manifest_sha256,
            "memory_sha256": _sha256(self.memory_path),
            "terms_sha256": chain.terms_sha256,
            "pseudonym_version": chain.pseudonym_version,
            "sent_on": chain.sent_on,
            "day": chain.day,
        }
        write_atomic(self._chain_path, as_json(said))

    def require_whole(self, logged: int) -> None:
        """See that chain, memory and treatments belong together, and to the disclosure log.

        Given:  the number of the flow's last batch in the log; no batch of the flow is on its way.
        Errors: StateLost, StateUnreadable.
        """
        chain = self.chain()
        if chain.memory_sha256 != _sha256(self.memory_path):
            how = "another than" if self.memory_path.exists() else "not there, unlike"
            where = f"state/memory/{self.memory_path.name}"
            raise StateLost(f"{where} is {how} what batch {chain.sequence} left.")
        if chain.memory_sha256 is not None and not self.treatments_path.exists():
            raise StateLost(f"state/treatments/{self.treatments_path.name} is lost.")
        if chain.sequence != logged:
            where = f"state/chain/{self._chain_path.name} knows batch {chain.sequence}, the disclosure log"
            raise StateLost(f"{where} {logged}: one of them is older than the other.")

    def waiting(self) -> list["Batch"]:
        """Return the batches that are sealed but not remembered, oldest first."""
        return [Batch(path) for path in sorted(self.folder.iterdir()) if not path.name.startswith(".")]

    def clear_unfinished(self) -> None:
        """Remove what a killed run left half sealed; nothing of it was logged or sent."""
        for path in self.folder.glob(".*"):
            shutil.rmtree(path)

    def draft(self, sequence: int, run_id: str) -> "Draft":
        """Return a new batch to fill."""
        return Draft(self.folder, f"{sequence:08d}-{run_id}")


class Draft:
    """A batch being sealed; it does not exist until `publish`."""

    def __init__(self, folder: Path, name: str) -> None:
        self.final = folder / name
        self.folder = private_folder(folder / f".{name}")
        self.bodies = private_folder(self.folder / "bodies")
        self.memory = self.folder / "memory.parquet"
        self.bytes = 0
        self._numbers: dict[str, int] = {}

    def add(self, entity: str, sealed: bytes) -> str:
        """Keep one sealed file and return its name."""
        number = self._numbers[entity] = self._numbers.get(entity, 0) + 1
        name = f"{entity}-{number:04d}.parquet.age"
        path = self.bodies / name
        with path.open("wb") as file:
            file.write(sealed)
            file.flush()
            os.fsync(file.fileno())
        self.bytes += len(sealed)
        return name

    def keep_people(self, leaves: bytes) -> None:
        """Keep the leaves of the people the batch tells of, for the log."""
        write_atomic(self.folder / "people.jsonl", leaves)

    def publish(self, manifest: bytes, signature: bytes, note: dict[str, Any]) -> "Batch":
        """Make the batch exist: everything durable, then one rename."""
        write_atomic(self.folder / "manifest.json", manifest)
        write_atomic(self.folder / "manifest.json.sig", signature)
        write_atomic(self.folder / "batch.json", as_json(note))
        fsync_file(self.memory)
        fsync_folder(self.bodies)
        fsync_folder(self.folder)
        os.replace(self.folder, self.final)
        fsync_folder(self.final.parent)
        return Batch(self.final)

    def discard(self) -> None:
        """Drop the draft; nothing was logged or sent."""
        shutil.rmtree(self.folder, ignore_errors=True)


class Batch:
    """One sealed batch on its way."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.name = folder.name
        self.flow = folder.parent.name
        self.id = f"{self.flow}/{self.name}"
        number, _, self.run_id = folder.name.partition("-")
        self.sequence = int(number)

    @property
    def note(self) -> dict[str, Any]:
        """Return what the sync side wrote down about the batch when it sealed it."""
        return dict(read_json(self.folder / "batch.json"))

    @property
    def manifest(self) -> bytes:
        """Return the manifest's bytes."""
        return (self.folder / "manifest.json").read_bytes()

    @property
    def takes_back_alone(self) -> bool:
        """Return whether its manifest names withdrawals and no row."""
        files = read_json(self.folder / "manifest.json")["files"]
        return all(file["operation"] == "withdraw" for file in files)

    @property
    def signature(self) -> bytes:
        """Return the manifest's signature."""
        return (self.folder / "manifest.json.sig").read_bytes()

    @property
    def people(self) -> bytes:
        """Return the leaves of the people it tells of."""
        return (self.folder / "people.jsonl").read_bytes()

    @property
    def bodies(self) -> dict[str, Path]:
        """Return the sealed files by name."""
        folder = self.folder / "bodies"
        return {path.name: path for path in sorted(folder.iterdir())} if folder.exists() else {}

    @property
    def receipt(self) -> bytes | None:
        """Return the signed receipt, once there is one."""
        path = self.folder / "receipt.json"
        return path.read_bytes() if path.exists() else None

    @property
    def memory(self) -> Path:
        """Return where the memory waits that this batch brings."""
        return self.folder / "memory.parquet"

    def has(self, state: str) -> bool:
        """Return whether the batch has come so far."""
        return (self.folder / state).exists()

    @property
    def state(self) -> str:
        """Return how far the batch has come, as its folder says."""
        return next((state for state in reversed(STATES[:4]) if self.has(state)), "sealed")

    def mark(self, state: str, at: str) -> None:
        """Write down that the batch has come so far."""
        write_atomic(self.folder / state, at.encode())

    def marked(self, state: str) -> str | None:
        """Return when that was written down; None if it was not."""
        path = self.folder / state
        return path.read_text(encoding="ascii") if path.exists() else None

    def keep_receipt(self, receipt: bytes) -> None:
        """Keep the signed receipt."""
        write_atomic(self.folder / "receipt.json", receipt)

    def remove(self) -> None:
        """Remove the batch from the outbox; the rename makes it vanish at once."""
        gone = self.folder.with_name(f".{self.name}")
        shutil.rmtree(gone, ignore_errors=True)
        os.replace(self.folder, gone)
        fsync_folder(gone.parent)
        shutil.rmtree(gone, ignore_errors=True)


def chain_after(batch: Batch) -> Chain:
    """Return the flow's chain once the batch has its receipt."""
    note = batch.note
    version, terms = note.get("pseudonym_version", 1), note.get("terms_sha256")
    chain = Chain(batch.sequence, note["manifest_sha256"], terms_sha256=terms, pseudonym_version=version)
    sent_on = note.get("sent_on", str(clock.day_of(note["created_at"])))
    return replace(chain, sent_on=sent_on, day=note.get("day"))


def _is_day(said: Any) -> bool:
    """Return whether this is what a chain may say of its day; a chain of earlier makes says nothing."""
    match said:
        case None | {"on": str(), "rows": int(), "people": int()}:
            return said is None or len(said) == 3
    return False


def _sha256(path: Path) -> str | None:
    """Return the digest of the file; None if there is none."""
    if not path.exists():
        return None
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def as_json(value: Any) -> bytes:
    """Return the value as JSON with sorted keys and a newline at the end."""
    return (json.dumps(value, sort_keys=True, indent=1) + "\n").encode()


def read_json(path: Path) -> Any:
    """Return a state file's content. Errors: StateUnreadable."""
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError):
        pass
    raise StateUnreadable(f"state/{path.parent.name}/{path.name}")
