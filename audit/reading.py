"""The log as its last checkpoint signed it, read at once for whoever asks something of it."""

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic_core import from_json

from audit.checkpoint import ORIGIN, Checkpoint, open_checkpoint
from audit.heads import head_of
from audit.kept import CHECKPOINT, LEAVES, broken, people_file, read_lines
from audit.proofs import ProvableLines, ProvablePeople
from audit.tree import consistency_proof, leaf_hash
from sealing.signing import Verifier


@dataclass(frozen=True)
class Reading:
    """The signed leaves, in order, each as it is written and as it is read."""

    folder: Path
    note: str
    checkpoint: Checkpoint
    tree: ProvableLines = field(repr=False)
    lines: list[str] = field(repr=False)

    @cached_property
    def heads(self) -> list[dict[str, Any]]:
        """The heads of the leaves, which cost a third of the whole. Errors: DisclosureLogBroken."""
        return [head_of(line, number) for number, line in enumerate(self.lines, start=1)]

    @cached_property
    def leaves(self) -> list[dict[str, Any]]:
        """The leaves as documents."""
        return [from_json(line) for line in self.lines]

    def of_run(self, run: str) -> list[dict[str, Any]]:
        """Return the leaves that the run wrote, its receipts among them."""
        return [leaf for leaf in self.leaves if leaf["run"] == run]

    def batches(self, flows: set[str] | None = None) -> list[tuple[int, dict[str, Any]]]:
        """Return index and leaf of every batch, of these flows if any are named."""
        return [
            (index, leaf)
            for index, leaf in enumerate(self.leaves)
            if leaf["kind"] == "batch" and (flows is None or leaf["flow"] in flows)
        ]

    def batch_heads(self, flows: set[str] | None = None) -> list[tuple[int, dict[str, Any]]]:
        """Return index and head of every batch, of these flows if any are named."""
        return [
            (index, head)
            for index, head in enumerate(self.heads)
            if head["kind"] == "batch" and (flows is None or head["flow"] in flows)
        ]

    def leaf(self, index: int) -> dict[str, Any]:
        """Return one leaf, whole."""
        leaf: dict[str, Any] = from_json(self.lines[index])
        return leaf

    def people(self, leaf: dict[str, Any]) -> ProvablePeople:
        """Return the people of a batch, given its leaf or the head of it.

        Errors: DisclosureLogBroken, if they are not those it commits to.
        """
        *lines, rest = self.people_text(leaf).split("\n")
        people = ProvablePeople(lines)
        if rest or {"leaves": people.size, "root": people.root.hex()} != leaf["people"]:
            place = people_file(self.folder, leaf["flow"], leaf["seq"]).relative_to(self.folder)
            raise broken(f"{place.as_posix()}: not the people of batch {leaf['seq']}.")
        return people

    def people_text(self, leaf: dict[str, Any]) -> str:
        """Return the leaves of the people of a batch as they are kept, held to nothing."""
        return self.people_bytes(leaf).decode("ascii", "replace")

    def people_bytes(self, leaf: dict[str, Any]) -> bytes:
        """Return the file of the people of a batch, held to nothing; empty where there is none."""
        try:
            return people_file(self.folder, leaf["flow"], leaf["seq"]).read_bytes()
        except FileNotFoundError:
            return b""

    def growth(self, earlier: int) -> list[bytes]:
        """Return the proof that the log begins with its first `earlier` leaves; from 0 it is empty."""
        hashes = [leaf_hash(line.encode()) for line in self.lines]
        return consistency_proof(hashes, earlier) if earlier else []


def batch_name(leaf: dict[str, Any]) -> str:
    """Return what a batch's leaf calls its batch: FLOW/NNNNNNNN-RUNID."""
    return f"{leaf['flow']}/{leaf['seq']:08d}-{leaf['run']}"


def read_log(folder: Path, verifier: Verifier, origin: str = ORIGIN) -> Reading:
    """Return the leaves under the published checkpoint.

    Checked: the checkpoint's signature, and that the leaves have the root that it signed. `audit verify`
             asks the rest. Errors: DisclosureLogBroken.
    """
    path = folder / CHECKPOINT
    note = path.read_bytes() if path.exists() else b""
    checkpoint = open_checkpoint(note, origin, verifier)
    if checkpoint is None:
        raise broken(f"{CHECKPOINT}: not a checkpoint that our key signed.")
    kept = read_lines(folder / LEAVES)[0][: checkpoint.size]
    lines = [line.decode("utf-8", "replace") for line in kept]
    tree = ProvableLines(lines, [leaf_hash(line) for line in kept])
    if (tree.size, tree.root) != (checkpoint.size, checkpoint.root):
        raise broken(f"{LEAVES}: not the leaves that the last checkpoint signed.")
    return Reading(folder, note.decode(), checkpoint, tree, lines)
