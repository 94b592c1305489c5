"""What an auditor checks: every line, every signature, every checkpoint against the leaves it signed."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from audit.checkpoint import ORIGIN, Checkpoint
from audit.errors import DisclosureLogBroken
from audit.kept import CHECKPOINT, CHECKPOINTS, LEAVES, broken, people_file, read_kept, read_lines
from audit.leaves import BatchLeaf, read_leaf
from audit.ledger import Ledger
from audit.people import read_people
from audit.tree import GrowingTree
from sealing.notes import verifier_key
from sealing.signing import Verifier

UNFINISHED = "If a run was cut off here, the next run mends this; run it, then verify again."


@dataclass(frozen=True)
class Verified:
    """What a log that verifies adds up to."""

    origin: str
    size: int
    root: str
    checkpoints: int
    runs: int
    leaves: dict[str, int]
    last_sequences: dict[str, int]
    verifier_key: str

    def to_json(self) -> dict[str, Any]:
        """Return it as `audit verify --json` prints it."""
        return asdict(self)


def verify(folder: Path, verifier: Verifier, origin: str = ORIGIN) -> Verified:
    """Return what the log adds up to, if it is whole.

    Checked: every leaf is canonical and of a known kind; sequence numbers have no gap; every answer is to a
    logged batch; every checkpoint ever signed fits the leaves and the one before it; none is missing; the
    published one is the last.
    Errors:  DisclosureLogBroken, naming the first place that is wrong.
    """
    signed = _signed(folder, verifier, origin)
    lines, rest = read_lines(folder / LEAVES)
    ledger, sizes = _leaves(lines, signed, folder)
    if rest or len(lines) != signed[-1].size:
        raise _unfinished(f"{LEAVES}, line {signed[-1].size + 1}: more than the last checkpoint signed.")
    if sizes != [checkpoint.size for checkpoint in signed]:
        raise broken(f"{CHECKPOINTS}: a checkpoint is missing or was added.")
    head = signed[-1]
    return Verified(
        origin=origin,
        size=head.size,
        root=head.root.hex(),
        checkpoints=len(signed),
        runs=len(ledger.runs),
        leaves=dict(sorted(ledger.kinds.items())),
        last_sequences=dict(sorted(ledger.last_seq.items())),
        verifier_key=verifier_key(origin, verifier),
    )


def _signed(folder: Path, verifier: Verifier, origin: str) -> list[Checkpoint]:
    """Return every kept checkpoint, from the empty log on."""
    lines, rest = read_lines(folder / CHECKPOINTS)
    signed: list[Checkpoint] = []
    note = b""
    for number, line in enumerate(lines, start=1):
        kept = read_kept(line, origin, verifier)
        if kept is None:
            raise broken(f"{CHECKPOINTS}, line {number}: not a checkpoint that this key signed.")
        if kept[0].size != 0 if not signed else kept[0].size <= signed[-1].size:
            raise broken(f"{CHECKPOINTS}, line {number}: out of order.")
        note = kept[1]
        signed.append(kept[0])
    if not signed:
        raise broken(f"{CHECKPOINTS}: there is no signed checkpoint.")
    published = folder / CHECKPOINT
    if rest or not published.exists() or published.read_bytes() != note:
        raise _unfinished(f"{CHECKPOINT}: not the last of {CHECKPOINTS}.")
    return signed


def _leaves(lines: list[bytes], signed: list[Checkpoint], folder: Path) -> tuple[Ledger, list[int]]:
    """Return what the leaves add up to, and the sizes at which a set of leaves ended."""
    tree, ledger, sizes = GrowingTree(), Ledger(), [0]
    due = {checkpoint.size: checkpoint for checkpoint in signed}
    _compare(tree, due)
    for number, line in enumerate(lines[: signed[-1].size], start=1):
        leaf = read_leaf(line)
        objection = "not a leaf, or not written canonically" if leaf is None else ledger.objection(leaf)
        if leaf is None or objection is not None:
            raise broken(f"{LEAVES}, line {number}: {objection}.")
        if ledger.latest_identity is not None and leaf.identity != ledger.latest_identity:
            sizes.append(number - 1)
        if isinstance(leaf, BatchLeaf):
            _hold_to_people(leaf, folder)
        ledger.take(leaf)
        tree.add(line)
        _compare(tree, due)
    if tree.size != signed[-1].size:
        raise broken(f"{LEAVES}: {tree.size} lines, but the last checkpoint signed {signed[-1].size}.")
    return ledger, [*sizes, tree.size] if tree.size else sizes


def _hold_to_people(leaf: BatchLeaf, folder: Path) -> None:
    """Errors: DisclosureLogBroken, when the kept leaves of people are not those that were signed."""
    path = people_file(folder, leaf.flow, leaf.seq)
    kept = read_people(path.read_bytes() if path.exists() else b"")
    if kept is None or (kept.count, kept.root.hex()) != (leaf.people.leaves, leaf.people.root):
        place = path.relative_to(folder).as_posix()
        raise broken(f"{place}: not the people that the leaf of batch {leaf.seq} of {leaf.flow} commits to.")


def _compare(tree: GrowingTree, due: dict[int, Checkpoint]) -> None:
    checkpoint = due.get(tree.size)
    if checkpoint is not None and checkpoint.root != tree.root():
        raise broken(f"{LEAVES}, up to line {tree.size}: not the leaves that were signed.")


def _unfinished(where: str) -> DisclosureLogBroken:
    error = broken(where)
    error.next_step = f"{error.next_step} {UNFINISHED}"
    return error
