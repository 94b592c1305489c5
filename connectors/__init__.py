"""Systems outside: the sources that records come from, and the landing zone where batches go."""

from connectors.landing import Landing
from connectors.registry import open_landing, open_source
from connectors.row_starts import RowStart
from connectors.settings import FolderSettings, Limits, PortalSettings
from connectors.source import Export, Snapshot, Source
from connectors.spool import Spool, Spooled, SpoolWriter
from connectors.tables import Batches, read_batches

__all__ = [
    "Batches",
    "Export",
    "FolderSettings",
    "Landing",
    "Limits",
    "PortalSettings",
    "RowStart",
    "Snapshot",
    "Source",
    "Spool",
    "SpoolWriter",
    "Spooled",
    "open_landing",
    "open_source",
    "read_batches",
]
