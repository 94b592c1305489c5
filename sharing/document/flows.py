"""What is shared: one allow rule per flow, field by field (block 5)."""

from typing import Annotated, Literal

from pydantic import Field

from config.scalars import Day
from sharing.document.aggregate import Aggregate
from sharing.document.block import Block, Id, Period, Words
from sharing.vocabulary import Action, FlowStatus, Identifiability

Decided = Literal[Action.DISCLOSE, Action.GENERALISE, Action.PSEUDONYMISE, Action.DROP]


class Recipient(Block):
    """To whom, where, and under which key a flow is sealed."""

    party: Id
    endpoint: Words
    key_id: Words


class Review(Block):
    """That somebody reads what people typed before it leaves, who, and since when."""

    by: Words
    since: Day
    ref: Words


class Decision(Block):
    """What happens to one field, and why."""

    action: Decided
    to: str | None = None
    why: Words
    review: Review | None = None


class Drop(Block):
    """Fields that stay behind, and why."""

    fields: list[str] = Field(min_length=1)
    why: Words


class Schedule(Block):
    """How often a flow runs, and from how many rows or new people on somebody looks before it leaves."""

    frequency: Period
    max_rows: int | None = Field(default=None, ge=1)
    max_first_seen_subjects: int | None = Field(default=None, ge=1)


class Constraints(Block):
    """What the recipient is bound to."""

    no_onward_transfer: bool
    use_only_for: list[Id] = Field(min_length=1)
    delete_after: Period
    recipient_duties: list[Literal["delete_on_notice", "notify_breach_24h", "restrict_access", "train_staff"]]


class OptOutAnswer(Block):
    """Whether the national data opt-out applies, why, and what becomes of whom it could not be asked."""

    applies: bool
    reason: Id
    could_not_be_checked: Literal["WITHHOLD", "REVIEW"] = "WITHHOLD"


class FlowOptions(Block):
    """The choices that people have in a flow."""

    national_data_opt_out: OptOutAnswer | None = None
    objection: Literal["honour", "honour_unless_compelling", "no_right"] = "honour"


class FlowNecessity(Block):
    """Why this flow needs rows, and why counts would not do; of a flow of counts, why they leave at all."""

    row_level: Words
    aggregates: Words


class FlowBlock(Block):
    """One allow rule: sources, recipient, purpose, bases, people, rows, fields; or counts instead."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,40}$")]
    title: Words
    sources: list[Id] = Field(alias="from", min_length=1)
    to: Recipient
    purpose: Id
    basis: list[Id] = Field(min_length=1)
    agreement: Id
    status: FlowStatus
    identifiability: Identifiability
    pseudonym: Id | None = None
    necessity: FlowNecessity
    schedule: Schedule
    constraints: Constraints
    options: FlowOptions = FlowOptions()
    decision_on_duty: Literal["required_when_withheld"] | None = None
    cohort: Words
    where: dict[str, Words] = Field(default={})
    fields: dict[str, dict[str, Decision]] = Field(min_length=1)
    drop: dict[str, list[Drop]] = Field(default={})
    aggregate: Aggregate | None = None

    def decisions(self, entity: str) -> dict[str, Decision]:
        """Return the decision per field of the entity, the compact drops written out."""
        written = dict(self.fields[entity])
        for group in self.drop.get(entity, []):
            written |= dict.fromkeys(group.fields, Decision(action=Action.DROP, why=group.why))
        return written
