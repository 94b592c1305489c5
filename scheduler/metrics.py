"""Numbers for Prometheus: how the site fares, per source and flow.

Labels are the names of those two, and who can act on what went wrong; nothing else.

Every instant that an alert needs stands in them, so that a file which nobody writes any more still tells, by
the clock of Prometheus, that a run is overdue.
"""

import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest, start_http_server
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from common import log
from common.errors import ViaductError
from common.files import PART, SHARED_FILE, whole_file
from config.site import Site
from scheduler.health import Health, SourceHealth, look_at_health
from scheduler.problems import FAR_FEWER, KINDS, NOT_BEGUN, NOT_ENDED, TOO_FAST, Problem
from scheduler.usual import Judged
from scheduler.who_acts import Actor

LOG = log.get("scheduler")
LOOPBACK = "127.0.0.1"
LOOK_SECONDS = 15.0
OF_KINDS = {
    "not_begun": NOT_BEGUN,
    "not_ended": NOT_ENDED,
    "too_fast": TOO_FAST,
    "far_fewer": FAR_FEWER,
}
OWN = frozenset(kind.code for kind in KINDS)
FATES = ("released", "unchanged", "held", "withheld", "withdrawn")
Numbers = Mapping[str, float | None]


def metrics_path(site: Site) -> Path:
    """Return where the numbers are written, as `metrics.file` of site.yaml says."""
    return site.folder / site.metrics.file


def write_metrics(site: Site, *, alone: bool = False) -> None:
    """Write the numbers as they are now, whole, for every user to read; a disk that refuses is a warning.

    Given: `alone` while the lock of the run is held: then a draft of the file is one that a kill left behind.
    """
    try:
        if alone:
            _clear_drafts(metrics_path(site))
        content = as_text(site)
        with whole_file(metrics_path(site), private=False) as temporary:
            temporary.write_bytes(content)
            temporary.chmod(SHARED_FILE)
    except (OSError, ViaductError) as error:
        LOG.warning("metrics_not_written", error=error)


def _clear_drafts(path: Path) -> None:
    """Remove the drafts of this file and of no other: its folder may be everybody's."""
    for draft in path.parent.glob(f".{path.name}.*{PART}"):
        draft.unlink(missing_ok=True)


def as_text(site: Site) -> bytes:
    """Return the numbers in the text format of Prometheus. Errors: OSError."""
    registry = CollectorRegistry()
    registry.register(_Given(look_at_health(site)))
    return generate_latest(registry)


def serve_metrics(site: Site) -> bool:
    """Answer /metrics on the port of site.yaml, to this machine alone; return whether that is done now."""
    if site.metrics.port is None:
        return False
    registry = CollectorRegistry()
    registry.register(_Looking(site))
    try:
        start_http_server(site.metrics.port, addr=LOOPBACK, registry=registry)
    except OSError as error:
        LOG.warning("metrics_not_served", error=error)
        return False
    LOG.info("metrics_served")
    return True


class _Given(Collector):
    """The numbers of one look."""

    def __init__(self, health: Health) -> None:
        self._health = health

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """Yield every number."""
        return gauges(self._health)


class _Looking(Collector):
    """The numbers of the last look, which is made anew when somebody asks and it is old."""

    def __init__(self, site: Site) -> None:
        self._site, self._lock = site, threading.Lock()
        self._found: tuple[float, list[GaugeMetricFamily]] | None = None

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """Return every number; none where the site cannot be read, which `absent` tells."""
        with self._lock:
            if self._found is None or time.monotonic() > self._found[0] + LOOK_SECONDS:
                self._found = (time.monotonic(), self._look())
            return self._found[1]

    def describe(self) -> Iterable[GaugeMetricFamily]:
        """Return nothing: the site is not looked at before somebody asks."""
        return ()

    def _look(self) -> list[GaugeMetricFamily]:
        try:
            return list(gauges(look_at_health(self._site)))
        except (OSError, ViaductError) as error:
            LOG.warning("metrics_not_made", error=error)
            return []


def gauges(health: Health) -> Iterator[GaugeMetricFamily]:
    """Yield every number: of the site, of its sources, of its flows."""
    acted_on = [problem for problem in health.problems if not problem.passing]
    code = max((problem.exit_code for problem in acted_on), default=0)
    yield _one("metrics_written_timestamp_seconds", "When these numbers were made.", health.at.timestamp())
    yield _one("problems", "Problems that somebody must act on.", sum(one.exit_code > 0 for one in acted_on))
    yield _beside(one for one in acted_on if one.exit_code > 0)
    yield _one("health_exit_code", "What the verb health ends with.", code)
    if health.runs:
        last = health.runs[0]
        yield _one("run_ended_timestamp_seconds", "When the last run ended.", last.ended_at.timestamp())
        yield _one("run_exit_code", "What the last run ended with.", last.exit_code)
        seconds = (last.ended_at - last.started_at).total_seconds()
        yield _one("run_duration_seconds", "How long the last run took.", seconds)
    yield from _of_sources(health, acted_on)
    yield from _of_flows(health, acted_on)


