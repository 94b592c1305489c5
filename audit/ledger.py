"""The order of the log: what must have been said before a leaf may be said."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from audit.leaves import (
    AccessLeaf,
    BatchLeaf,
    DisposalLeaf,
    ExpiryLeaf,
    ForgottenLeaf,
    GivenUpLeaf,
    Leaf,
    NothingSentLeaf,
    ReceiptLeaf,
    RefusalLeaf,
    ReidentificationLeaf,
    RunLeaf,
    StoppedLeaf,
    WaivedLeaf,
)

OfNoBatch = AccessLeaf | ForgottenLeaf | ReidentificationLeaf
OfNoRun = OfNoBatch | GivenUpLeaf
"""What is logged outside any run, under a name of its own."""
NoBatch = NothingSentLeaf | StoppedLeaf
"""What is logged of a flow that sent nothing in a run."""


@dataclass
class Ledger:
    """What the leaves so far add up to.

    assessment: under which the latest run went. A batch that takes back alone may name an earlier one, the
                last that spoke of a flow that is gone since: it does not count where the run's leaf says it.
    """

    identities: Counter[str] = field(default_factory=Counter)
    runs: set[str] = field(default_factory=set)
    last_seq: dict[str, int] = field(default_factory=dict)
    manifests: dict[tuple[str, int], str] = field(default_factory=dict)
    receipted: set[tuple[str, int]] = field(default_factory=set)
    certificates: dict[str, int] = field(default_factory=dict)
    kinds: Counter[str] = field(default_factory=Counter)
    latest_identity: str | None = None
    latest_run: str | None = None
    says_itself: bool = False
    assessment: str | None = None
    assessments: set[str] = field(default_factory=set)

    def objection(self, leaf: Leaf) -> str | None:
        """Return why the leaf may not come next, or None."""
        if leaf.identity in self.identities and leaf.identity != self.latest_identity:
            return "its identity was used before"
        if isinstance(leaf, RunLeaf):
            return "the run was begun before" if leaf.run in self.runs else None
        begun, of_a_run = leaf.run in self.runs, not isinstance(leaf, OfNoRun)
        if begun != of_a_run:
            return "its run was not begun" if of_a_run else "its name is that of a run"
        if isinstance(leaf, BatchLeaf):
            gap = leaf.seq != self.last_seq.get(leaf.flow, 0) + 1
            return "its sequence number is not the next of its flow" if gap else None
        if isinstance(leaf, NoBatch):
            behind = leaf.after_seq != self.last_seq.get(leaf.flow, 0)
            return "it does not follow the last batch of its flow" if behind else None
        return (
            None if isinstance(leaf, OfNoBatch | WaivedLeaf | DisposalLeaf) else self._answer_objection(leaf)
        )

    def _expiry_objection(self, leaf: ExpiryLeaf) -> str | None:
        if self.manifests.get((leaf.flow, leaf.after_seq)) != leaf.manifest_sha256:
            return "it certifies what was removed after a batch that was not logged"
        gap = leaf.number != self.certificates.get(leaf.flow, 0) + 1
        return "its number is not the next of its flow's certificates" if gap else None

    def _answer_objection(self, leaf: ReceiptLeaf | RefusalLeaf | ExpiryLeaf | GivenUpLeaf) -> str | None:
        if isinstance(leaf, ExpiryLeaf):
            return self._expiry_objection(leaf)
        batch = (leaf.flow, leaf.seq)
        if self.manifests.get(batch) != leaf.manifest_sha256:
            return "it answers a batch that was not logged"
        return "the batch was receipted before" if batch in self.receipted else None

    def copy(self) -> "Ledger":
        """Return a ledger that may take in more without changing this one."""
        return Ledger(
            identities=self.identities.copy(),
            runs=self.runs.copy(),
            last_seq=self.last_seq.copy(),
            manifests=self.manifests.copy(),
            receipted=self.receipted.copy(),
            certificates=self.certificates.copy(),
            kinds=self.kinds.copy(),
            latest_identity=self.latest_identity,
            latest_run=self.latest_run,
            says_itself=self.says_itself,
            assessment=self.assessment,
            assessments=self.assessments.copy(),
        )

    def remember(self, said: dict[str, Any]) -> None:
        """Take in a leaf, as a document or the head of one, that was taken in before it was signed."""
        self.identities[said["identity"]] += 1
        self.latest_identity = said["identity"]
        self.kinds[said["kind"]] += 1
        if said["kind"] == "run":
            self.runs.add(said["run"])
            self.latest_run, self.says_itself = said["run"], bool(said.get("dpia"))
        if said.get("dpia"):
            self.assessments.add(said["dpia"]["sha256"])
            if said["run"] == self.latest_run and not (self.says_itself and _takes_back_alone(said)):
                self.assessment = said["dpia"]["sha256"]
        if said["kind"] == "batch":
            self.last_seq[said["flow"]] = said["seq"]
            self.manifests[said["flow"], said["seq"]] = said["manifest_sha256"]
        elif said["kind"] == "receipt":
            self.receipted.add((said["flow"], said["seq"]))
        elif said["kind"] == "expiry":
            self.certificates[said["flow"]] = said["number"]

    def take(self, leaf: Leaf) -> None:
        """Take in a leaf that has no objection against it."""
        self.remember(leaf.model_dump(mode="json"))


def _takes_back_alone(said: dict[str, Any]) -> bool:
    return said["kind"] == "batch" and all(file["operation"] == "withdraw" for file in said["files"])
