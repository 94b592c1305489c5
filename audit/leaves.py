"""What one line of the disclosure log may say: a closed form per kind, and no place for a personal value."""

import json
from typing import Annotated, Any, Literal

import rfc8785
from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from sealing.manifest import (
    Count,
    DpiaReference,
    FlowName,
    Instant,
    Name,
    Recipient,
    RunId,
    Sequence,
    Sha256,
    Wire,
    Word,
)
from sealing.receipt import Loaded

Identity = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/-]{0,159}$")]
Outcome = Literal["released", "unchanged", "withheld", "held", "withdrawn"]
Counts = dict[Name, dict[Outcome, Count]]
Reasons = dict[Name, dict[Word, Count]]


class LeafBase(Wire):
    """What every leaf says: the form's version, the set it was written in, the run, and when."""

    v: Literal[1] = 1
    identity: Identity
    run: RunId
    at: Instant


class RunLeaf(LeafBase):
    """A run began to log: its sources, its flows, and the brakes that somebody released by hand.

    dpia: the assessment it obeys, also where no flow of it is active; signatures: SHA-256 of the list of who
    signed it, as the run relied on it and the log keeps it. Runs of before this was said lack them.
    """

    kind: Literal["run"] = "run"
    sources: list[Name]
    flows: list[FlowName]
    accepted: list[Word] = Field(default_factory=list)
    dpia: DpiaReference | None = None
    signatures: Sha256 | None = None

    def canonical_bytes(self) -> bytes:
        """Return the one way of writing it down (RFC 8785); no assessment, no key for it."""
        return rfc8785.dumps(self.model_dump(mode="json", exclude_none=True))


class LoggedFile(Wire):
    """One file of a batch, by the digest of what is inside."""

    entity: Name
    operation: Literal["upsert", "withdraw"]
    rows: Count
    plain_sha256: Sha256


class People(Wire):
    """Of whom a batch tells: how many leaves, one per person and operation, and the root over them."""

    leaves: Count
    root: Sha256


class BatchLeaf(LeafBase):
    """A batch is about to be published.

    fields: the treatment of each field that the flow declares; `filled`: the columns that hold a value in the
    rows sent, of entities sent about ten people or more. Batches of before this was said lack it.
    """

    kind: Literal["batch"] = "batch"
    flow: FlowName
    seq: Sequence
    recipient: Recipient
    dpia: DpiaReference
    manifest_sha256: Sha256
    files: list[LoggedFile]
    people: People
    fields: dict[Name, dict[Name, Word]]
    counts: Counts
    reasons: Reasons
    filled: dict[Name, list[Name]] | None = None

    def canonical_bytes(self) -> bytes:
        """Return the one way of writing it down (RFC 8785); nothing said of columns, no key for it."""
        return rfc8785.dumps(self.model_dump(mode="json", exclude_none=True))


class NothingSentLeaf(LeafBase):
    """A flow was settled and there was nothing to send."""

    kind: Literal["nothing_sent"] = "nothing_sent"
    flow: FlowName
    after_seq: Annotated[int, Field(ge=0)]
    dpia: DpiaReference
    counts: Counts
    reasons: Reasons


class StoppedLeaf(LeafBase):
    """A rule of the assessment stopped a flow: nothing new of it was sent, and what was sent before stays."""

    kind: Literal["stopped"] = "stopped"
    flow: FlowName
    after_seq: Annotated[int, Field(ge=0)]
    dpia: DpiaReference
    code: Word


class WaivedLeaf(LeafBase):
    """A run went on under a waiver: which, of which day of the assessment, and until when it may."""

    kind: Literal["waived"] = "waived"
    waiver: Word
    rule: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,159}$")]
    until: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")]
    dpia: DpiaReference


class DisposalLeaf(LeafBase):
    """The secrets of people of whom no batch has told since a day are about to be destroyed: how many.

    Written before they are: a run that was killed in between leaves the rest to the next, which says its own.
    """

    kind: Literal["disposal"] = "disposal"
    what: Literal["person_secrets"] = "person_secrets"
    count: Sequence
    unused_since: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")]
    dpia: DpiaReference


