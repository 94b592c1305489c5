"""A run, and what goes on beside it for those who watch: its pulse, pings, and numbers for Prometheus."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from common import log
from common.errors import ViaductError
from config.site import Site

if TYPE_CHECKING:
    from connectors.pings import Pings
    from sync.steps import Watcher
    from sync.summary import Summary
    from sync.wish import Wish

LOG = log.get("commands")


def run_attended(site: Site, wish: "Wish", watcher: "Watcher | None" = None) -> "Summary":
    """Return what the run did; others can see from outside that it is at work. Errors: those of run_sync.

    Of a dry run nothing is seen: it changes nothing, and nobody waits for it.
    """
    from commands.alerting import tell_of_problems
    from commands.asking import ask_providers, say_of
    from sync.run import run_sync

    if wish.dry_run:
        return run_sync(site, wish, watcher)
    attendance = Attendance(site)
    summary = run_sync(site, replace(wish, attend=attendance.attend), watcher)
    attendance.tell(summary)
    say_of(ask_providers(site))
    tell_of_problems(site)
    return summary


@dataclass
class Attendance:
    """What goes on beside one run; nothing of it can fail the run."""

    site: Site
    pings: "Pings | None" = field(default=None, init=False, repr=False)

    @contextmanager
    def attend(self, run_id: str, sources: list[str]) -> Iterator[None]:
        """Say that the run has begun, and let its pulse beat."""
        from scheduler.pulse import beating

        self.pings = pings_of(self.site, run_id)
        if self.pings is not None:
            self.pings.start()
        with beating(self.site, run_id, sources):
            write_numbers(self.site, alone=True)
            yield

    def tell(self, summary: "Summary") -> None:
        """Say how the run ended."""
        write_numbers(self.site)
        if self.pings is not None:
            self.pings.end(summary.exit_code, in_counts(summary))


def write_numbers(site: Site, *, alone: bool = False) -> None:
    """Write the numbers for Prometheus, `alone` under the lock of a run; whatever is met, it goes on."""
    try:
        from scheduler.metrics import write_metrics

        write_metrics(site, alone=alone)
    except Exception as error:  # noqa: BLE001 - nothing that is told of a run may fail it
        LOG.error("metrics_not_written", error=error)


def pings_of(site: Site, run_id: str) -> "Pings | None":
    """Return the pings of a run; None where none are wanted, or where their address cannot be read."""
    if site.pings is None:
        return None
    from connectors.pings import Pings

    try:
        return Pings(site.pings.address.read(), run_id, site.pings.wait_seconds)
    except ViaductError as error:
        LOG.warning("pings_without_address", error=error)
        return None


def in_counts(summary: "Summary") -> str:
    """Return what is told outside of a run: its id, codes and counts; no name of a source or flow."""
    entities = [counts for flow in summary.flows for counts in flow.entities.values()]
    told = {
        "run": summary.run_id,
        "exit": summary.exit_code,
        "errors": " ".join(sorted({error.code for error in summary.errors})) or "none",
        "sources": len(summary.asked),
        "refused": sum(source.error is not None for source in summary.sources),
        "records": summary.records,
        **{fate: sum(counts[fate] for counts in entities) for fate in ("released", "held", "withdrawn")},
        "batches": sum(flow.batch_id is not None for flow in summary.flows),
    }
    return "".join(f"{name}: {value}\n" for name, value in told.items())
