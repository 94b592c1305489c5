"""All that the doctor asks, in one order."""

from collections.abc import Iterator, Sequence

from common.errors import ViaductError
from config.site import Site
from sync.doctor.keeping import access_lines, key_lines, lock_lines, log_lines, secret_lines
from sync.doctor.lines import Line
from sync.doctor.machine import clock_lines, disk_lines, rights_lines
from sync.doctor.reach import Reach


def examine(
    site: Site, missing: Sequence[str], unread: Sequence[ViaductError], seconds: float
) -> Iterator[Line]:
    """Yield a line for each thing asked; the servers last.

    Given:   the roles of keys that are not here; the errors met in reading secrets; how many seconds each
             server has to answer.
    """
    yield from clock_lines(site)
    yield from disk_lines(site)
    yield from rights_lines(site)
    yield from key_lines(site, missing)
    yield from secret_lines(unread)
    yield from access_lines(site)
    yield from lock_lines(site)
    if site.pulls:
        yield from log_lines(site)
    yield from Reach(site, seconds).lines()
