"""Cases that information governance wrote: an invented person, and what must become of them (block 10)."""

from typing import Literal

from pydantic import Field

from sharing.document.block import Block, FieldPath, Id, Words

Outcome = Literal["PERMIT", "TRANSFORM", "REDACT", "REVIEW", "WITHHOLD", "DENY"]
LinkedBy = Literal["household", "same_address", "linked_children"]
Given = dict[str, str | bool | int | None]
"""By ENTITY.field what a record holds; by the name of a choice whether it stands in its register."""


class ExpectedFate(Block):
    """What must become of an example: its outcome, why, and which fields leave empty or filled."""

    outcome: Outcome
    reason: Words | None = None
    absent: list[FieldPath] = Field(default=[])
    present: list[FieldPath] = Field(default=[])


class Example(Block):
    """A case that IG wrote: what is known of an invented person, and what must become of it in a flow."""

    id: Id | None = None
    title: Words | None = None
    recorded_by: Id | None = None
    given: Given
    linked: dict[LinkedBy, Given] = Field(default={})
    flow: Id
    expect: ExpectedFate
