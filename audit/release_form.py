"""The release form: what somebody considered, and put their name to, before anything is told of a person.

Source:  DPA 2018 Schedule 3 (serious harm: Parts 2 to 4; child abuse data: Part 5), Schedule 2 paragraph 16
         (other people in the data). Whether the list is complete is for a lawyer to confirm.
"""

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Literal

import rfc8785
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel

from audit.leaves import AccessLeaf, Checklist, Considered
from common import clock
from config.characters import is_placeholder
from config.documents import DocumentRefused, read_with_place

VALID_FOR = timedelta(days=30)
SALT_BYTES = 32
AGAIN = "Correct the form (docs/how_to/subject_access.md), then type the same `audit` command once more."
Day = Annotated[
    date, BeforeValidator(lambda given: date.fromisoformat(given) if isinstance(given, str) else given)
]


class FormBlock(BaseModel):
    """A block of the form: closed, and printed without what stands in it."""

    model_config = ConfigDict(
        defer_build=True,
        extra="forbid",
        frozen=True,
        alias_generator=to_camel,
        populate_by_name=True,
        hide_input_in_errors=True,
    )


class ConsideredBlock(FormBlock):
    """The four questions; each is answered, `clear` or `withhold`."""

    serious_harm: Considered
    child_abuse_data: Considered
    third_party: Considered
    domestic_abuse_safety: Considered


class ReleaseForm(FormBlock):
    """The form as it is written down: why somebody asks, who approved it and when, what was considered."""

    request: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,79}$", repr=False)]
    reason: Literal[
        "subject_access_request", "complaint", "court_order", "regulator", "incident", "internal_audit"
    ]
    approver: Annotated[str, Field(min_length=3, max_length=200, repr=False)]
    approved_on: Day
    considered: ConsideredBlock


@dataclass(frozen=True)
class Release:
    """A form that was read, with the salt under which the log commits to it."""

    form: ReleaseForm = field(repr=False)
    salt: bytes = field(repr=False)

    @property
    def withheld(self) -> list[str]:
        """What was answered with `withhold`, as the form calls it; with any of it, nothing is told."""
        return [to_camel(name) for name, answer in self._answers.items() if answer != "clear"]

    @property
    def commitment(self) -> str:
        """SHA-256 over the salt and the form as RFC 8785 JSON."""
        said = rfc8785.dumps(self.form.model_dump(mode="json", by_alias=True))
        return hashlib.sha256(self.salt + said).hexdigest()

    @property
    def _answers(self) -> dict[str, Considered]:
        return self.form.considered.model_dump()

    def leaf(self, name: str, asked: Literal["history", "proof"]) -> AccessLeaf:
        """Return the leaf that says that this was asked, and of nobody whom."""
        return AccessLeaf(
            identity=f"access:{name}",
            run=name,
            at=clock.stamp(clock.now()),
            asked=asked,
            reason=self.form.reason,
            considered=Checklist(**self._answers),
            outcome="refused" if self.withheld else "given",
            form_sha256=self.commitment,
        )


def read_release(path: Path) -> Release:
    """Return the form. Errors: DocumentRefused (exit 10) if a question is open, or the approval too old."""
    form, place = read_with_place(path, ReleaseForm, remedy=AGAIN)
    if text := _why_not_now(form.approved_on):
        raise DocumentRefused([place.problem(text, "approvedOn")], remedy=AGAIN)
    if is_placeholder(form.approver):
        text = "approver: write who approved it, with name and post, and not the words printed in that place."
        raise DocumentRefused([place.problem(text, "approver")], remedy=AGAIN)
    return Release(form, secrets.token_bytes(SALT_BYTES))


def _why_not_now(approved_on: date) -> str:
    """Return why an approval of that day does not hold today; nothing where it does."""
    age = (clock.today() - approved_on).days
    if age < 0:
        return "approvedOn: this day is still to come; write the day on which it was approved."
    if age > VALID_FOR.days:
        old = f"this approval is {age:,} days old, and holds for {VALID_FOR.days}"
        return f"approvedOn: {old}; have it approved anew."
    return ""
