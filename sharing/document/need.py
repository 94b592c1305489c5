"""Why an assessment, what is done, who was asked, why no less would do (block 2; ICO steps 1 to 4)."""

from typing import Literal

from pydantic import Field

from config.scalars import Day
from sharing.document.block import Block, Words

Trigger = Literal[
    "data_matching",
    "vulnerable_data_subjects",
    "special_category_large_scale",
    "criminal_offence_data",
    "risk_of_physical_harm",
    "invisible_processing",
    "innovative_technology",
    "tracking",
    "children",
]


class Screening(Block):
    """Whether an assessment is required, and by what (ICO step 1)."""

    required: bool
    triggers: list[Trigger]


class Extent(Block):
    """How many people, where, how often, and whether children are among them."""

    subjects: int = Field(ge=0)
    area: Words
    frequency: Words
    children: bool


class Context(Block):
    """How the people stand to those who hold their data, what they expect, and what was feared before."""

    relationship: Words
    expectations: Words
    prior_concerns: Words


class Description(Block):
    """What is done, to whom, and in what circumstances (ICO step 2)."""

    nature: Words
    scope: Extent
    context: Context


class Consultation(Block):
    """Somebody who was asked, when, and where what they said is kept (ICO step 3)."""

    who: Words
    when: Day
    outcome_ref: Words


class Necessity(Block):
    """What else was considered, and why no less would do (ICO step 4)."""

    alternatives_considered: list[Words] = Field(min_length=1)
    minimisation_statement: Words
    function_creep_control: Words
