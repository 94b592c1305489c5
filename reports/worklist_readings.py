"""What a worklist is made from: living findings, the words of the checks, and the providers."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from pydantic import Field, field_validator

from common.clock import LONDON
from quality.life import State
from reports.readings import SAFE_NAME, Reading
from reports.trend import Week

SUBMISSION = "submission"
"""The entity of a finding about an export or a period as a whole; no record of the CRM opens for it."""


class FindingRow(Reading):
    """One living finding: a code, a place, a reference; never a value."""

    source: str
    reference: str
    check: str
    code: str = ""
    entity: str = ""
    field: str = ""
    other: str = ""
    severity: str = "error"
    effect: str = "none"
    cause: str = ""
    state: State = State.OPEN
    baseline: bool = False
    first_seen: date | None = None
    opened: date | None = None
    opened_at: str = ""
    due: date | None = None
    until: date | None = None

    @field_validator("first_seen", "opened", "due", "until", mode="before")
    @classmethod
    def _day(cls, given: Any) -> Any:
        """Return the day in London of an instant or of a stamp of one."""
        if isinstance(given, str) and len(given) > len("2022-12-01"):
            given = datetime.fromisoformat(given)
        if isinstance(given, datetime):
            return given.astimezone(LONDON).date() if given.tzinfo else given.date()
        return given or None

    def age_days(self, today: date) -> int:
        """Return for how many days the finding has been open; of one that came back, since it did."""
        since = self.opened or self.first_seen
        return max(0, (today - since).days) if since else 0


class CheckWords(Reading):
    """What a check says to the people who can mend a record."""

    id: str
    message: str = ""
    mend: str = ""
    why: str = ""


class ProviderWords(Reading):
    """A provider: its name, sources, words for fields, links into its CRM, and its last weeks."""

    id: str = Field(pattern=SAFE_NAME)
    name: str = ""
    link: str = ""
    links: Mapping[str, str] = Field(default_factory=dict)
    labels: Mapping[str, str] = Field(default_factory=dict)
    sources: tuple[str, ...] = ()
    weeks: tuple[Week, ...] = ()

    def label_of(self, entity: str, field: str) -> str:
        """Return what the provider's own screens call the field, else our name for it in words."""
        owner, _, name = field.rpartition(".")
        told = self.labels.get(f"{owner or entity}.{name}")
        return told or field.replace(".", ": ").replace("_", " ")

    def link_of(self, entity: str) -> str:
        """Return the template of a link to a record of this kind; none for an export as a whole."""
        return "" if entity == SUBMISSION else self.links.get(entity, self.link)
