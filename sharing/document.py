"""The DPIA file as typed, immutable models: every block, every key, nothing else."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from config.scalars import Day
from sharing.vocabulary import (
    Action,
    Classification,
    Directness,
    FlowStatus,
    Gateway,
    Identifiability,
    PurposeKind,
    Role,
    Scope,
    Status,
)

Id = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_.-]{0,63}$")]
Words = Annotated[str, Field(min_length=3)]
Version = Annotated[str, Field(pattern=r"^[0-9]+\.[0-9]+\.[0-9]+$")]
Category = Annotated[str, Field(pattern=r"^(dpv:[A-Z][A-Za-z]+|uk:cat/[a-z-]+)$")]
FieldPath = Annotated[str, Field(pattern=r"^[a-z_]+\.[a-z0-9_]+$")]
Decided = Literal[Action.DISCLOSE, Action.GENERALISE, Action.PSEUDONYMISE, Action.DROP]


class Block(BaseModel):
    """A block of the file: unknown keys refused, names in camelCase, never changed once read."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, alias_generator=to_camel, hide_input_in_errors=True
    )


class Validity(Block):
    """The days on which the assessment may be relied on."""

    effective_from: Day
    review_by: Day
    expires_on: Day


class Party(Block):
    """An organisation that answers for data: its role, and the sources it is controller of."""

    id: Id
    name: Words
    role: Role
    public_authority: bool
    sources: list[Id] = []
    function: Words | None = None
    contacts: dict[str, str] = {}


class Article28(Block):
    """The contract that binds a processor."""

    contract: Words
    signed_on: Day


class Operator(Block):
    """Who runs a part of Viaduct, in what role, and who there keeps the keys."""

    id: Id
    name: Words
    does: list[Literal["sync", "council", "landing"]] = Field(min_length=1)
    role: Literal[Role.CONTROLLER, Role.PROCESSOR]
    on_behalf_of: list[Id] = Field(min_length=1)
    article28: Article28 | None = None
    key_custodian: Words | None = None
    warehouse_readers: list[Words] = []


class Purpose(Block):
    """What the data are for, and what they are expressly not for."""

    id: Id
    label: Words
    kind: PurposeKind
    not_for: list[Words] = Field(min_length=1)


class PolicyDocument(Block):
    """The appropriate policy document (DPA 2018 Schedule 1 paragraph 39)."""

    uri: Words
    review_by: Day


class Article9(Block):
    """The condition for special category data."""

    condition: str
    schedule1: str | None = None
    secrecy: Words | None = None
    apd: PolicyDocument | None = None


class Confidentiality(Block):
    """What lifts the duty of confidentiality."""

    gateway: Gateway
    provision: Words


class Request(Block):
    """A public body's request on which a charity relies."""

    requested_by: Id
    requested_on: Day
    provision: Words
    uri: Words


class LegalBasis(Block):
    """One party's ground in law; nobody borrows another's."""

    id: Id
    party: Id
    article6: str
    provision: Words
    article9: Article9 | None = None
    confidentiality: Confidentiality
    request: Request | None = None
    confirm_with_lawyer: bool


class FieldDescription(Block):
    """What a field is, before anybody shares it."""

    category: Category
    identifiability: Directness
    sensitivity: Classification
    derived_from: list[FieldPath] = []


class DataSet(Block):
    """One canonical entity: whom it is about, and each of its fields."""

    id: Id
    label: Words
    subjects: list[Words] = Field(min_length=1)
    fields: dict[str, FieldDescription]


class Proof(Block):
    """A condition that sets the safety flag."""

    when: Words
    why: Words


class Blank(Block):
    """What a blank cell of one provider means, where IG has found out; without it a blank counts as set."""

    means: bool | str
    why: Words


class SafetySource(Block):
    """What, in one source, proves the safety flag set, and what its blanks mean."""

    source: Id
    proves: list[Proof] = Field(min_length=1)
    blanks: dict[FieldPath, Blank] = {}


class Effect(Block):
    """The fields, per entity, that leave as null."""

    redact: dict[str, list[str]]


class SafetyRule(Block):
    """A rule that runs before any permit and that no flow can waive."""

    id: Id
    title: Words
    when: Words
    scope: list[Scope] = Field(min_length=1)
    flows: list[Id] | None = None
    effect: Effect
    why: Words


class Recipient(Block):
    """To whom, where, and under which key a flow is sealed."""

    party: Id
    endpoint: Words
    key_id: Words


class Decision(Block):
    """What happens to one field, and why."""

    action: Decided
    to: str | None = None
    why: Words


class Drop(Block):
    """Fields that stay behind, and why."""

    fields: list[str] = Field(min_length=1)
    why: Words


class FlowBlock(Block):
    """One allow rule: sources, recipient, purpose, bases, people, rows, fields."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,40}$")]
    title: Words
    sources: list[Id] = Field(alias="from", min_length=1)
    to: Recipient
    purpose: Id
    basis: list[Id] = Field(min_length=1)
    status: FlowStatus
    identifiability: Identifiability
    cohort: Words
    where: dict[str, Words] = {}
    fields: dict[str, dict[str, Decision]] = Field(min_length=1)
    drop: dict[str, list[Drop]] = {}

    def decisions(self, entity: str) -> dict[str, Decision]:
        """Return the decision per field of the entity, the compact drops written out."""
        written = dict(self.fields[entity])
        for group in self.drop.get(entity, []):
            written |= {name: Decision(action=Action.DROP, why=group.why) for name in group.fields}
        return written


class DpiaFile(Block):
    """The whole file."""

    dpia_spec: Literal["1.0"]
    kind: Literal["DataProtectionImpactAssessment"]
    id: Annotated[str, Field(pattern=r"^urn:dpia:[a-z0-9:.-]+$")]
    version: Version
    status: Status
    title: Words
    validity: Validity
    parties: list[Party] = Field(min_length=2)
    operators: list[Operator] = Field(min_length=1)
    purposes: list[Purpose] = Field(min_length=1)
    legal_bases: list[LegalBasis] = Field(min_length=1)
    data_sets: list[DataSet] = Field(min_length=1)
    safety_sources: list[SafetySource] = Field(min_length=1)
    safety: list[SafetyRule] = Field(min_length=1)
    flows: list[FlowBlock] = Field(min_length=1)