class ReceiptLeaf(LeafBase):
    """The council side loaded a batch and signed that it did."""

    kind: Literal["receipt"] = "receipt"
    flow: FlowName
    seq: Sequence
    manifest_sha256: Sha256
    receipt_sha256: Sha256
    entities: dict[Name, Loaded]


class RefusalLeaf(LeafBase):
    """The council side refused a batch and signed why."""

    kind: Literal["refusal"] = "refusal"
    flow: FlowName
    seq: Sequence
    manifest_sha256: Sha256
    receipt_sha256: Sha256
    reason: Word


Considered = Literal["clear", "withhold"]


class Checklist(Wire):
    """What was considered before anything was told of a person, and with what result."""

    serious_harm: Considered
    child_abuse_data: Considered
    third_party: Considered
    domestic_abuse_safety: Considered


class AccessLeaf(LeafBase):
    """Somebody asked what was disclosed about one person. Whose it was, and who asked, it does not say.

    `run` is a name of its own, of no run; `form_sha256` commits to the release form under a salt.
    """

    kind: Literal["access"] = "access"
    asked: Literal["history", "proof"]
    reason: Word
    considered: Checklist
    outcome: Literal["given", "refused"]
    form_sha256: Sha256


class ForgottenLeaf(LeafBase):
    """Somebody was forgotten at their request: why, on whose word, and in which flows; never who.

    secret: whether the secret from which the tags of their leaves are made was destroyed.
    """

    kind: Literal["forgotten"] = "forgotten"
    reason: Word
    approver: Word
    flows: list[FlowName]
    kept_in: list[FlowName]
    secret: Literal["destroyed", "kept", "none"]


class GivenUpLeaf(LeafBase):
    """Somebody gave up a delivered batch as lost: how it was lost, and on the word of which office.

    What became of it the council side's answer says, which follows. `run` is a name of its own, of no run.
    """

    kind: Literal["given_up"] = "given_up"
    flow: FlowName
    seq: Sequence
    manifest_sha256: Sha256
    reason: Word
    approver: Word


class ReidentificationLeaf(LeafBase):
    """Somebody asked whose rows of a pseudonymised flow are: who asked, why, who approved it; never whose.

    asked, told: of how many rows, and of how many a reference was told; `question_sha256` commits to the
    question under a salt. `run` is a name of its own, of no run.
    """

    kind: Literal["reidentification"] = "reidentification"
    flow: FlowName
    asked_by: Name
    reason: Word
    asked: Count
    told: Count
    approvers: list[Name]
    outcome: Literal["given", "refused"]
    question_sha256: Sha256


class Removed(Wire):
    """How many rows of one entity the recipient removed, and how many stay although their time is over."""

    expired: Count
    blocked: Count
    waiting: Count
    no_clock: Count


class ExpiryLeaf(LeafBase):
    """The council side certified what it removed because its time was over, after which batch of the flow."""

    kind: Literal["expiry"] = "expiry"
    flow: FlowName
    number: Sequence
    after_seq: Sequence
    manifest_sha256: Sha256
    certificate_sha256: Sha256
    entities: dict[Name, Removed]
    holds: list[Word]


Leaf = Annotated[
    RunLeaf
    | BatchLeaf
    | NothingSentLeaf
    | StoppedLeaf
    | WaivedLeaf
    | DisposalLeaf
    | ReceiptLeaf
    | RefusalLeaf
    | AccessLeaf
    | ForgottenLeaf
    | GivenUpLeaf
    | ReidentificationLeaf
    | ExpiryLeaf,
    Field(discriminator="kind"),
]
LEAF: TypeAdapter[Leaf] = TypeAdapter(Leaf, config=ConfigDict(defer_build=True))


def leaf_from(content: dict[str, Any]) -> Leaf | None:
    """Return the leaf, or None where it is of no kind we have."""
    try:
        return LEAF.validate_python(content)
    except ValidationError:
        return None


def read_leaf(line: bytes) -> Leaf | None:
    """Return the leaf on the line, or None where it is of no kind we have or is not written canonically."""
    try:
        content = json.loads(line)
    except (ValueError, RecursionError):
        return None
    leaf = leaf_from(content)
    return leaf if leaf is not None and leaf.canonical_bytes() == line else None
