"""This machine itself: its clock, its disk, the rights on what Viaduct keeps, the lock."""

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

from common import clock
from config.site import Site
from scheduler import past_runs
from sync.doctor.lines import (
    CLOCK_BEHIND,
    DISK_FULL,
    DISK_LOW,
    FOLDER_OPEN,
    NOT_WRITABLE,
    ZONE_UNKNOWN,
    Line,
    bad,
    good,
)

SLACK = timedelta(minutes=5)
NIGHTS = 14
MIB = 1 << 20
OTHERS_MAY = 0o077
KEPT = ("state", "log", "runs", "landing", "logs", "reports")
PRIVATE = ("state", "log", "logs")


def clock_lines(site: Site) -> Iterator[Line]:
    """Yield how the clock stands against the run history, the files, and the rules of London's time."""
    now = clock.now()
    written = [run.ended_at for run in islice(past_runs(site.var / "runs"), 1)]
    files = [path.stat().st_mtime for path in (site.var / "runs").glob("*.json")]
    written += [datetime.fromtimestamp(max(files), UTC)] if files else []
    last = max(written, default=None)
    if last is not None and last > now + SLACK:
        yield bad(CLOCK_BEHIND, "clock", "run history", f"By {_apart(last - now)}.")
    else:
        yield good("clock", "run history", "It is later than all that was written.")
    summer = datetime(2026, 7, 1, 12, tzinfo=UTC).astimezone(ZoneInfo(site.time_zone)).utcoffset()
    if summer != timedelta(hours=1):
        yield bad(ZONE_UNKNOWN, "clock", "time zone", "")
    else:
        yield good(
            "clock", "time zone", f"{site.time_zone} is known, it is {now.astimezone(clock.LONDON):%H:%M}."
        )


def disk_lines(site: Site) -> Iterator[Line]:
    """Yield whether the disk has the room that a run must have, and what the last nights would need."""
    at = next(path for path in (site.var, *site.var.parents) if path.exists())
    free, least, likely = shutil.disk_usage(at).free, site.limits.free_megabytes * MIB, _likely(site)
    needs = f"a run must have {least // MIB:,}, and may need {likely // MIB:,} more"
    says = f"{free // MIB:,} MiB are free; {needs}."
    if free < least:
        yield bad(DISK_FULL, "disk", "var", says)
    elif free < least + likely:
        yield bad(DISK_LOW, "disk", "var", says)
    else:
        yield good("disk", "var", says)


def rights_lines(site: Site) -> Iterator[Line]:
    """Yield whether this user may write what a run writes, and whether others may look into it."""
    found = list(_rights(site))
    yield from found or [
        good("permissions", "var", "A run can write to its folders, and others cannot look in.")
    ]


def _likely(site: Site) -> int:
    """Return the bytes that the largest of the last nights would take anew, beyond what stays free.

    A batch lies in the outbox and in the landing zone; a warehouse file is loaded into as a copy.
    """
    nights = islice(past_runs(site.var / "runs"), NIGHTS)
    largest = max((sum(_bytes(run.summary)) for run in nights), default=0)
    file = site.warehouse if isinstance(site.warehouse, Path) else None
    copied = file.stat().st_size if file is not None and file.exists() else 0
    return 3 * largest + copied


def _bytes(summary: dict[str, object]) -> Iterator[int]:
    flows = summary.get("flows")
    for flow in flows if isinstance(flows, list) else []:
        yield int(flow.get("bytes") or 0)


def _rights(site: Site) -> Iterator[Line]:
    folders = [site.var / name for name in KEPT if (site.var / name).exists()]
    for folder in [site.var, *folders] if site.var.exists() else [site.folder]:
        if not os.access(folder, os.W_OK | os.X_OK, effective_ids=os.access in os.supports_effective_ids):
            yield bad(NOT_WRITABLE, "permissions", _told(site, folder), "")
    private = [site.var / name for name in PRIVATE] + [site.keys.private]
    for folder in private if os.name != "nt" else []:
        if folder.exists() and folder.stat().st_mode & OTHERS_MAY:
            yield bad(FOLDER_OPEN, "permissions", _told(site, folder), "")


def _told(site: Site, path: Path) -> str:
    return path.relative_to(site.folder).as_posix() if path.is_relative_to(site.folder) else path.name


def _apart(gap: timedelta) -> str:
    minutes = int(gap.total_seconds()) // 60
    return f"{minutes:,} minutes" if minutes < 120 else f"{minutes // 60:,} hours"
