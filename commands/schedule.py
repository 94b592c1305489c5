"""The long-running scheduler."""

import os
import signal
import threading
from typing import Any

import typer

from commands import say
from commands.options import SiteOption, of_sync_side, opened, site_folder
from common import ending, log
from common.ending import INTERRUPTED, TERMINATED
from config.site import Site

LOG = log.get("scheduler")


def schedule(context: typer.Context, site: SiteOption = None) -> int:
    """Run the sources by their timetable, until stopped.

    Asked to stop, a run ends between two of its steps, within the schedule's stop_within_seconds.
    """
    from commands.scheduled import Look
    from scheduler import next_due, notice
    from scheduler.daemon import keep_time

    place = of_sync_side(opened(site_folder(context, site), to_log=True))
    notice(place)
    stop_gently(place.schedule.stop_within_seconds)
    if place.metrics.port is not None:
        _serve_metrics(place)
    for due in next_due(place):
        say.words(f"{due.source}: next {say.local(due.due_at)}")
    keep_time(place, Look(place), lambda: bool(ending.asked()))
    return ending.asked()


def _serve_metrics(site: Site) -> None:
    from scheduler.metrics import LOOPBACK, serve_metrics

    address = f"http://{LOOPBACK}:{site.metrics.port}/metrics"
    taken = "cannot be served: the port is taken. The timetable is kept all the same."
    say.words(f"Numbers for Prometheus: {address}" if serve_metrics(site) else f"{address} {taken}")


def stop_gently(seconds: float) -> None:
    """Let the first signal ask the run to end between two steps, a second one end this process at once.

    Given: how long the step under way may take. After that the process ends where it is, as a kill would
           end it: the next run goes on from there.
    """

    def gently(number: int, _frame: Any) -> None:
        signal.signal(number, signal.SIG_DFL)
        code = TERMINATED if number == signal.SIGTERM else INTERRUPTED
        ending.ask(code)
        LOG.info("stop_asked", exit_code=code)
        last = threading.Timer(seconds, _end_now, [code])
        last.daemon = True
        last.start()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, gently)


def _end_now(code: int) -> None:
    LOG.warning("stop_took_too_long", exit_code=code)
    os._exit(code)
