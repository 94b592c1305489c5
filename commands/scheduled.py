"""One run by the timetable: of what is due at this moment, if anything is."""

import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from commands import say
from commands.last_resort import carry_out
from commands.last_resort import tell as tell_error
from common import log
from config.site import Site
from sync.errors import RunHoldsLock, RunOutOfTime
from sync.steps import Watcher
from sync.summary import Summary

LOG = log.get("scheduler")
REST_SECONDS = 10 * 60.0
FIRST_ERROR = 10
LAST = "longest_run"
TO_BE_FINISHED = "What was sealed waits as it is; the next run finishes it."


def run_what_is_due(
    site: Site, watcher: Watcher | None = None, timeout: float | None = None
) -> Summary | None:
    """Return what a run of the sources that are due did; None where nothing is due.

    Given:   `timeout` in seconds; without one it is the schedule's `longest_run_minutes`.
    Errors:  RunHoldsLock, DiskRefuses.
    """
    from commands.attending import run_attended
    from scheduler import NothingDue, claim_due, due_now, notice
    from sync.wish import Wish

    notice(site)
    due = due_now(site)
    if not due:
        return None
    LOG.info("run_due", records=len(due))
    seconds = timeout or site.schedule.longest_run_minutes * 60.0
    try:
        with ended_after(seconds + site.schedule.stop_within_seconds):
            return run_attended(site, Wish(choose=lambda: claim_due(site), timeout=seconds), watcher)
    except NothingDue:
        return None


@contextmanager
def ended_after(seconds: float) -> Iterator[None]:
    """End this process where it is, as a kill would, if what is done here lasts longer than so many seconds.

    A run looks between two steps whether its time is over; a step that hangs never comes to that.
    """
    last = threading.Timer(seconds, _end_now)
    last.name, last.daemon = LAST, True
    last.start()
    try:
        yield
    finally:
        last.cancel()


def _end_now() -> None:
    told = RunOutOfTime("A step did not end; the process was ended where it was.", sent=TO_BE_FINISHED)
    LOG.error("run_took_too_long", error_code=told.code, exit_code=told.exit_code)
    with suppress(Exception):
        tell_error(told)
        sys.stderr.flush()
    os._exit(told.exit_code)


@dataclass
class Look:
    """One look of the long-running scheduler; after one that met an error before any run it rests."""

    site: Site
    began: bool = field(default=False, init=False)
    not_before: float = field(default=0.0, init=False)

    def __call__(self) -> None:
        """Run what is due; say in words what came of it."""
        if time.monotonic() < self.not_before:
            return
        self.began, started = False, time.monotonic()
        code = carry_out(self._run)
        seconds = time.monotonic() - started
        if self.began:
            LOG.info("run_returned", duration_seconds=seconds, exit_code=code)
        elif code >= FIRST_ERROR:
            self.not_before = time.monotonic() + REST_SECONDS

    def _run(self) -> int:
        from commands.outcome import one_line

        try:
            summary = run_what_is_due(self.site)
        except RunHoldsLock:
            LOG.info("run_waits")
            return 0
        if summary is None:
            return 0
        self.began = True
        say.words(one_line(summary.to_json()))
        tell(self.site, summary)
        return summary.exit_code


def tell(site: Site, summary: Summary) -> None:
    """Write the pages, and to stderr what went wrong and what is tried again."""
    from commands.pages import build_pages

    build_pages(site)
    for error in summary.errors:
        say.words(str(error))
    for source in summary.to_try_again:
        say.words(f"Source {source} is tried again as the retry of the schedule says.")
