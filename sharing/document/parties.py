"""Who takes part: the version of the file, the parties, who runs what, and what they agreed (block 1)."""

from typing import Annotated, Literal

from pydantic import Field

from config.scalars import Day
from sharing.document.block import Block, FieldPath, Id, Sha256, Version, Words
from sharing.vocabulary import ChildrenAct, Probabilistic, Role, WhoLearns

SigningKey = Annotated[str, Field(pattern=r"^[^+\s]+\+[0-9a-f]{8}\+[A-Za-z0-9+/=]+$")]
"""A verifier key as C2SP signed-note writes it: name, key id, key."""


class Vocabulary(Block):
    """Where the codes of one prefix are defined, and in which version."""

    iri: Words
    version: Words


class Supersedes(Block):
    """The version that this one takes the place of, by its digest."""

    version: Version
    sha256: Sha256


class Validity(Block):
    """The days on which the assessment may be relied on."""

    effective_from: Day
    review_by: Day
    expires_on: Day


class Identifiers(Block):
    """Numbers by which public registers know a party."""

    ons: Words | None = None
    ico_registration: Words | None = None
    ods_code: Words | None = None
    charity_number: Words | None = None
    company_number: Words | None = None


class CommissionedBy(Block):
    """Who commissions a party, under which contract, and for which of the commissioner's functions."""

    party: Id
    contract: Words
    functions: list[Words] = Field(min_length=1)


class PartyKeys(Block):
    """The public keys of a party: with `signing` it signs assessments."""

    signing: SigningKey


class Party(Block):
    """An organisation that answers for data: its role, and the sources it is controller of."""

    id: Id
    name: Words
    role: Role
    public_authority: bool
    identifiers: Identifiers = Identifiers()
    children_act2004: ChildrenAct = ChildrenAct.NONE
    commissioned_by: CommissionedBy | None = None
    sources: list[Id] = Field(default=[])
    function: Words | None = None
    contacts: dict[str, str] = Field(default={})
    keys: PartyKeys | None = None


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
    warehouse_readers: list[Words] = Field(default=[])


class Agreement(Block):
    """A data sharing agreement: between whom, for how long, and the document itself by its digest."""

    id: Id
    type: Literal["data_sharing_agreement", "joint_controller_arrangement", "processing_contract"]
    parties: list[Id] = Field(min_length=2)
    uri: Words
    sha256: Sha256
    start_date: Day
    end_date: Day
    status: Literal["draft", "in_force", "suspended", "ended"]


class LinkRule(Block):
    """One way to know two records for one person's: every field that they must agree in."""

    id: Id
    agree_in: list[FieldPath] = Field(min_length=1)


class SamePerson(Block):
    """Whose records are linked to those of the same person elsewhere, by what, and who is told."""

    sources: list[Id] = Field(min_length=1)
    deterministic: list[LinkRule] = Field(min_length=1)
    probabilistic: Probabilistic = Probabilistic.NONE
    link_from: float | None = Field(default=None, ge=0.99, lt=1)
    tell_from: float | None = Field(default=None, ge=0.5, lt=1)
    who_learns: WhoLearns = WhoLearns.NOBODY
    why: Words


class PersonLink(Block):
    """How records of one person are recognised as such, within a provider and across providers.

    `by` is how far danger reaches; `samePerson` is who is counted once, and may be left out.
    """

    across_providers: Literal[True]
    by: list[FieldPath] = Field(min_length=1)
    in_doubt: Literal["kept_apart"]
    same_person: SamePerson | None = None
    why: Words
