"""When: the timetable, runs that were missed, one scheduler at a time. Never what a run does."""

from scheduler.history import PastRun, past_runs
from scheduler.timetable import Due, next_due, overdue

__all__ = ["Due", "PastRun", "next_due", "overdue", "past_runs"]
