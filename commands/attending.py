"""A run, and what goes on beside it for those who watch: its pulse."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from config.site import Site

if TYPE_CHECKING:
    from sync.steps import Watcher
    from sync.summary import Summary
    from sync.wish import Wish


def run_attended(site: Site, wish: "Wish", watcher: "Watcher | None" = None) -> "Summary":
    """Return what the run did; others can see from outside that it is at work. Errors: those of run_sync.

    Of a dry run nothing is seen: it changes nothing, and nobody waits for it.
    """
    from scheduler.pulse import beating
    from sync.run import run_sync

    if wish.dry_run:
        return run_sync(site, wish, watcher)

    @contextmanager
    def attend(run_id: str, sources: list[str]) -> Iterator[None]:
        with beating(site, run_id, sources):
            yield

    return run_sync(site, replace(wish, attend=attend), watcher)
