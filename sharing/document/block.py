"""What every block of the file has in common: its strictness, and the small words it is written in."""

import re
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

Id = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_.-]{0,63}$")]
Words = Annotated[str, Field(min_length=3)]
Version = Annotated[str, Field(pattern=r"^[0-9]+\.[0-9]+\.[0-9]+$")]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Code = Annotated[str, Field(pattern=r"^[a-z]+:[A-Za-z0-9/+.-]+$")]
"""A word of a vocabulary: prefix and name."""
Period = Annotated[str, Field(pattern=r"^P[0-9]+(?:Y(?:[0-9]+M)?(?:[0-9]+D)?|M(?:[0-9]+D)?|W|D)$")]
"""A length of time in ISO 8601, in whole days or longer: P30D, P6Y."""
DAYS = {"Y": 365, "M": 30, "W": 7, "D": 1}
FieldPath = Annotated[str, Field(pattern=r"^[a-z_]+\.[a-z0-9_]+$")]


class Block(BaseModel):
    """A block of the file: unknown keys refused, names in camelCase, never changed once read."""

    model_config = ConfigDict(
        defer_build=True, extra="forbid", frozen=True, alias_generator=to_camel, hide_input_in_errors=True
    )


class Evidence(Block):
    """A document that is kept elsewhere, and the digest by which it is known again."""

    uri: Words
    sha256: Sha256


def days_of(period: str) -> int:
    """Return a Period in days, years of 365 and months of 30: to compare two, not to add to a date."""
    return sum(int(number) * DAYS[unit] for number, unit in re.findall(r"([0-9]+)([YMWD])", period))
