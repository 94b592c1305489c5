"""What a worklist is made from: open findings, the words of the checks, and the providers."""

from datetime import date, datetime
from typing import Any

from pydantic import Field, field_validator

from reports.readings import SAFE_NAME, Reading


class FindingRow(Reading):
    """One open finding: a code, a place, a reference; never a value."""

    source: str
    reference: str
    check: str
    entity: str = ""
    field: str = ""
    severity: str = "error"
    effect: str = "none"
    first_seen: date | None = None

    @field_validator("first_seen", mode="before")
    @classmethod
    def _day(cls, given: Any) -> Any:
        return (
            given[:10] if isinstance(given, str) else given.date() if isinstance(given, datetime) else given
        )

    def age_days(self, today: date) -> int:
        """Return for how many days the finding has been open."""
        return max(0, (today - self.first_seen).days) if self.first_seen else 0


class CheckWords(Reading):
    """What a check says to the people who can mend a record."""

    id: str
    message: str = ""
    mend: str = ""
    why: str = ""


class ProviderWords(Reading):
    """A provider: its name, its sources and how a link into its CRM is made."""

    id: str = Field(pattern=SAFE_NAME)
    name: str = ""
    link: str = ""
    sources: tuple[str, ...] = ()
