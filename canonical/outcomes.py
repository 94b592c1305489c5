"""Wellbeing forms and what was achieved."""

from datetime import date, datetime
from decimal import Decimal

from canonical.fields import Entity, field


class OutcomeMeasure(Entity):
    """One completed wellbeing form (WEMWBS or SWEMWBS)."""

    key = ('measure_id',)
    parents = {'person_id': 'person', 'referral_id': 'referral'}
    person_field = "person_id"

    measure_id: str = field('key', 'M', 'S9', 'Measure id.', standard='PRSB Structured assessment; FHIR QuestionnaireResponse')
    person_id: str = field('key', 'M', 'I', 'Person id.', references='person')
    episode_id: str = field('key', 'M', 'P', 'Episode id.', references='service_episode')
    tool: str = field('code', 'M', 'N', 'Tool.', codes='WEMWBS|SWEMWBS', standard='SNOMED 718426000 / 718466001')
    tool_version: str = field('text', 'M', 'N', 'Tool version.')
    timepoint: str = field('code', 'M', 'P', 'Timepoint.', codes='baseline|review|exit|follow_up')
    completed_on: date = field('date', 'M', 'S9', 'Completed on.', standard='CSDS ASSESSMENT TOOL COMPLETION DATE')
    item_01: int | None = field('integer', 'R', 'S9', 'Answer to item 1 (1-5).', standard='Tennant 2007')
    item_02: int | None = field('integer', 'R', 'S9', 'Answer to item 2 (1-5).', standard='Tennant 2007')
    item_03: int | None = field('integer', 'R', 'S9', 'Answer to item 3 (1-5).', standard='Tennant 2007')
    item_04: int | None = field('integer', 'R', 'S9', 'Answer to item 4 (1-5).', standard='Tennant 2007')
    item_05: int | None = field('integer', 'R', 'S9', 'Answer to item 5 (1-5).', standard='Tennant 2007')
    item_06: int | None = field('integer', 'R', 'S9', 'Answer to item 6 (1-5).', standard='Tennant 2007')
    item_07: int | None = field('integer', 'R', 'S9', 'Answer to item 7 (1-5).', standard='Tennant 2007')
    item_08: int | None = field('integer', 'R', 'S9', 'Answer to item 8 (1-5).', standard='Tennant 2007')
    item_09: int | None = field('integer', 'R', 'S9', 'Answer to item 9 (1-5).', standard='Tennant 2007')
    item_10: int | None = field('integer', 'R', 'S9', 'Answer to item 10 (1-5).', standard='Tennant 2007')
    item_11: int | None = field('integer', 'R', 'S9', 'Answer to item 11 (1-5).', standard='Tennant 2007')
    item_12: int | None = field('integer', 'R', 'S9', 'Answer to item 12 (1-5).', standard='Tennant 2007')
    item_13: int | None = field('integer', 'R', 'S9', 'Answer to item 13 (1-5).', standard='Tennant 2007')
    item_14: int | None = field('integer', 'R', 'S9', 'Answer to item 14 (1-5).', standard='Tennant 2007')
    raw_total: int | None = field('integer', 'R', 'S9', 'Raw total.', standard='CSDS PERSON SCORE')
    metric_score: Decimal | None = field('decimal', 'derived', 'S9', 'SWEMWBS only.', standard='Stewart-Brown 2009')
    self_completed: bool | None = field('boolean', 'O', 'N', 'Self completed.', standard='Warwick how-to: read-out biases upward')
    referral_id: str = field('key', 'M', 'P', 'The referral the form belongs to.', references='referral')
    reveals_abuse: bool | None = field('boolean', 'derived', 'SG', 'This row by itself reveals, or cannot exclude, domestic abuse.', standard='Domestic Abuse Act 2021')


class Outcome(Entity):
    """What the service achieved with the person."""

    key = ('outcome_id',)
    parents = {'person_id': 'person', 'referral_id': 'referral'}
    person_field = "person_id"

    outcome_id: str = field('key', 'M', 'P', 'Outcome id.', standard='PRSB Outcomes')
    episode_id: str = field('key', 'M', 'P', 'Episode id.', references='service_episode')
    need_id: str | None = field('key', 'O', 'P', 'Need id.', standard='PRSB', references='need')
    outcome_code: str = field('code', 'M', 'P', 'Outcome code.', codes='provider list mapped to supporting_families_outcomes where family', standard='Charitylog Simple / Ladder outcomes')
    achieved: str = field('code', 'M', 'P', 'Achieved.', codes='met|partly|not met', standard='PRSB Goal status')
    money_gained_gbp: Decimal | None = field('decimal', 'O', 'P', 'Money gained gbp.', standard='Charitylog Monetary Outcome')
    arrears_obtained_gbp: Decimal | None = field('decimal', 'O', 'P', 'Arrears obtained gbp.', standard='Charitylog Arrears Obtained')
    awarded_on: date | None = field('date', 'O', 'P', 'Awarded on.', standard='Charitylog Date awarded')
    person_id: str = field('key', 'M', 'I', 'The person.', references='person')
    referral_id: str = field('key', 'M', 'P', 'The referral the outcome belongs to.', references='referral')
