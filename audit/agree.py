"""Whether what lies elsewhere is what the log tells of: kept checkpoints, the landing zone, assessments."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from audit.checkpoint import ORIGIN, Checkpoint, open_checkpoint
from audit.kept import ASSESSMENTS, SIGNATURES, assessment_file, broken
from audit.reading import Reading, batch_name
from audit.tree import is_consistent
from common.errors import Failure, ViaductError
from sealing.errors import ManifestUnreadable
from sealing.manifest import MANIFEST_NAME, SIGNATURE_NAME, Manifest, manifest_is_signed, read_manifest
from sealing.receipt import open_receipt
from sealing.signing import Verifier

LOGGED = ("entity", "operation", "rows", "plain_sha256")


class Landing(Protocol):
    """The landing zone, as an auditor reads it."""

    def flows(self) -> list[str]:
        """Return the flows that have been published to."""

    def batches(self, flow: str) -> list[str]:
        """Return the flow's batches."""

    def read(self, batch: str, name: str) -> bytes:
        """Return one file of a batch."""

    def receipt(self, flow: str, sequence: int) -> bytes | None:
        """Return the answer to a batch, if there is one."""


@dataclass(frozen=True)
class Agreed:
    """What was held against the log and fits. `waiting`: batches that are logged and not published yet."""

    manifests: int
    receipts: int
    waiting: int
    assessments: int
    assessments_not_kept: int

    def to_json(self) -> dict[str, int]:
        """Return it as `audit verify --json` prints it."""
        return asdict(self)


def hold_to_kept(
    reading: Reading, verifier: Verifier, note: bytes, name: str, origin: str = ORIGIN
) -> Checkpoint:
    """Return a checkpoint that somebody kept: the log begins with the leaves it signed.

    Given:  the note, and what to call it. Errors: DisclosureLogBroken, with what of it is wrong: its
            signature, a log that is shorter, or another.
    """
    kept = open_checkpoint(note, origin, verifier)
    if kept is None:
        raise broken(f"{name}: not a checkpoint that our key signed for this log.")
    now = reading.checkpoint
    if kept.size > now.size:
        raise broken(f"{name}: it signed {kept.size} leaves, and the log has {now.size}: some are gone.")
    if kept.size == 0:
        raise broken(f"{name}: it was signed before the first leaf, and says nothing of any.")
    proof = reading.growth(kept.size)
    if not is_consistent(kept.size, now.size, proof, kept.root, now.root):
        raise broken(f"{name}: the first {kept.size} leaves are not those that it signed.")
    return kept


def hold_to_landing(
    reading: Reading, landing: Landing | None, sender: Sequence[Verifier], receipts: Sequence[Verifier]
) -> Agreed:
    """Return how much of the landing zone, and of the assessments kept with the log, fits its leaves.

    Given:  of sender and recipient the key in force, and those before it: what was signed when, the log says.
    Errors: DisclosureLogBroken for a manifest or receipt that is not the one that was logged and signed, for
            one that is gone, for a batch that the log does not tell of, and for an assessment whose digest
            is not its name; those of the landing zone.
    """
    kept, lacking = _assessments(reading)
    found = _Held(reading, landing, sender, receipts) if landing is not None else None
    manifests, waiting = found.manifests() if found else (0, 0)
    return Agreed(manifests, found.receipts() if found else 0, waiting, kept, lacking)


@dataclass(frozen=True)
class _Held:
    reading: Reading
    landing: Landing
    sender: Sequence[Verifier]
    council: Sequence[Verifier]

    def manifests(self) -> tuple[int, int]:
        logged = {batch_name(leaf): leaf for _, leaf in self.reading.batches()}
        there = {batch for flow in self.landing.flows() for batch in self.landing.batches(flow)}
        for batch in sorted(there - logged.keys()):
            raise broken(f"batch {batch}: it lies in the landing zone, and the log does not tell of it.")
        answered = {(leaf["flow"], leaf["seq"]) for leaf in self.reading.leaves if "receipt_sha256" in leaf}
        for batch, leaf in logged.items():
            if batch in there:
                self._manifest(batch, leaf)
            elif (leaf["flow"], leaf["seq"]) in answered:
                raise broken(f"batch {batch}: its manifest is gone from the landing zone.")
        return len(there), len(logged) - len(there)

    def _manifest(self, batch: str, leaf: dict[str, Any]) -> None:
        content = self.landing.read(batch, MANIFEST_NAME)
        signature = self.landing.read(batch, SIGNATURE_NAME)
        signed = any(manifest_is_signed(content, signature, key) for key in self.sender)
        if not signed or hashlib.sha256(content).hexdigest() != leaf["manifest_sha256"]:
            raise broken(f"batch {batch}: its manifest is not the one that was logged and signed.")
        if not _says_the_same(_parsed(content), leaf):
            raise broken(f"batch {batch}: manifest and leaf differ in assessment, recipient or files.")

    def receipts(self) -> int:
        answers = [leaf for leaf in self.reading.leaves if "receipt_sha256" in leaf]
        for leaf in answers:
            content = self.landing.receipt(leaf["flow"], leaf["seq"]) or b""
            if hashlib.sha256(content).hexdigest() != leaf["receipt_sha256"] or not self._signed(content):
                place = f"receipts/{leaf['flow']}/{leaf['seq']:08d}.json"
                raise broken(f"{place}: not the receipt that was logged and signed.")
        return len(answers)

    def _signed(self, content: bytes) -> bool:
        return any(self._signed_by(content, key) for key in self.council)

    def _signed_by(self, content: bytes, key: Verifier) -> bool:
        try:
            open_receipt(content, key)
        except ViaductError as error:
            if error.failure is Failure.TRANSIENT:
                raise
            return False
        return True


def _parsed(content: bytes) -> Manifest | None:
    try:
        return read_manifest(content)
    except ManifestUnreadable:
        return None


def _says_the_same(manifest: Manifest | None, leaf: dict[str, Any]) -> bool:
    """Return whether manifest and leaf name one assessment, one recipient and the same files."""
    if manifest is None:
        return False
    said = manifest.model_dump(mode="json")
    files = [{name: file[name] for name in LOGGED} for file in said["files"]]
    return (said["dpia"], said["recipient"], files) == (leaf["dpia"], leaf["recipient"], leaf["files"])


def _assessments(reading: Reading) -> tuple[int, int]:
    """Return how many of the named assessments are kept with the log, and how many are not."""
    for path in sorted([*reading.folder.glob(f"{ASSESSMENTS}/*"), *reading.folder.glob(f"{SIGNATURES}/*/*")]):
        if hashlib.sha256(path.read_bytes()).hexdigest() != path.stem:
            raise broken(f"{path.relative_to(reading.folder).as_posix()}: not what had this digest.")
    named = {leaf["dpia"]["sha256"] for leaf in reading.leaves if "dpia" in leaf}
    kept = {digest for digest in named if assessment_file(reading.folder, digest).exists()}
    return len(kept), len(named - kept)
