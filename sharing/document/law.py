"""What the data are for, and on which ground in law each party stands (block 3)."""

from typing import Literal

from pydantic import Field

from config.scalars import Day
from sharing.document.block import Block, Code, Evidence, Id, Words
from sharing.vocabulary import Gateway, PurposeKind


class Purpose(Block):
    """What the data are for, and what they are expressly not for."""

    id: Id
    label: Words
    term: Code
    broader: Code | None = None
    kind: PurposeKind
    not_for: list[Words] = Field(min_length=1)


class PolicyDocument(Evidence):
    """The appropriate policy document (DPA 2018 Schedule 1 paragraph 39)."""

    review_by: Day


class Article9(Block):
    """The condition for special category data."""

    condition: Code
    schedule1: Code | None = None
    secrecy: Words | None = None
    apd: PolicyDocument | None = None


class CriminalOffence(Block):
    """The authority for data about offences, allegations included (Article 10)."""

    applies: bool
    authority: Code | None = None


class Confidentiality(Block):
    """What lifts the duty of confidentiality; a statutory gateway names its enactment."""

    gateway: Gateway
    provision: Words
    law: list[Code] = Field(default=[])


class Request(Evidence):
    """A public body's request on which a charity relies: for which of its tasks, and that it says so."""

    requested_by: Id
    requested_on: Day
    states_public_task: bool
    provision: Words


class Relevance(Block):
    """How it is known that the data matter to the duty: a case was marked, or a decision written."""

    decided: Literal["practitioner_marked", "cohort_decision"]
    ref: Words


class Compatibility(Block):
    """Why a use other than that of the collection is compatible with it (Article 8A, Annex 2)."""

    annex2: Code | None = None
    article8a: Words | None = None


class HumanRights(Block):
    """That what is taken of private life is necessary and proportionate (ECHR Article 8)."""

    necessary: bool
    proportionate: bool
    ref: Words


class LegalBasis(Block):
    """One party's ground in law; nobody borrows another's.

    `law` names the provisions of the law pack; `tests` says per test of the law pack how it is met.
    """

    id: Id
    party: Id
    article6: Code
    provision: Words
    law: list[Code] = Field(default=[])
    article9: Article9 | None = None
    criminal_offence: CriminalOffence | None = None
    confidentiality: Confidentiality
    request: Request | None = None
    interests_assessment: Evidence | None = None
    necessity_note: Words | None = None
    relevance: Relevance | None = None
    compatibility: Compatibility | None = None
    tests: dict[Id, Words] = Field(default={})
    human_rights_art8: HumanRights | None = None
    confirm_with_lawyer: bool
