"""Where the tables of a warehouse file are published for other systems: a lake."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

from config.problems import Place, Problem
from config.secrets import Secret, SecretReference

LakeFormat = Literal["parquet", "delta"]
KEEP_HOURS = 1.0


class LakeSettings(BaseModel):
    """A folder that is Viaduct's alone: versions of the tables, and the pointer to those that count."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    format: LakeFormat
    folder: str = Field(
        min_length=1, max_length=500, description="From the site's folder, or a whole path; it must be empty."
    )
    keep_hours: float = Field(
        default=KEEP_HOURS,
        ge=0,
        le=168,
        description="How long a superseded version stays for who still reads it; the next load after that "
        "removes it.",
    )


class DestinationSettings(BaseModel):
    """A database that the library dlt knows how to write into."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, hide_input_in_errors=True, arbitrary_types_allowed=True
    )

    format: Literal["dlt"]
    destination: str = Field(pattern=r"^[a-z]{2,40}$", description="As dlt names it: postgres, snowflake.")
    credentials: Secret = Field(description="A reference to its connection line, or to JSON of its settings.")


def _kind(said: Any) -> str:
    kind = said.get("format") if isinstance(said, dict) else getattr(said, "format", None)
    return "[dlt]" if kind == "dlt" else "[folder]"


LakeSetting = Annotated[
    Annotated[LakeSettings, Tag("[folder]")] | Annotated[DestinationSettings, Tag("[dlt]")],
    Discriminator(_kind),
]


@dataclass(frozen=True)
class DestinationPlace:
    """A database that is written through dlt."""

    destination: str
    credentials: SecretReference


@dataclass(frozen=True)
class LakePlace:
    """A lake with its path whole."""

    format: LakeFormat
    folder: Path
    keep: timedelta = timedelta(hours=KEEP_HOURS)


Lake = LakePlace | DestinationPlace


def lake_problems(
    said: LakeSettings | DestinationSettings | None, warehouse: object, place: Place
) -> Iterator[Problem]:
    """Yield what no setting by itself shows: a lake is published from a warehouse file."""
    if said is not None and not isinstance(warehouse, str):
        yield place.problem("lake: the warehouse of this site is a server; a lake is of a file.", "lake")


def lake_place(folder: Path, said: LakeSettings | DestinationSettings | None) -> Lake | None:
    """Return the lake with its path whole; None where there is none."""
    if said is None:
        return None
    if isinstance(said, DestinationSettings):
        return DestinationPlace(said.destination, said.credentials.within(folder))
    return LakePlace(said.format, folder / said.folder, timedelta(hours=said.keep_hours))