def _of_sources(health: Health, problems: list[Problem]) -> Iterator[GaugeMetricFamily]:
    def of(name: str, words: str, number: Any) -> GaugeMetricFamily:
        return _many("source", f"source_{name}", words, {one.source: number(one) for one in health.sources})

    yield of("last_run_timestamp_seconds", "When the last run of the source ended.", _last_run)
    yield of("last_good_timestamp_seconds", "When the last run began that could read the source.", _last_good)
    yield of("due_timestamp_seconds", "When its next run is to begin; in the past, if missed.", _due)
    yield of("ends_by_timestamp_seconds", "By when the run under way has ended; no run, no number.", _ends_by)
    yield of("paused", "Whether somebody has paused it.", lambda one: float(one.paused))
    yield of("records", "Rows read in its last good night.", lambda one: _number(one.records))
    yield of("usual_records", "Rows that are usual on that weekday.", lambda one: one.records.usual)
    yield of("pull_seconds", "How long pulling and reading it took.", lambda one: _number(one.seconds))
    yield of("usual_pull_seconds", "How long that usually takes.", lambda one: one.seconds.usual)
    for name, kind in OF_KINDS.items():
        having = {one.source for one in problems if one.code == kind.code}
        yield of(name, f"{kind.title.rstrip('.')} ({kind.code}).", lambda one, now=having: one.source in now)
    yield _failed("source", [one.source for one in health.sources], [one for one in problems if _is_met(one)])


def _is_met(one: Problem) -> bool:
    """Tell whether it is an error that a run met in a source, and no finding of health's own."""
    return one.source is not None and one.code not in OWN


def _beside(problems: Iterable[Problem]) -> GaugeMetricFamily:
    """Return how many problems, by who acts, no other number of a source or a flow tells."""
    told = {kind.code for kind in OF_KINDS.values()}
    left = [one for one in problems if one.code not in told and one.flow is None and not _is_met(one)]
    words = "Problems that no number of a source or a flow tells, by who can act."
    gauge = GaugeMetricFamily("viaduct_problems_beside", words, labels=["actor"])
    for actor in Actor:
        gauge.add_metric([actor.name.lower()], float(sum(one.actor is actor for one in left)))
    return gauge


def _failed(label: str, names: Iterable[str], problems: Iterable[Problem]) -> GaugeMetricFamily:
    """Return of each source or flow, and each who can act, whether the last run met an error for them."""
    words = "The last run met an error in it that is not tried again, by who can act."
    gauge = GaugeMetricFamily(f"viaduct_{label}_failed", words, labels=[label, "actor"])
    met = {(getattr(one, label), one.actor) for one in problems}
    for name in sorted(names):
        for actor in Actor:
            gauge.add_metric([name, actor.name.lower()], float((name, actor) in met))
    return gauge


def _of_flows(health: Health, problems: list[Problem]) -> Iterator[GaugeMetricFamily]:
    told = health.runs[0].summary.get("flows", ()) if health.runs else ()
    failed = {one.flow for one in problems if one.flow is not None}
    names = sorted({one["flow"] for one in told} | failed)
    for fate in FATES:
        numbers = {one["flow"]: _sum(one["entities"], fate) for one in told}
        yield _many("flow", f"flow_{fate}_records", f"Records {fate} in the last run.", numbers)
    yield _failed("flow", names, [one for one in problems if one.flow is not None])


def _one(name: str, words: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"viaduct_{name}", words, value=value)


def _many(label: str, name: str, words: str, numbers: Numbers) -> GaugeMetricFamily:
    gauge = GaugeMetricFamily(f"viaduct_{name}", words, labels=[label])
    for of, number in sorted(numbers.items()):
        if number is not None:
            gauge.add_metric([of], float(number))
    return gauge


def _sum(entities: Mapping[str, Mapping[str, Any]], fate: str) -> float:
    return float(sum(counts[fate] for counts in entities.values()))


def _number(judged: Judged) -> float | None:
    return judged.number


def _last_run(one: SourceHealth) -> float | None:
    return _seconds(one.last.ended_at if one.last else None)


def _last_good(one: SourceHealth) -> float | None:
    return _seconds(one.good.started_at if one.good else None)


def _due(one: SourceHealth) -> float | None:
    return _seconds(one.due_at)


def _ends_by(one: SourceHealth) -> float | None:
    return _seconds(one.ends_by)


def _seconds(instant: datetime | None) -> float | None:
    return None if instant is None else instant.timestamp()
