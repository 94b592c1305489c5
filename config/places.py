"""Where a site's keys and reference data are, every path whole."""

from dataclasses import dataclass
from pathlib import Path

from config.key_settings import KeySettings
from config.settings import Lookups


@dataclass(frozen=True)
class KeyFolders:
    """Where the site's keys are, and from which age on one is named as old."""

    public: Path
    private: Path
    warn_after_days: int = 365


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
