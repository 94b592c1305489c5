"""The last step of a run: its signed statement, and those that earlier runs lack."""

from contextlib import suppress

from audit.errors import StatementNotMade
from common import log
from common.errors import met
from sync.faults import ANY_FAULT
from sync.place import Workplace
from sync.statements import make_lacking
from sync.summary import Summary
from sync.sweep import statements_since

LOG = log.get("sync")
ALL_KEPT = "What was sent is in the log and is remembered; nothing of the run is lost."


def state_what_left(place: Workplace, summary: Summary) -> None:
    """Make the statement of the run, and what earlier ones lack; that it could not stands in the summary.

    Given: the summary as it was written down, with the head of the log, if the log could be opened.
    """
    if summary.dry_run or not summary.log:
        return
    try:
        make_lacking(place.site, place.log, anew=place.run_id, since=statements_since(place))
    except ANY_FAULT as error:
        told = met(error)
        summary.not_stated = StatementNotMade(f"{told.code}: {told.where}", sent=ALL_KEPT)
        LOG.error("statement_not_made", run_id=place.run_id, error=error, error_code=told.code)
        with suppress(OSError):
            place.write_summary(summary.to_json())
