"""Where a site's keys and reference data are, every path whole."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from config.key_settings import KeySettings


@dataclass(frozen=True)
class KeyFolders:
    """Where the site's keys are, and from which age on one is named as old."""

    public: Path
    private: Path
    warn_after_days: int = 365


class Lookups(BaseModel):
    """Reference data that the site brings along."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    postcodes: Annotated[str, Field(min_length=1, max_length=500)] | None = Field(
        default=None, description="CSV in the columns of the ONS look-up."
    )
    nhs_test_ranges: list[Annotated[str, Field(pattern=r"^[0-9]{1,10}$")]] = Field(default_factory=list)
    district: Annotated[str, Field(pattern=r"^[ENSW][0-9]{8}$")] | None = Field(
        default=None, description="The district the services are for (ONS code). ADR-03."
    )


@dataclass(frozen=True)
class SiteLookups:
    """Reference data of the site: a postcode look-up, NHS numbers that are never real, its own district."""

    postcodes: Path | None
    nhs_test_ranges: tuple[str, ...]
    district: str | None


def key_folders(folder: Path, said: KeySettings) -> KeyFolders:
    """Return the folders of the site's keys."""
    return KeyFolders(folder / said.public, folder / said.private, said.warn_after_days)


def site_lookups(folder: Path, said: Lookups) -> SiteLookups:
    """Return the site's reference data."""
    return SiteLookups(
        postcodes=folder / said.postcodes if said.postcodes else None,
        nhs_test_ranges=tuple(said.nhs_test_ranges),
        district=said.district,
    )
