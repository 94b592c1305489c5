"""The Merkle tree of RFC 9162 (section 2.1): hashes, roots, and proofs that anyone can check.

Source:  RFC 9162 sections 2.1.1 to 2.1.4; the hashes are those of RFC 6962.
"""

import hashlib
from collections.abc import Sequence

EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(leaf: bytes) -> bytes:
    """Return the hash of one leaf."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of two subtrees."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class GrowingTree:
    """A tree that only grows: it keeps the roots of its complete subtrees only, at most one per doubling."""

    def __init__(self, size: int = 0, peaks: Sequence[bytes] = ()) -> None:
        self.size = size
        self._peaks = list(peaks)

    def add(self, leaf: bytes) -> None:
        """Take in one more leaf."""
        peak = leaf_hash(leaf)
        for _ in range(_trailing_ones(self.size)):
            peak = node_hash(self._peaks.pop(), peak)
        self._peaks.append(peak)
        self.size += 1

    def root(self) -> bytes:
        """Return the root of what was taken in so far."""
        if not self._peaks:
            return EMPTY_ROOT
        root = self._peaks[-1]
        for peak in reversed(self._peaks[:-1]):
            root = node_hash(peak, root)
        return root


class WholeTree:
    """A tree with all its subtrees at hand, so that each proof costs one step per level."""

    def __init__(self, hashes: Sequence[bytes]) -> None:
        self._levels = [list(hashes)]
        while len(self._levels[-1]) > 1:
            below = self._levels[-1]
            above = [node_hash(below[at], below[at + 1]) for at in range(0, len(below) - 1, 2)]
            self._levels.append([*above, below[-1]] if len(below) % 2 else above)

    @property
    def size(self) -> int:
        """How many leaves there are."""
        return len(self._levels[0])

    def root(self) -> bytes:
        """Return the root over all leaves."""
        return self._levels[-1][0] if self.size else EMPTY_ROOT

    def growing(self) -> GrowingTree:
        """Return the same tree as one that grows on."""
        heights = [height for height in reversed(range(len(self._levels))) if self.size >> height & 1]
        peaks = [self._levels[height][(self.size >> height) - 1] for height in heights]
        return GrowingTree(self.size, peaks)

    def path(self, index: int) -> tuple[bytes, ...]:
        """Return the proof that the leaf at `index` (from 0) is in the tree."""
        if not 0 <= index < self.size:
            raise ValueError("no leaf of this index is in the tree")
        beside = ((level, (index >> height) ^ 1) for height, level in enumerate(self._levels[:-1]))
        return tuple(level[place] for level, place in beside if place < len(level))


def root_of(hashes: Sequence[bytes]) -> bytes:
    """Return the root over leaf hashes."""
    if not hashes:
        return EMPTY_ROOT
    if len(hashes) == 1:
        return hashes[0]
    split = _split(len(hashes))
    return node_hash(root_of(hashes[:split]), root_of(hashes[split:]))


def inclusion_proof(hashes: Sequence[bytes], index: int) -> list[bytes]:
    """Return the proof that the leaf at `index` (from 0) is in the tree over all the hashes."""
    if not 0 <= index < len(hashes):
        raise ValueError("no leaf of this index is in the tree")
    if len(hashes) == 1:
        return []
    split = _split(len(hashes))
    if index < split:
        return [*inclusion_proof(hashes[:split], index), root_of(hashes[split:])]
    return [*inclusion_proof(hashes[split:], index - split), root_of(hashes[:split])]


def consistency_proof(hashes: Sequence[bytes], earlier: int) -> list[bytes]:
    """Return the proof that the tree over the first `earlier` hashes is the beginning of the whole."""
    if not 1 <= earlier <= len(hashes):
        raise ValueError("the earlier size must be between 1 and the size of the tree")
    return _subproof(hashes, earlier, whole=True)


def _subproof(hashes: Sequence[bytes], earlier: int, *, whole: bool) -> list[bytes]:
    if earlier == len(hashes):
        return [] if whole else [root_of(hashes)]
    split = _split(len(hashes))
    if earlier <= split:
        return [*_subproof(hashes[:split], earlier, whole=whole), root_of(hashes[split:])]
    return [*_subproof(hashes[split:], earlier - split, whole=False), root_of(hashes[:split])]


def is_included(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Return whether the proof shows a leaf hash at `index` in the tree of this size and root."""
    if not 0 <= index < size:
        return False
    place, last, seen = index, size - 1, leaf
    for step in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            seen = node_hash(step, seen)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            seen = node_hash(seen, step)
        place, last = place >> 1, last >> 1
    return last == 0 and seen == root


def is_consistent(earlier: int, later: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes) -> bool:
    """Return whether the proof shows that the later tree begins with the earlier one.

    A proof from nothing proves nothing: an earlier size of 0 is refused.
    """
    if not 1 <= earlier <= later:
        return False
    if earlier == later:
        return not proof and old_root == new_root
    steps = list(proof) if earlier & (earlier - 1) else [old_root, *proof]
    if not steps:
        return False
    place, last = earlier - 1, later - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old = new = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            old, new = node_hash(step, old), node_hash(step, new)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            new = node_hash(new, step)
        place, last = place >> 1, last >> 1
    return last == 0 and old == old_root and new == new_root


def _split(size: int) -> int:
    """Return the largest power of two below the size."""
    return 1 << ((size - 1).bit_length() - 1)


def _trailing_ones(number: int) -> int:
    return (~number & (number + 1)).bit_length() - 1
