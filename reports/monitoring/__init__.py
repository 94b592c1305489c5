"""Contract monitoring: a page for each provider and quarter, of published figures and counts of findings."""

from reports.monitoring.page import monitoring_page
from reports.monitoring.reading import Monitored, latest_quarter_told, together

__all__ = ["Monitored", "latest_quarter_told", "monitoring_page", "together"]
