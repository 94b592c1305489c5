"""Checks that are asked of one provider in another way: quieter, or with another threshold, for a while."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from config.ground import Settings


class Loudness(StrEnum):
    """How a check is told to the provider; `off` tells it not at all."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"
    OFF = "off"


class CheckTuning(Settings):
    """One check for one provider: how it is told from now on, or where its threshold lies."""

    check: Annotated[str, Field(pattern=r"^[A-Z]{2,3}-[0-9]{2}$", description="A check of the catalogue.")]
    severity: Loudness | None = Field(
        default=None, description="error, warning, info, or 'off' in quotes; as it is if not said."
    )
    percent: float | None = Field(
        default=None, gt=0, le=100, description="The threshold, of a check that has one."
    )
    reason: Annotated[str, Field(min_length=10, max_length=200)] = Field(
        description="Why; it stands on the data team's page."
    )
    until: date = Field(description="The last day on which it holds, a year ahead at most.")

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.severity is None and self.percent is None:
            raise ValueError("says neither severity nor percent, so it changes nothing")
        return self


def each_once(tunings: list[CheckTuning]) -> list[CheckTuning]:
    """Return the tunings. Errors: ValueError, where one check is given twice."""
    checks = [tuning.check for tuning in tunings]
    twice = sorted({check for check in checks if checks.count(check) > 1})
    if twice:
        raise ValueError(f"{twice[0]} is given twice")
    return tunings
