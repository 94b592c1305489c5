"""Reviews of young children, their scores, and early help: agreed, and pulled by no mapping yet."""

from datetime import date
from decimal import Decimal

from canonical.fields import Entity, field, links


class ChildReview(Entity):
    """One health review of a young child, at its stage of the eight-stage assessment."""

    key = ("review_id",)
    parents = links(person_id="person")
    person_field = "person_id"

    review_id: str = field("key", "M", "S9", "This review.", standard="CSDS Care Activity")
    person_id: str = field("key", "M", "I", "The child.", standard="CSDS", references="person")
    mother_nhs_number: str | None = field(
        "text", "O", "I", "NHS number of the mother: ten digits as text.", standard="CSDS NHS NUMBER (MOTHER)"
    )
    stage: str = field(
        "code",
        "M",
        "P",
        "Which stage it is; the list says from and before which age.",
        codes="gm_8_stage",
        standard="GM 8 Stage Assessment",
    )
    mandated_review: str | None = field(
        "code",
        "R",
        "P",
        "Which nationally mandated review it counts as; the windows are not those of the stages.",
        codes="mandated_review",
        standard="OHID health visitor metrics C1 to C6",
    )
    completed_on: date | None = field(
        "date", "R", "P", "Day it was completed.", standard="CSDS CARE CONTACT DATE"
    )
    completed_late: bool | None = field(
        "boolean", "O", "P", "Whether the service itself says that it came after its window."
    )
    is_repeat: bool | None = field(
        "boolean", "O", "P", "Whether it repeats a stage that was already reviewed."
    )
    asq3_used: bool | None = field(
        "boolean", "R", "P", "Whether the ASQ-3 questionnaire was used.", standard="OHID C6ii"
    )
    early_help_indicator: bool | None = field(
        "boolean", "R", "SG", "Whether the family may need early help.", standard="GM 8 Stage Assessment"
    )
    safeguarding_indicator: str | None = field(
        "code",
        "O",
        "SG",
        "Whether safeguarding vulnerability factors are present.",
        codes="dd_safeguarding_vulnerability_factors_indicator",
        standard="NHS DD; CSDS",
    )
    looked_after: str | None = field(
        "code",
        "O",
        "SG",
        "Whether the child is looked after.",
        codes="dd_looked_after_child_indicator",
        standard="NHS DD; CSDS",
    )
    locality: str | None = field(
        "code", "R", "P", "Locality of the service, as the source words it (open list); not a neighbourhood."
    )


class ChildScore(Entity):
    """The score of one area of development in a child's review."""

    key = ("score_id",)
    parents = links(person_id="person", review_id="child_review")
    person_field = "person_id"

    score_id: str = field("key", "M", "S9", "This score.")
    person_id: str = field("key", "M", "I", "The child.", references="person")
    review_id: str = field("key", "M", "S9", "The review it belongs to.", references="child_review")
    interval: str = field(
        "code",
        "M",
        "S9",
        "Which questionnaire was filled in, by its month.",
        codes="asq3_interval",
        standard="ASQ-3",
    )
    domain: str = field(
        "code",
        "M",
        "S9",
        "Area of development.",
        codes="asq3_domains",
        standard="CSDS CODED ASSESSMENT TOOL TYPE",
    )
    score: Decimal | None = field(
        "decimal", "R", "S9", "Total of the area, 0 to 60.", standard="ASQ-3; CSDS PERSON SCORE"
    )
    adjusted: bool | None = field(
        "boolean", "O", "S9", "Whether the total was adjusted for a question left out.", standard="ASQ-3"
    )
    band: str | None = field(
        "code",
        "O",
        "S9",
        "Above, near or below the cut-off, as the source says; the cut-offs are licensed and not ours.",
        codes="asq3_band",
        standard="ASQ-3; OHID C6iii to C6viii",
    )


class EarlyHelpEpisode(Entity):
    """The time a family or a person had early help, as the case system of children's services holds it."""

    key = ("early_help_episode_id",)
    parents = links(person_id="person")
    person_field = "person_id"

    early_help_episode_id: str = field("key", "M", "P", "This episode.", standard="SSD EARL001A")
    person_id: str = field(
        "key", "M", "I", "The person it is about.", standard="SSD EARL002A", references="person"
    )
    family_id: str | None = field(
        "key", "R", "P", "The family, in the case system's numbering.", standard="SSD FAMI001A"
    )
    started_on: date = field("date", "M", "P", "Day it started.", standard="SSD EARL003A; Annex A")
    ended_on: date | None = field("date", "R", "P", "Day it ended.", standard="SSD EARL004A; Annex A")
    reason: str | None = field(
        "code",
        "R",
        "SG",
        "What it is for; domestic abuse is among the words.",
        codes="supporting_families_outcomes",
        standard="SSD EARL005A; Supporting Families",
    )
    end_reason: str | None = field(
        "code", "R", "SG", "Why it ended.", codes="early_help_end_reason", standard="SSD EARL006A"
    )
    org_id: str | None = field(
        "key", "R", "N", "The organisation responsible.", standard="SSD EARL007A", references="organisation"
    )
    referral_source: str | None = field(
        "code",
        "R",
        "P",
        "Who asked for it, by kind.",
        codes="dfe_cin_referral_source",
        standard="DfE CIN census",
    )
