"""Where the tables of a warehouse file are published for other systems: a lake."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from config.problems import Place, Problem

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


@dataclass(frozen=True)
class LakePlace:
    """A lake with its path whole."""

    format: LakeFormat
    folder: Path
    keep: timedelta = timedelta(hours=KEEP_HOURS)


def lake_problems(said: LakeSettings | None, warehouse: object, place: Place) -> Iterator[Problem]:
    """Yield what no setting by itself shows: a lake is published from a warehouse file."""
    if said is not None and not isinstance(warehouse, str):
        yield place.problem("lake: the warehouse of this site is a server; a lake is of a file.", "lake")


def lake_place(folder: Path, said: LakeSettings | None) -> LakePlace | None:
    """Return the lake with its path whole; None where there is none."""
    if said is None:
        return None
    return LakePlace(said.format, folder / said.folder, timedelta(hours=said.keep_hours))
