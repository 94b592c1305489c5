"""A Charitylog-style portal: two levels of signing in, a lawful basis, saved extracts downloaded as CSV."""

from collections.abc import Sequence
from datetime import UTC, datetime

from common import clock
from connectors.errors import ExtractMissing, SourceChanged
from connectors.file_errors import ExtractTwice
from connectors.portal_pages import Listed
from connectors.portal_visit import Visit
from connectors.settings import PortalSettings
from connectors.source import Snapshot
from connectors.spool import Spool


class CharitylogPortal:
    """A source that signs in to a portal and takes saved extracts."""

    def __init__(self, settings: PortalSettings) -> None:
        self._settings = settings
        self.name = settings.name

    def check(self) -> None:
        """Sign in, see that every saved extract is listed, sign out; move nothing. Errors: as `pull`."""
        visit = Visit(self._settings)
        try:
            self._wanted(visit.listing(), list(self._settings.extracts))
        finally:
            visit.leave()

    def pull(self, spool: Spool, exports: Sequence[str]) -> Snapshot:
        """Return the exports asked for, received whole into the spool.

        Errors: SourceUnavailable (exit 20), CredentialsRefused (21), NotTheExport (22), and their kinds;
        SourceChanged if the portal's list is not the same after the last file as before the first.
        """
        began, visit = clock.now(), Visit(self._settings)
        try:
            before = self._wanted(visit.listing(), exports)
            received = {export: visit.fetch(export, before[export], spool) for export in exports}
            if _state(self._wanted(visit.listing(), exports)) != _state(before):
                raise SourceChanged(f"source {self.name}.")
        finally:
            visit.leave()
        instants = [listed.as_at.astimezone(UTC) for listed in before.values() if listed.as_at is not None]
        return Snapshot(self.name, min(instants, default=began), received)

    def _wanted(self, listing: dict[str, Listed], exports: Sequence[str]) -> dict[str, Listed]:
        saved = {export: self._settings.extracts[export] for export in exports}
        missing = [f"{export} (saved as {name})" for export, name in saved.items() if name not in listing]
        if missing:
            raise ExtractMissing(f"source {self.name}: {', '.join(missing)}.")
        twice = [f"{export} (saved as {name})" for export, name in saved.items() if listing[name].repeated]
        if twice:
            raise ExtractTwice(f"source {self.name}: {', '.join(twice)}.")
        return {export: listing[name] for export, name in saved.items()}


def _state(listing: dict[str, Listed]) -> dict[str, tuple[int | None, datetime | None]]:
    """Return what must not move while we read."""
    return {export: (listed.rows, listed.as_at) for export, listed in listing.items()}
