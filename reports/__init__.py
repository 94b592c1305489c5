"""Pages for the four readers, from run summaries, findings and published figures; never from records."""

from reports.readings import RunSummary
from reports.site_pages import write_all
from reports.worklist_readings import CheckWords, FindingRow, ProviderWords

__all__ = ["CheckWords", "FindingRow", "ProviderWords", "RunSummary", "write_all"]
