"""Proofs about the leaves of one batch: that it tells of somebody, or that it does not.

Source:  RFC 9162 section 2.1.3. The leaves of people are sorted by tag: two neighbours show an absence.
"""

import json
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from audit.person_leaf import tag_in
from audit.tree import EMPTY_ROOT, GrowingTree, WholeTree, is_included, leaf_hash


@dataclass(frozen=True)
class Proof:
    """That one leaf is in a tree: its line, its place, and the hashes beside its way to the root."""

    line: str
    index: int
    size: int
    path: tuple[bytes, ...]

    def holds(self, root: bytes) -> bool:
        """Return whether the leaf is in the tree of this root."""
        return is_included(leaf_hash(self.line.encode()), self.index, self.size, list(self.path), root)

    @property
    def subject(self) -> str:
        """Return the tag of the leaf, as hexadecimal digits."""
        return str(json.loads(self.line)["subject"])

    def to_json(self) -> dict[str, Any]:
        """Return it as a proof file holds it; the size stands with the root, in the leaf of the batch."""
        return {"line": self.line, "index": self.index, "path": [step.hex() for step in self.path]}


class ProvableLines:
    """Lines of a log as one tree, each of which can be proved to be in it.

    hashes: the leaf hash of each line, where they were worked out already.
    """

    def __init__(self, lines: Sequence[str], hashes: Sequence[bytes] | None = None) -> None:
        self.lines = lines
        self._tree = WholeTree(hashes or [leaf_hash(line.encode()) for line in lines])

    @property
    def size(self) -> int:
        """How many lines there are."""
        return len(self.lines)

    @property
    def root(self) -> bytes:
        """The root over them."""
        return self._tree.root()

    def growing(self) -> GrowingTree:
        """Return the tree over them as one that grows on."""
        return self._tree.growing()

    def proof(self, index: int) -> Proof:
        """Return the proof of the line at this index, from 0."""
        return Proof(self.lines[index], index, self.size, self._tree.path(index))


class ProvablePeople(ProvableLines):
    """The leaves of the people of one batch, in the order of their tags."""

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__(lines)
        self._tags = [tag_in(line) for line in lines]

    def told(self, tag: str) -> Proof | None:
        """Return the proof that the batch tells of this tag, or None if it does not."""
        place = bisect_left(self._tags, tag)
        return self.proof(place) if self._tags[place : place + 1] == [tag] else None

    def not_told(self, tag: str) -> tuple[Proof | None, Proof | None] | None:
        """Return the leaves next to where the tag would stand (none before the first or after the last).

        None if the batch does tell of it.
        """
        place = bisect_left(self._tags, tag)
        if self._tags[place : place + 1] == [tag]:
            return None
        before = self.proof(place - 1) if place > 0 else None
        return before, self.proof(place) if place < self.size else None


def is_absent(tag: str, size: int, root: bytes, beside: tuple[Proof | None, Proof | None]) -> bool:
    """Return whether two neighbouring leaves show that a tree sorted by tag does not tell of this tag."""
    before, after = beside
    if size == 0:
        return before is None and after is None and root == EMPTY_ROOT
    if before is None and after is None:
        return False
    fits = all(proof.size == size and proof.holds(root) for proof in beside if proof is not None)
    first = before.index + 1 if before is not None else 0
    next_one = after.index if after is not None else size
    between = (before is None or before.subject < tag) and (after is None or tag < after.subject)
    return fits and first == next_one and between
