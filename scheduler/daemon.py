"""The long-running scheduler: wakes at the timetable's instants and calls what it was handed."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.combining import OrTrigger
from apscheduler.triggers.cron import CronTrigger
from filelock import FileLock, Timeout

from common import clock, log
from common.errors import Answer, Failure, ViaductError
from common.files import private_folder
from config.settings import Timetable
from config.site import Site
from scheduler.timetable import overdue

LOG = log.get("scheduler")
LATE_SECONDS = 6 * 60 * 60
Act = Callable[[tuple[str, ...]], int]


class SchedulerRuns(ViaductError):
    """Another scheduler already keeps this site's timetable."""

    code = "E921"
    exit_code = 75
    title = "Another scheduler already keeps this site's timetable."
    answer = Answer.TRY_AGAIN
    failure = Failure.TRANSIENT
    remedy = "Stop the other one first. To see what it does: python run_sync.py status"


def cron(timetable: Timetable, zone: str) -> Any:
    """Return the timetable as a trigger."""
    days = ",".join(timetable.days)
    return OrTrigger(
        [CronTrigger(day_of_week=days, hour=t.hour, minute=t.minute, timezone=zone) for t in timetable.times]
    )


def keep_time(
    site: Site, act: Act, stop: threading.Event, trigger: Callable[[Timetable, str], Any] = cron
) -> None:
    """Call `act` with the sources that are due, one run at a time, until `stop` is set; then let a run end.

    Given:   `act` carries out one run and returns its exit code; it raises nothing.
    Errors:  SchedulerRuns if another process already keeps this timetable.
    """
    with _alone(site.var / "state" / "scheduler.lock"):
        scheduler = BackgroundScheduler(
            timezone=site.time_zone,
            executors={"default": ThreadPoolExecutor(1)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": LATE_SECONDS},
        )
        for name, (timetable, sources) in enumerate(groups(site)):
            wakes = trigger(timetable, site.time_zone)
            scheduler.add_job(_run, wakes, args=(act, sources), id=f"timetable-{name}")
        missed = tuple(due.source for due in overdue(site))
        if missed:
            LOG.warning("run_overdue", records=len(missed))
            scheduler.add_job(_run, args=(act, missed), id="overdue", next_run_time=datetime.now(UTC))
        LOG.info("scheduler_started")
        scheduler.start()
        try:
            while not stop.wait(timeout=1):
                pass
        finally:
            scheduler.shutdown(wait=True)
            LOG.info("scheduler_stopped")


def groups(site: Site) -> list[tuple[Timetable, tuple[str, ...]]]:
    """Return each timetable with the sources that share it: they are pulled in one run."""
    found: dict[str, tuple[Timetable, tuple[str, ...]]] = {}
    for source in sorted(site.sources):
        timetable = site.timetable(source)
        key = timetable.model_dump_json()
        found[key] = (timetable, (*found.get(key, (timetable, ()))[1], source))
    return list(found.values())


def _run(act: Act, sources: tuple[str, ...]) -> None:
    started = clock.now()
    LOG.info("run_due", records=len(sources))
    code = act(sources)
    seconds = (clock.now() - started).total_seconds()
    LOG.info("run_returned", duration_seconds=seconds, exit_code=code)


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
