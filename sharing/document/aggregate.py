"""Counts in place of rows: what a flow without records may count, and how it is protected (block 5)."""

from typing import Annotated, Literal

from pydantic import Field

from canonical.quarters import LABEL
from sharing.document.block import Block, FieldPath, Id, Words

CountId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,60}$")]


class Count(Block):
    """One count: which records of which sources, by which day, and why it leaves.

    `where` is asked of each record as a flow's own condition is: what cannot be answered is not counted.
    A count of answers says of which field: each answer that enough people gave in a quarter is one.
    """

    id: CountId
    label: Words
    entity: Id
    sources: list[Id] = Field(alias="from", min_length=1)
    by: FieldPath
    unit: Literal["records", "people", "answers"]
    of: FieldPath | None = None
    where: Words | None = None
    why: Words


class Aggregate(Block):
    """The counts of a flow, and the only way in which they leave: by financial quarter, for the borough.

    settleDays: how long after a quarter's end its counts are made, once. revisedQuarters: how many of the
    latest quarters are counted again when the next one is. Another dimension cannot be written down. Where
    two counts together would tell of few, the one that stands first is shown.
    """

    period: Literal["financial_quarter"]
    area: Literal["borough"]
    first_quarter: Annotated[str, Field(pattern=LABEL)]
    settle_days: int = Field(ge=7, le=180)
    revised_quarters: int = Field(ge=1, le=8)
    suppress_below: int = Field(ge=10, le=100)
    round_to: Literal[5, 10]
    counts: list[Count] = Field(min_length=1, max_length=12)
