"""What the figures are about, and a day as it is read."""

from datetime import date

from pydantic import BaseModel, ConfigDict


class Area(BaseModel):
    """Where the figures are about, its district's ONS code, and which part of the rows is the hub's own."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = "Stockport"
    district: str | None = "E08000007"
    sample: bool = False
    hub_source: str = "hub"
    hub_lots: tuple[str, ...] = ("L3-SSH",)


def in_words(day: date) -> str:
    """Return a day as people write it: 1 April 2022."""
    return f"{day.day} {day:%B %Y}"
