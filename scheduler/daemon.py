"""The long-running scheduler: wakes at the timetable's instants, and every minute, and looks what is due."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.combining import OrTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger
from filelock import FileLock, Timeout

from common import log
from common.files import private_folder
from config.site import Site
from config.timetable import Timetable
from scheduler.errors import SchedulerRuns

LOG = log.get("scheduler")
LOOK_SECONDS = 60
ASKED_SECONDS = 1.0


def cron(timetable: Timetable, zone: str) -> Any:
    """Return the timetable as a trigger."""
    days = ",".join(timetable.days)
    return OrTrigger(
        [CronTrigger(day_of_week=days, hour=t.hour, minute=t.minute, timezone=zone) for t in timetable.times]
    )


def keep_time(
    site: Site,
    look: Callable[[], None],
    asked: Callable[[], bool],
    trigger: Callable[[Timetable, str], Any] = cron,
) -> None:
    """Call `look` at once, at every slot and every minute, one call at a time, until asked to stop.

    Given:   `look` decides by itself what is due, and runs it; the library only wakes us, for what it stores
             is lost with the process. `asked` is looked at every second and after each call.
    Errors:  SchedulerRuns if another process already keeps this timetable; whatever `look` raises.
    """
    with _alone(site.var / "state" / "scheduler.lock"):
        wake = threading.Event()
        wake.set()
        scheduler = _waker(site, wake, trigger)
        LOG.info("scheduler_started")
        scheduler.start()
        try:
            while not asked():
                if wake.wait(timeout=ASKED_SECONDS):
                    wake.clear()
                    look()
        finally:
            scheduler.shutdown(wait=True)
            LOG.info("scheduler_stopped")


def timetables(site: Site) -> list[Timetable]:
    """Return each timetable of the site once."""
    found = {
        (tuple(table.at), tuple(table.days)): table for table in map(site.timetable, sorted(site.sources))
    }
    return list(found.values())


def _waker(
    site: Site, wake: threading.Event, trigger: Callable[[Timetable, str], Any]
) -> BackgroundScheduler:
    """Return what sets the event at each slot and every minute, however late it is."""
    waker = BackgroundScheduler(
        timezone=site.time_zone,
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    for number, timetable in enumerate(timetables(site)):
        waker.add_job(wake.set, trigger(timetable, site.time_zone), id=f"timetable-{number}")
    waker.add_job(wake.set, IntervalTrigger(seconds=LOOK_SECONDS, timezone=site.time_zone), id="look")
    return waker


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    private_folder(path.parent)
    lock = FileLock(path, timeout=0)
    with suppress(Timeout):
        lock.acquire()
    if not lock.is_locked:
        raise SchedulerRuns(f"var/state/{path.name}")
    try:
        yield
    finally:
        lock.release()
