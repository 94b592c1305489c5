"""The long-running scheduler."""

import signal
import threading
from typing import Any

import typer

from commands import say
from commands.last_resort import carry_out
from commands.options import SiteOption, opened, site_folder
from common.ending import INTERRUPTED, TERMINATED
from config.site import Site


def schedule(context: typer.Context, site: SiteOption = None) -> int:
    """Run the sources by their timetable.

    Until stopped; a run under way is let end.
    """
    from scheduler import next_due
    from scheduler.daemon import keep_time

    place = opened(site_folder(context, site), to_log=True)
    stop, asked = threading.Event(), []

    def gently(number: int, _frame: Any) -> None:
        asked.append(number)
        stop.set()
        signal.signal(number, signal.SIG_DFL)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, gently)
    for due in next_due(place):
        say.words(f"{due.source}: next {say.local(due.due_at)}")
    keep_time(place, lambda sources: carry_out(lambda: _one_run(place, sources)), stop)
    return TERMINATED if signal.SIGTERM in asked else INTERRUPTED if asked else 0


def _one_run(site: Site, sources: tuple[str, ...]) -> int:
    from commands.outcome import one_line
    from commands.pages import build_pages
    from sync.run import Wish, run_sync

    summary = run_sync(site, Wish(sources=sources))
    build_pages(site)
    say.words(one_line(summary.to_json()))
    for error in summary.errors:
        say.words(str(error))
    return summary.exit_code
