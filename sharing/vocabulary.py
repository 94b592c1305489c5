"""The closed words of a DPIA file: statuses, roles, actions. Words of law stand in the law packs."""

from enum import StrEnum

from canonical import Sensitivity


class Status(StrEnum):
    """Where the document stands in its own life; only `approved` runs."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    SUSPENDED = "suspended"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


class Role(StrEnum):
    """What a party is under UK GDPR."""

    CONTROLLER = "controller"
    JOINT_CONTROLLER = "joint_controller"
    PROCESSOR = "processor"
    SUB_PROCESSOR = "sub_processor"
    THIRD_PARTY = "third_party"


class ChildrenAct(StrEnum):
    """What a party is under the Children Act 2004; `none` has no duty or power under its s.16LA."""

    S11_BODY = "s11_body"
    S16E_AGENCY = "s16E_agency"
    S16LA4C_PROVIDER = "s16LA4c_provider"
    NONE = "none"


class PurposeKind(StrEnum):
    """The kind of a purpose, as the ICO's data sharing code tells them apart."""

    INDIVIDUAL_CARE = "individual_care"
    SAFEGUARDING = "safeguarding"
    SERVICE_PLANNING = "service_planning"
    EVALUATION = "evaluation"
    STATUTORY_RETURN = "statutory_return"
    RESEARCH = "research"


class Gateway(StrEnum):
    """What lifts the common-law duty of confidentiality; it is not the Article 6 basis."""

    CONSENT = "consent"
    IMPLIED_CONSENT = "implied_consent_individual_care"
    STATUTORY = "statutory"
    PUBLIC_INTEREST = "overriding_public_interest"
    NOT_IDENTIFIABLE = "not_identifiable_to_recipient"


class FlowStatus(StrEnum):
    """Whether a flow runs."""

    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"


class Identifiability(StrEnum):
    """Whether the recipient learns who a person is; in an aggregate flow there are no rows about anybody."""

    IDENTIFIED = "identified"
    PSEUDONYMISED = "pseudonymised"
    AGGREGATE = "aggregate"


class Directness(StrEnum):
    """How near a field comes to naming a person."""

    NONE = "none"
    QUASI = "quasi"
    DIRECT = "direct"

    @property
    def rank(self) -> int:
        """Return 0 for none, 1 for quasi, 2 for direct."""
        return list(Directness).index(self)


class Classification(StrEnum):
    """How careful a field must be handled, in the DPIA's words."""

    NONE = "none"
    PERSONAL = "personal"
    SPECIAL = "special_category"
    OFFENCE = "criminal_offence"
    SAFETY = "safety_critical"


class Action(StrEnum):
    """What happens to a field in a flow; `redact` is decided per record by a safety rule."""

    DISCLOSE = "disclose"
    GENERALISE = "generalise"
    PSEUDONYMISE = "pseudonymise"
    DROP = "drop"
    REDACT = "redact"

    @property
    def precision(self) -> int:
        """Return how much the recipient sees: 0 nothing, 3 the value itself."""
        return {"disclose": 3, "generalise": 2, "pseudonymise": 1}.get(self.value, 0)


class Scope(StrEnum):
    """Whom a safety rule reaches once its condition holds."""

    RECORD = "record"
    PERSON = "person"
    HOUSEHOLD = "household"
    SAME_ADDRESS = "same_address"
    LINKED_CHILDREN = "linked_children"


LEAST_CLASSIFICATION: dict[Sensitivity, frozenset[Classification]] = {
    Sensitivity.NONE: frozenset(Classification),
    Sensitivity.IDENTIFIER: frozenset(Classification) - {Classification.NONE},
    Sensitivity.PERSONAL: frozenset(Classification) - {Classification.NONE},
    Sensitivity.SPECIAL: frozenset({Classification.SPECIAL, Classification.SAFETY}),
    Sensitivity.OFFENCE: frozenset({Classification.OFFENCE, Classification.SAFETY}),
    Sensitivity.SAFEGUARDING: frozenset({Classification.SAFETY}),
}
"""The classifications that are not looser than what the canonical schema says of a field."""

PERSON_LINK = frozenset(
    {
        "person.nhs_number",
        "address.line1",
        "address.postcode",
        "address.uprn",
        "relationship.related_person_id",
    }
)
"""By what records of one person, one home or one family are found: all of these, always (see sync.people)."""

SAME_PERSON = (
    frozenset({"person.nhs_number"}),
    frozenset({"person.birth_date", "person.family_name", "person.given_name", "address.postcode"}),
)
"""What two records must agree in to be taken for one person's: nothing less (see sync.linking)."""

LINKED = ("person", "linked_person_id")
"""The field that stands for the person, whichever record they are met on."""


class Probabilistic(StrEnum):
    """Whether records that agree in less are weighed too, and by what."""

    NONE = "none"
    SPLINK = "splink"


class WhoLearns(StrEnum):
    """Which providers learn that another service of the site helps somebody too, narrowest first.

    The second word tells each provider by its own reference alone: never which service it is, never
    the other's reference, and never of somebody in danger.
    """

    NOBODY = "nobody"
    EACH_ITS_OWN = "each_provider_its_own"


VOCABULARIES = {
    "dpv": "https://w3id.org/dpv#",
    "gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
    "uk": "urn:lawpack:uk:",
}
"""Where the codes of each prefix are defined; a law pack has codes of no other."""

KEPT_HERE = frozenset({"batch_bodies", "disclosure_log", "memory", "run_summaries", "statements"})
"""What Viaduct itself keeps; all else that is kept is FLOW@PARTY."""
