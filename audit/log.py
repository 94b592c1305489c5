"""The disclosure log: leaves are made durable, a checkpoint signs them, and only then may anything leave."""

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from audit.checkpoint import ORIGIN, Checkpoint, sign_checkpoint
from audit.errors import LeafRefused
from audit.kept import (
    CHECKPOINT,
    CHECKPOINTS,
    LEAVES,
    append_durably,
    assessment_file,
    broken,
    cut_durably,
    kept_line,
    people_file,
    read_kept,
    read_lines,
    signatures_list,
    signatures_of,
)
from audit.leaves import Leaf, leaf_from
from audit.ledger import Ledger
from audit.reading import Reading
from audit.tree import GrowingTree
from common.files import private_folder, write_atomic
from sealing.signing import Signer


class DisclosureLog:
    """The log of one site, opened for writing; one writer at a time (the run holds the lock).

    Opening it checks that the leaves are those under the last signed checkpoint, and mends what a kill left:
    lines that no checkpoint covers were never signed and so never published, and are cut off.
    Given:  `reading` spares a second reading, for who holds the lock and has read the log already.
    Errors: DisclosureLogBroken.
    """

    def __init__(
        self, folder: Path, signer: Signer, origin: str = ORIGIN, reading: Reading | None = None
    ) -> None:
        self._folder = folder
        self._reading = reading
        self._signer = signer
        self._origin = origin
        self._tree = GrowingTree()
        self._ledger = Ledger()
        if not any((folder / name).exists() for name in (LEAVES, CHECKPOINT, CHECKPOINTS)):
            self._begin()
        self._checkpoint = self._last_signed()
        self.lines_cut = self._replay()

    @property
    def checkpoint(self) -> Checkpoint:
        """The latest signed checkpoint."""
        return self._checkpoint

    @property
    def last_assessment(self) -> str | None:
        """The digest of the assessment of the latest run; a batch sealed before it may be logged after it."""
        return self._ledger.assessment

    @property
    def assessments(self) -> frozenset[str]:
        """The digests of every assessment that a leaf names."""
        return frozenset(self._ledger.assessments)

    def last_sequence(self, flow: str) -> int:
        """Return the number of the flow's last logged batch, 0 before the first."""
        return self._ledger.last_seq.get(flow, 0)

    def count(self, kind: str) -> int:
        """Return how many leaves of the kind there are."""
        return self._ledger.kinds[kind]

    def manifest_of(self, flow: str, sequence: int) -> str | None:
        """Return the digest of the manifest that was logged under this number, if one was."""
        return self._ledger.manifests.get((flow, sequence))

    def holds(self, identity: str) -> bool:
        """Return whether a set of leaves of this identity is in the log."""
        return identity in self._ledger.identities

    def keep_people(self, flow: str, sequence: int, leaves: bytes) -> None:
        """Keep the leaves of the people that a batch tells of; the batch's own leaf then commits to them."""
        path = people_file(self._folder, flow, sequence)
        private_folder(path.parent)
        write_atomic(path, leaves)

    def keep_assessment(self, digest: str, content: Callable[[], bytes]) -> bool:
        """Keep the assessment that leaves name by this digest; return False if its content has another.

        Given: the digest, and what returns the assessment as canonical JSON, asked once per assessment.
        """
        path = assessment_file(self._folder, digest)
        if path.exists():
            return True
        document = content()
        if hashlib.sha256(document).hexdigest() != digest:
            return False
        private_folder(path.parent)
        write_atomic(path, document)
        return True

    def keep_signatures(self, digest: str, signatures: list[Any]) -> None:
        """Keep who signed the assessment of this digest, as its file has it, beside what it had before."""
        name, content = signatures_list(signatures)
        path = signatures_of(self._folder, digest) / f"{name}.json"
        if not path.exists():
            private_folder(path.parent)
            write_atomic(path, content)

    def append_once(self, identity: str, leaves: Sequence[Leaf | dict[str, Any]]) -> Checkpoint:
        """Return the signed checkpoint that covers these leaves.

        Given:   the leaves of one step of a run, each holding the identity of the set.
        A set is in the log whole or not at all; asked again with the same identity, nothing is added.
        Errors:  LeafRefused for a leaf of no known kind, out of order, or of another identity.
        """
        known = self._ledger.identities.get(identity, 0)
        if known == len(leaves) > 0:
            return self._checkpoint
        if known or not leaves:
            raise LeafRefused(f"Set {identity}: {len(leaves)} leaves, but {known} are in the log.")
        lines = [leaf.canonical_bytes() for leaf in self._admitted(identity, leaves)]
        append_durably(self._folder / LEAVES, b"".join(line + b"\n" for line in lines))
        for line in lines:
            self._tree.add(line)
        return self._sign()

    def _admitted(self, identity: str, leaves: Sequence[Leaf | dict[str, Any]]) -> list[Leaf]:
        """Return the leaves, all of them in order; the ledger takes none before all may come."""
        admitted: list[Leaf] = []
        trial = self._ledger.copy()
        for number, given in enumerate(leaves, start=1):
            leaf = leaf_from(given) if isinstance(given, dict) else given
            if leaf is None or leaf.identity != identity:
                raise LeafRefused(f"Set {identity}, leaf {number}: of no kind we have, or of another set.")
            objection = trial.objection(leaf)
            if objection is not None:
                raise LeafRefused(f"Set {identity}, leaf {number}: {objection}.")
            trial.take(leaf)
            admitted.append(leaf)
        self._ledger = trial
        return admitted

    def _begin(self) -> None:
        private_folder(self._folder)
        write_atomic(self._folder / LEAVES, b"")
        write_atomic(self._folder / CHECKPOINTS, b"")
        self._sign()

    def _sign(self) -> Checkpoint:
        """Sign what the tree holds: first the copy that is kept, then the checkpoint that is published."""
        checkpoint = Checkpoint(self._origin, self._tree.size, self._tree.root())
        note = sign_checkpoint(checkpoint, self._signer)
        append_durably(self._folder / CHECKPOINTS, kept_line(note))
        write_atomic(self._folder / CHECKPOINT, note)
        self._checkpoint = checkpoint
        return checkpoint

    def _last_signed(self) -> Checkpoint:
        """Return the last kept checkpoint; a torn line after it goes, and the published one follows it."""
        path = self._folder / CHECKPOINTS
        lines, rest = read_lines(path)
        if rest:
            cut_durably(path, sum(len(line) + 1 for line in lines))
        if not lines:
            return self._restart()
        kept = read_kept(lines[-1], self._origin, self._signer.verifier)
        if kept is None:
            raise broken(f"{CHECKPOINTS}, line {len(lines)}: not a checkpoint that our key signed.")
        checkpoint, note = kept
        if not (self._folder / CHECKPOINT).exists() or (self._folder / CHECKPOINT).read_bytes() != note:
            self._follow(lines, note)
        return checkpoint

    def _restart(self) -> Checkpoint:
        """Finish a beginning that was cut short: nothing was ever signed, so nothing may be in the log."""
        lines, rest = read_lines(self._folder / LEAVES)
        if lines or rest or (self._folder / CHECKPOINT).exists():
            raise broken(f"{CHECKPOINTS}: there is no signed checkpoint, yet the log is not empty.")
        self._begin()
        return self._checkpoint

    def _follow(self, lines: list[bytes], note: bytes) -> None:
        """Publish the last kept checkpoint where a kill came between keeping and publishing it."""
        path = self._folder / CHECKPOINT
        before = read_kept(lines[-2], self._origin, self._signer.verifier) if len(lines) > 1 else None
        published = path.read_bytes() if path.exists() else None
        if published is not None and (before is None or published != before[1]):
            raise broken(f"{CHECKPOINT}: neither the last nor the last but one of {CHECKPOINTS}.")
        if published is None and before is not None:
            raise broken(f"{CHECKPOINT}: the published checkpoint is missing.")
        write_atomic(path, note)

    def _replay(self) -> int:
        """Take in the signed leaves; cut off what no checkpoint covers and return how many lines that was."""
        reading, self._reading = self._reading, None
        if reading is not None and reading.checkpoint == self._checkpoint:
            return self._go_on_from(reading)
        path = self._folder / LEAVES
        lines, rest = read_lines(path)
        signed = lines[: self._checkpoint.size]
        for line in signed:
            self._tree.add(line)
        if (self._tree.size, self._tree.root()) != (self._checkpoint.size, self._checkpoint.root):
            raise broken(f"{LEAVES}: not the leaves that the last checkpoint signed.")
        for said in map(json.loads, signed):
            self._ledger.remember(said)
        return self._cut(sum(len(line) + 1 for line in signed), len(lines) - len(signed) + bool(rest))

    def _go_on_from(self, reading: Reading) -> int:
        """Take in what was read and held to this very checkpoint a moment ago; the same as `_replay`."""
        self._tree = reading.tree.growing()
        for said in reading.heads:
            self._ledger.remember(said)
        size, path = sum(len(line.encode()) + 1 for line in reading.lines), self._folder / LEAVES
        there = path.stat().st_size if path.exists() else 0
        if there < size:
            raise broken(f"{LEAVES}: not the leaves that the last checkpoint signed.")
        loose = path.read_bytes()[size:] if there > size else b""
        return self._cut(size, len(loose.splitlines()))

    def _cut(self, size: int, loose: int) -> int:
        if loose:
            cut_durably(self._folder / LEAVES, size)
        return loose
