"""The DPIA file as typed, immutable models: every block, every key, nothing else."""

from typing import Annotated, Literal

from pydantic import Field

from sharing.document.afterwards import (
    AutomatedDecisions,
    Complaints,
    Retention,
    Rights,
    Transfers,
    Transparency,
)
from sharing.document.aggregate import Aggregate, Count
from sharing.document.block import (
    Block,
    Code,
    Evidence,
    FieldPath,
    Id,
    Period,
    Sha256,
    Version,
    Words,
    days_of,
)
from sharing.document.data import DataSet, FieldDescription
from sharing.document.examples import Example, ExpectedFate
from sharing.document.flows import Decision, Drop, FlowBlock, OptOutAnswer, Recipient
from sharing.document.law import Article9, LegalBasis, PolicyDocument, Purpose, Request
from sharing.document.need import Consultation, Description, Necessity, Screening
from sharing.document.parties import (
    Agreement,
    Operator,
    Party,
    PersonLink,
    SamePerson,
    Supersedes,
    Validity,
    Vocabulary,
)
from sharing.document.profiles import (
    DisclosureControl,
    Encryption,
    ErrorsAndLogs,
    FreeText,
    PersonStop,
    Pseudonym,
)
from sharing.document.safety import Blank, Effect, Proof, SafetyDefaults, SafetyRule, SafetySource
from sharing.document.signoff import (
    Measure,
    Risk,
    SignedElsewhere,
    Signoff,
    Waiver,
    WaiverApproval,
)
from sharing.vocabulary import Status

__all__ = [
    "Aggregate",
    "Agreement",
    "Article9",
    "Blank",
    "Block",
    "Code",
    "Count",
    "DataSet",
    "Decision",
    "DisclosureControl",
    "DpiaFile",
    "Drop",
    "Effect",
    "Evidence",
    "Example",
    "ExpectedFate",
    "FieldDescription",
    "FieldPath",
    "FlowBlock",
    "Id",
    "LegalBasis",
    "Measure",
    "Operator",
    "OptOutAnswer",
    "Party",
    "Period",
    "PersonStop",
    "PolicyDocument",
    "Proof",
    "Pseudonym",
    "Purpose",
    "Recipient",
    "Request",
    "Retention",
    "Risk",
    "SafetyRule",
    "SafetySource",
    "SamePerson",
    "Sha256",
    "SignedElsewhere",
    "Signoff",
    "Supersedes",
    "Validity",
    "Version",
    "Waiver",
    "WaiverApproval",
    "Words",
    "days_of",
]


class DpiaFile(Block):
    """The whole file, its blocks in the order in which they are read."""

    dpia_spec: Literal["1.0"]
    kind: Literal["DataProtectionImpactAssessment"]
    id: Annotated[str, Field(pattern=r"^urn:dpia:[a-z0-9:.-]+$")]
    version: Version
    status: Status
    title: Words
    law_pack: Annotated[str, Field(pattern=r"^[a-z]{2}/[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
    vocabularies: dict[Annotated[str, Field(pattern=r"^[a-z]+$")], Vocabulary] = Field(min_length=1)
    supersedes: Supersedes | None = None
    validity: Validity
    parties: list[Party] = Field(min_length=2)
    operators: list[Operator] = Field(min_length=1)
    agreements: list[Agreement] = Field(min_length=1)
    person_link: PersonLink
    screening: Screening
    description: Description
    consultation: list[Consultation] = Field(min_length=1)
    necessity: Necessity
    purposes: list[Purpose] = Field(min_length=1)
    legal_bases: list[LegalBasis] = Field(min_length=1)
    data_sets: list[DataSet] = Field(min_length=1)
    safety_sources: list[SafetySource] = Field(min_length=1)
    safety: list[SafetyRule] = Field(min_length=1)
    safety_defaults: SafetyDefaults
    flows: list[FlowBlock] = Field(min_length=1)
    person_stops: list[PersonStop] = Field(min_length=1)
    pseudonyms: dict[Id, Pseudonym] = Field(min_length=1)
    disclosure_control: dict[Id, DisclosureControl] = Field(default={})
    encryption: Encryption
    free_text: FreeText
    errors_and_logs: ErrorsAndLogs
    retention: list[Retention] = Field(min_length=1)
    rights: Rights
    complaints: Complaints
    transparency: Transparency
    transfers: Transfers
    automated_decisions: AutomatedDecisions
    risks: list[Risk] = Field(min_length=1)
    measures: list[Measure] = Field(min_length=1)
    signoff: Signoff
    waivers: list[Waiver] = Field(default=[])
    examples: list[Example] = Field(default=[])
