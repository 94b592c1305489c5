"""Which connector serves which source: one line each."""

from collections.abc import Callable
from pathlib import Path

from config.settings import FolderSource, PortalSource, SourceSettings
from connectors.folder import DropFolder
from connectors.landing import Landing
from connectors.landing_folder import LandingFolder
from connectors.settings import FolderSettings, Layout, Limits, PortalSettings
from connectors.source import Source


def open_source(declared: SourceSettings, site: Path) -> Source:
    """Return the source that the site declares, its secrets read. Errors: SecretMissing, SecretExposed."""
    return CONNECTORS[declared.connector](declared, site)


def open_landing(folder: Path) -> Landing:
    """Return the landing zone of the site."""
    return LandingFolder(folder)


def portal_settings(declared: PortalSource) -> PortalSettings:
    """Return what the portal's connector may see, its secrets read."""
    return PortalSettings(
        name=declared.name,
        address=declared.address,
        organisation=declared.organisation,
        organisation_password=declared.organisation_secret.read(),
        user=declared.user,
        user_password=declared.user_secret.read(),
        extracts=declared.extracts,
        lawful_basis=declared.lawful_basis,
        layout=Layout(declared.encoding),
        limits=Limits(read_seconds=declared.timeout_seconds, retries_per_run=declared.retry_budget),
    )


def folder_settings(declared: FolderSource, site: Path) -> FolderSettings:
    """Return what the folder's connector may see."""
    return FolderSettings(
        name=declared.name,
        folder=site / declared.folder,
        patterns=declared.files,
        layout=Layout(declared.encoding),
    )


def _portal(declared: SourceSettings, site: Path) -> Source:  # noqa: ARG001 - a portal needs no file of the site
    from connectors.charitylog_portal import CharitylogPortal  # noqa: PLC0415 - a run from folders needs no HTTP

    assert isinstance(declared, PortalSource)  # noqa: S101
    return CharitylogPortal(portal_settings(declared))


def _folder(declared: SourceSettings, site: Path) -> Source:
    assert isinstance(declared, FolderSource)  # noqa: S101
    return DropFolder(folder_settings(declared, site))


CONNECTORS: dict[str, Callable[[SourceSettings, Path], Source]] = {
    "charitylog_portal": _portal,
    "folder": _folder,
}
