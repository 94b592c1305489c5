"""Pages for the four readers, from run summaries, findings and published figures; never from records."""

from reports.readings import CheckWords, FindingRow, ProviderWords, RunSummary
from reports.site_pages import write_all

__all__ = ["CheckWords", "FindingRow", "ProviderWords", "RunSummary", "write_all"]
