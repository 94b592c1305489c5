"""How long data stay, what people may ask, and what they are told (block 9)."""

from typing import Annotated, Literal

from pydantic import Field

from sharing.document.block import Block, Code, Id, Period, Sha256, Words

Kept = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_.]*(?:@[A-Za-z][A-Za-z0-9_.-]*)?$")]
"""What is kept: FLOW@PARTY for what a recipient holds, or a thing of Viaduct's own."""
Since = Literal["case_closed", "last_contact", "disclosure", "receipt", "run", "contract_end"]
Gate = Literal["sch3_serious_harm", "sch3_child_abuse_data", "third_party", "da_safety"]


class Retention(Block):
    """How long something is kept, from when on, on what ground, and how its end is proved."""

    what: Kept
    period: Period
    since: Since = Field(alias="from")
    basis: Words
    disposal: Literal["delete", "anonymise", "destroy_person_key"]
    proof: Literal["recipient_certificate", "log_leaf", "run_summary"]


class Access(Block):
    """Who answers a request for a copy, with which report, after which questions (Article 15)."""

    lead: Id
    dpia_report: Literal["person_history"]
    release_gate: list[Gate] = Field(min_length=1)


class Rectification(Block):
    """That corrections reach the recipient, and how soon (Articles 16 and 19)."""

    propagate: Literal[True]
    within: Period


class Erasure(Block):
    """That erasures reach the recipient, and under which bases there is no right to one (Article 17)."""

    propagate: Literal[True]
    except_where: list[Code] = Field(default=[])


class Objection(Block):
    """Where there is a right to object: worked out from the bases, never declared (Article 21)."""

    flows: Literal["computed_from_basis"]


class Rights(Block):
    """What people may ask, and who answers: `answeredBy` names a contact for every party that holds data."""

    answered_by: dict[Id, Words] = Field(min_length=1)
    access: Access
    rectification: Rectification
    erasure: Erasure
    object: Objection


class Complaints(Block):
    """Where to complain, and within how many days it is acknowledged (DPA 2018 s.164A)."""

    route: Words
    acknowledge_within_days: int = Field(ge=1, le=30)


class PrivacyNotice(Block):
    """A party's notice by its digest, the flows of which it tells, and the interests that it names."""

    party: Id
    uri: Words
    sha256: Sha256
    covers: list[Id] = Field(min_length=1)
    names_interests: list[Code] = Field(default=[])


class Transparency(Block):
    """What people are told, how soon by who did not ask them, and that the register is public."""

    privacy_notices: list[PrivacyNotice] = Field(min_length=1)
    art14_within: Period
    publish_register: bool


class Transfers(Block):
    """Whether data leave the United Kingdom, and under which safeguards."""

    outside_uk: bool = Field(alias="outsideUK")
    safeguards: list[Words] = Field(default=[])


class AutomatedDecisions(Block):
    """Whether anything is decided about a person without a person."""

    solely: bool
    profiling: bool
    safeguards: Words | None = None
