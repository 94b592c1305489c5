"""What the scheduler refuses."""

from common.errors import Answer, Failure, ViaductError


class SchedulerRuns(ViaductError):
    """Another scheduler already keeps this site's timetable."""

    code = "E921"
    exit_code = 75
    title = "Another scheduler already keeps this site's timetable."
    answer = Answer.TRY_AGAIN
    failure = Failure.TRANSIENT
    remedy = "Stop the other one first. To see what it does: python run_sync.py status"


class NothingDue(Exception):
    """No source is due at this moment; not an error, but no run either."""
