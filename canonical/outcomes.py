"""Wellbeing forms and what was achieved."""

from datetime import date
from decimal import Decimal

from canonical.fields import Entity, field, links, reveals_abuse_field

ITEM = "Answer to item {} of WEMWBS, 1 to 5."
ITEMS = "Tennant 2007"


class OutcomeMeasure(Entity):
    """One completed wellbeing form (WEMWBS or SWEMWBS)."""

    key = ("measure_id",)
    parents = links(person_id="person", referral_id="referral")
    person_field = "person_id"

    measure_id: str = field(
        "key", "M", "S9", "This form.", standard="PRSB Structured assessment; FHIR QuestionnaireResponse"
    )
    person_id: str = field("key", "M", "I", "The person who filled it in.", references="person")
    episode_id: str | None = field(
        "key",
        "R",
        "P",
        "The episode it belongs to, where the service took the case on.",
        references="service_episode",
    )
    tool: str = field(
        "code", "M", "N", "Which form it is.", codes="wellbeing_tool", standard="SNOMED 718426000 / 718466001"
    )
    tool_version: str | None = field("text", "O", "N", "Which issue of the form.")
    timepoint: str | None = field("code", "R", "P", "At which point of the work.", codes="timepoint")
    completed_on: date = field(
        "date", "M", "S9", "Day it was filled in.", standard="CSDS ASSESSMENT TOOL COMPLETION DATE"
    )
    item_01: int | None = field("integer", "R", "S9", ITEM.format(1), standard=ITEMS)
    item_02: int | None = field("integer", "R", "S9", ITEM.format(2), standard=ITEMS)
    item_03: int | None = field("integer", "R", "S9", ITEM.format(3), standard=ITEMS)
    item_04: int | None = field("integer", "R", "S9", ITEM.format(4), standard=ITEMS)
    item_05: int | None = field("integer", "R", "S9", ITEM.format(5), standard=ITEMS)
    item_06: int | None = field("integer", "R", "S9", ITEM.format(6), standard=ITEMS)
    item_07: int | None = field("integer", "R", "S9", ITEM.format(7), standard=ITEMS)
    item_08: int | None = field("integer", "R", "S9", ITEM.format(8), standard=ITEMS)
    item_09: int | None = field("integer", "R", "S9", ITEM.format(9), standard=ITEMS)
    item_10: int | None = field("integer", "R", "S9", ITEM.format(10), standard=ITEMS)
    item_11: int | None = field("integer", "R", "S9", ITEM.format(11), standard=ITEMS)
    item_12: int | None = field("integer", "R", "S9", ITEM.format(12), standard=ITEMS)
    item_13: int | None = field("integer", "R", "S9", ITEM.format(13), standard=ITEMS)
    item_14: int | None = field("integer", "R", "S9", ITEM.format(14), standard=ITEMS)
    raw_total: int | None = field(
        "integer", "R", "S9", "Sum of the answers as the source gives it.", standard="CSDS PERSON SCORE"
    )
    metric_score: Decimal | None = field(
        "decimal",
        "derived",
        "S9",
        "Score of a complete SWEMWBS form by the published table; never mixed with a raw total.",
        standard="Stewart-Brown 2009",
    )
    self_completed: bool | None = field(
        "boolean",
        "O",
        "N",
        "Whether the person filled it in alone; read out, answers rise.",
        standard="Warwick",
    )
    referral_id: str = field("key", "M", "P", "The referral it belongs to.", references="referral")
    reveals_abuse: bool | None = reveals_abuse_field()


class Outcome(Entity):
    """What the service achieved with the person."""

    key = ("outcome_id",)
    parents = links(person_id="person", referral_id="referral")
    person_field = "person_id"

    outcome_id: str = field("key", "M", "P", "This outcome.", standard="PRSB Outcomes")
    episode_id: str | None = field(
        "key",
        "R",
        "P",
        "The episode it belongs to, where the service took the case on.",
        references="service_episode",
    )
    need_id: str | None = field("key", "O", "P", "The need it answers.", standard="PRSB", references="need")
    outcome_code: str | None = field(
        "code", "R", "P", "What was achieved, in the source's list (open).", standard="Charitylog Outcomes"
    )
    achieved: str = field(
        "code", "M", "P", "How far the goal was met.", codes="achieved", standard="PRSB Goal status"
    )
    money_gained_gbp: Decimal | None = field(
        "decimal", "O", "P", "Money gained for the person, in pounds.", standard="Charitylog Monetary Outcome"
    )
    arrears_obtained_gbp: Decimal | None = field(
        "decimal",
        "O",
        "P",
        "Arrears obtained for the person, in pounds.",
        standard="Charitylog Arrears Obtained",
    )
    awarded_on: date | None = field(
        "date", "O", "P", "Day it was awarded.", standard="Charitylog Date awarded"
    )
    person_id: str = field("key", "M", "I", "The person it is for.", references="person")
    referral_id: str = field("key", "M", "P", "The referral it belongs to.", references="referral")
