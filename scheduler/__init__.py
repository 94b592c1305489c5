"""When: the timetable, runs that were missed, one scheduler at a time. Never what a run does."""

from scheduler.due import Due, claim_due, due_now, next_due, notice, overdue
from scheduler.errors import NothingDue
from scheduler.history import PastRun, past_runs

__all__ = [
    "Due",
    "NothingDue",
    "PastRun",
    "claim_due",
    "due_now",
    "next_due",
    "notice",
    "overdue",
    "past_runs",
]
