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


class RunPaused(ViaductError):
    """Somebody has paused what was to run; nothing was pulled."""

    code = "E922"
    exit_code = 75
    title = "What was to run is paused."
    answer = Answer.PUT_RIGHT
    failure = Failure.POLICY
    remedy = "To run it all the same add --anyway. To see who paused it and why: python run_sync.py status"


class PausesUnreadable(ViaductError):
    """The note of what is paused is not what Viaduct wrote there, so nothing is run by the timetable."""

    code = "E923"
    exit_code = 70
    title = "The note of what is paused cannot be read."
    remedy = "Ask who paused what, take state/pauses.json away, and pause it again: python run_sync.py pause"


class NothingDue(Exception):
    """No source is due at this moment; not an error, but no run either."""
