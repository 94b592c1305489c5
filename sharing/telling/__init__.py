"""What an assessment tells each of its readers, from the file and the day alone: plain data for pages."""

from sharing.telling.days import expiry_calendar
from sharing.telling.decision import sharing_decisions
from sharing.telling.impact import impact_assessment
from sharing.telling.measures import measures_enforced
from sharing.telling.opened import Opened
from sharing.telling.processing import record_of_processing
from sharing.telling.register import public_register
from sharing.telling.schedule import sharing_schedule
from sharing.telling.unsettled import law_and_notices, newer_packs
from sharing.telling.versions import versions_before

__all__ = [
    "Opened",
    "expiry_calendar",
    "impact_assessment",
    "law_and_notices",
    "measures_enforced",
    "newer_packs",
    "public_register",
    "record_of_processing",
    "sharing_decisions",
    "sharing_schedule",
    "versions_before",
]
