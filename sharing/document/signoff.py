"""What could go wrong, what is done against it, and who took responsibility (block 10; ICO steps 5 to 7)."""

from typing import Annotated, Literal

from pydantic import Field

from config.scalars import Day
from sharing.document.block import Block, Evidence, Id, Words

Level = Literal["low", "medium", "high"]
Enforcer = Annotated[str, Field(pattern=r"^[a-z_]+:[A-Za-z0-9_./:-]+$")]
"""What enforces a measure: kind and name, as in safety:S1 or test:no_canary_leaves."""
SignatureText = Annotated[str, Field(pattern="^\N{EM DASH} [^ +]+ [A-Za-z0-9+/]+={0,2}$")]
"""A signature line as C2SP signed-note writes it: a dash, the name of the key, key id and signature."""


class Risk(Block):
    """A harm to people, how likely and how grave, before anything is done about it (ICO step 5)."""

    id: Id
    harm: Words
    subjects: list[Words] = Field(min_length=1)
    likelihood: Literal["remote", "possible", "probable"]
    severity: Literal["minimal", "significant", "severe"]
    overall: Level
    measures: list[Id] = Field(min_length=1)


class Measure(Block):
    """What is done against a risk, by what or whom it is enforced, and what risk is left (ICO step 6)."""

    id: Id
    title: Words
    risk: Id
    effect: Literal["eliminated", "reduced", "accepted"]
    residual: Level
    approved: bool
    enforced_by: list[Enforcer] | Literal["manual"]
    evidence: Words | None = None
    owner: Words | None = None
    review_by: Day | None = None


class Approval(Block):
    """Somebody's word, and its day."""

    by: Words
    on: Day = Field(alias="date")


class DpoAdvice(Approval):
    """What the data protection officer advised; advice that is overruled says why."""

    text: Words
    accepted: bool
    overruled_reason: Words | None = None


class SiroDecision(Approval):
    """What risk the senior information risk owner accepted."""

    residual_risk: Level


class PriorConsultation(Block):
    """Whether the ICO had to be consulted first (Article 36), and that it was."""

    required: bool
    on: Day | None = Field(default=None, alias="date")
    ref: Words | None = None


class SignedElsewhere(Block):
    """A document that a party signed elsewhere, and the word of the attestor of this site that it did."""

    party: Id
    signed_by: Words
    signed_on: Day
    document: Evidence
    attestation: SignatureText


class Signoff(Block):
    """Who took responsibility; `signatures` are over the file without themselves (ICO step 7)."""

    dpo_advice: DpoAdvice
    caldicott: Approval
    siro: SiroDecision
    ico_prior_consultation: PriorConsultation
    signatures: list[SignatureText | SignedElsewhere] = Field(default=[])


class WaiverApproval(Block):
    """Somebody who approved a waiver: who, and as what or for which party."""

    by: Words
    role: Words | None = None
    party: Id | None = None


class Waiver(Block):
    """A day set aside for at most 30 days, by two people, with a reason: `rule` is the day's place."""

    id: Id
    rule: Words
    reason: Words
    approved_by: list[WaiverApproval] = Field(min_length=2)
    approved_on: Day
    expires_on: Day
