"""Pages for the four readers, from run summaries, findings and published figures; never from records."""

from reports.assessment_pages import Beside, write_documents
from reports.front import Published
from reports.readings import RunSummary
from reports.run_pages import write_run_pages
from reports.site_pages import write_all
from reports.worklist_readings import CheckWords, FindingRow, ProviderWords

__all__ = [
    "Beside",
    "CheckWords",
    "FindingRow",
    "ProviderWords",
    "Published",
    "RunSummary",
    "write_all",
    "write_documents",
    "write_run_pages",
]
