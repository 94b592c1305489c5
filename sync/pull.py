"""Pulling and gathering the sources: each on its own, each whole or not at all."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from common import clock, log
from common.errors import ViaductError
from common.files import write_atomic
from connectors.settings import MIB
from connectors.source import Earlier, Snapshot
from sync.brakes import Brake
from sync.buckets import BUCKETS
from sync.choices import opt_out_key
from sync.erased import recognise
from sync.errors import (
    BrakeDrop,
    BrakeGrowth,
    ConservationBroken,
    RunOutOfTime,
    SameExportTwice,
    StaleExport,
    ViewNarrowed,
)
from sync.faults import own_faults_told
from sync.gather import ExportCounts, Gathering
from sync.linking.notes import notes_for
from sync.noting import Noting
from sync.outbox import as_json, read_json
from sync.place import Workplace
from sync.readable import Filled, Unread
from sync.reading import in_time, read_exports
from sync.steps import Steps
from sync.store import Store
from sync.summary import SourceSummary, Summary
from sync.twice import told_twice
from sync.view import Narrowing, Seen, View, in_words

LOG = log.get("sync")
CLOCKS_DIFFER = timedelta(hours=24)


@dataclass(frozen=True)
class Asked:
    """What the run wants of the sources; `beside`: how an assessment that is only tried reads each."""

    sources: tuple[str, ...] | None
    accept_drop: bool
    accept_growth: bool
    whole: bool = False
    beside: Mapping[str, list[Noting]] = field(default_factory=dict, repr=False)


def gather_sources(place: Workplace, asked: Asked, steps: Steps, summary: Summary) -> dict[str, Gathering]:
    """Return every source that could be read whole; what went wrong with the others is in the summary.

    Errors: ConservationBroken, RunOutOfTime; other errors stay with their source.
    """
    snapshots: dict[str, Snapshot] = {}
    for source, settings in place.site.sources.items():
        if asked.sources is None or source in asked.sources:
            told = SourceSummary(source, settings.provider)
            summary.sources.append(told)
            with steps.stage("pull", source):
                snapshot = _pull(place, told, asked)
            if snapshot is not None:
                snapshots[source] = snapshot
            steps.reached("pulled", len(summary.sources), len(place.site.sources))
            in_time(steps, f"source {source}")
    _refuse_twice(place, snapshots, summary)
    size = sum(export.size for snapshot in snapshots.values() for export in snapshot.exports.values())
    place.partitions = partitions_for(-(-size // (place.site.limits.partition_megabytes * MIB)))
    gathered = {}
    for told in summary.sources:
        if told.source in snapshots and told.error is None:
            with steps.stage("gather", told.source):
                part = _gather(place, snapshots.pop(told.source), told, asked, steps)
            if part is not None:
                gathered[told.source] = part
            steps.reached("gathered", len(gathered), len(summary.sources))
            in_time(steps, f"source {told.source}")
    return gathered


def partitions_for(portions: int) -> int:
    """Return into how many partitions of whole people exports of so many portions are divided."""
    return max(1, min(BUCKETS, portions))


def _pull(place: Workplace, told: SourceSummary, asked: Asked) -> Snapshot | None:
    earlier = Earlier() if asked.whole else Pulls(place.pulls_path).earlier(told.source)
    try:
        with own_faults_told(f"source {told.source}"):
            place.spool.require_room()
            snapshot = place.source(told.source, earlier).pull(place.spool, list(place.mappings[told.source]))
            _refuse_stale(place, snapshot)
    except ViaductError as error:
        _refuse(told, error)
        return None
    told.extracted_at, told.complete = snapshot.extracted_at, snapshot.complete
    LOG.info("source_pulled", source=told.source)
    return snapshot


def _gather(
    place: Workplace, snapshot: Snapshot, told: SourceSummary, asked: Asked, steps: Steps
) -> Gathering | None:
    store = Store(place.partitions, place.spool)
    view, before = View(place.memory_key), Pulls(place.pulls_path).view(snapshot.source)
    flag, ground = place.own_flag(snapshot.source)
    gathering = Gathering(snapshot.source, place.digest, flag, store, view, ground)
    gathering.complete, gathering.beside = snapshot.complete, asked.beside.get(snapshot.source, [])
    gathering.notes.numbers.key = opt_out_key(place)
    gathering.notes.identity = notes_for(place.dpia, snapshot.source)
    if snapshot.visibility is not None:
        view.listed(snapshot.visibility)
    try:
        read_exports(place, gathering, snapshot, told, steps)
        if not asked.accept_drop:
            _refuse_blanks(place, told, gathering.counts)
        told.exports, told.view = gathering.counts, view.counts(before)
        gathering.seen_less = view.narrowed(before, in_part=not gathering.complete)
        if gathering.complete:
            gathering.narrowed = [] if asked.accept_drop else gathering.seen_less
            _brake(place, told, asked, gathering.narrowed)
        _recognise(place, gathering, told, asked)
    except (ConservationBroken, RunOutOfTime):
        raise
    except ViaductError as error:
        _refuse(told, error)
        return None
    store.close()
    return gathering


def _recognise(place: Workplace, gathering: Gathering, told: SourceSummary, asked: Asked) -> None:
    """Find who was anonymised without a flag. Errors: MassErasure, StateUnreadable.

    A narrower view that a person lets pass tonight is the usual one from tomorrow on: then it is asked, under
    its own brake, whose identity is gone.
    """
    gathering.identity, new, doubted = recognise(
        place.state,
        told.source,
        gathering.identities,
        place.memory_key,
        brake=None if asked.accept_drop else place.source_brakes[told.source],
        believe=not gathering.seen_less,
    )
    told.emptied_held = 0 if asked.accept_drop else doubted
    told.anonymised = {"recognised": int(gathering.identity["gone"].sum()), "new": new}


def _refuse_blanks(place: Workplace, told: SourceSummary, counts: Mapping[str, ExportCounts]) -> None:
    """Errors: CellsUnreadable, CellsEmptied, when fields would be blanked that were filled last time."""
    last, brake = Pulls(place.pulls_path), place.source_brakes[told.source]
    told.readable.refuse(last.unread(told.source), brake)
    if told.complete:
        rows = last.rows(told.source)
        gone = {name: rows[name] - counts[name].rows for name in rows.keys() & counts.keys()}
        told.readable.refuse_emptied(last.filled(told.source), gone, brake)


def _refuse_twice(place: Workplace, snapshots: dict[str, Snapshot], summary: Summary) -> None:
    """Refuse every source of which an export holds what another export of this run holds."""
    exports = [export for snapshot in snapshots.values() for export in snapshot.exports.values()]
    twice = told_twice(exports, {source: place.entities_of(source) for source in snapshots})
    for told in summary.sources:
        if told.source in twice:
            _refuse(told, SameExportTwice(twice[told.source]))


def _refuse(told: SourceSummary, error: ViaductError) -> None:
    error.sent = f"Nothing that source {told.source} gave in this run was sent."
    # What is kept until the summary is written must not keep the cells it was met with.
    error.__context__ = error.__traceback__ = None
    told.outcome, told.error = "refused", error
    told.exports = {}
    LOG.error("source_refused", source=told.source, error_code=error.code, failure=error.failure)


def _brake(place: Workplace, told: SourceSummary, asked: Asked, narrowed: list[Narrowing]) -> None:
    """Errors: BrakeDrop, BrakeGrowth, when an export differs too much from the last accepted pull.

    ViewNarrowed instead of BrakeDrop, when the account sees less than it did then.
    """
    before = Pulls(place.pulls_path).rows(told.source)
    brake: Brake = place.source_brakes[told.source]
    for name, counts in told.exports.items():
        if name not in before:
            continue
        change = counts.rows - before[name]
        where = f"source {told.source}, export {name}: {before[name]} rows last time, {counts.rows} now."
        if brake.drops(before[name], -change) and not asked.accept_drop:
            raise ViewNarrowed(f"{where} {in_words(narrowed)}.") if narrowed else BrakeDrop(where)
        if brake.grows(before[name], change) and not asked.accept_growth:
            raise BrakeGrowth(where)


def _refuse_stale(place: Workplace, snapshot: Snapshot) -> None:
    """Errors: StaleExport, when the data are older than what was accepted before, or not from the past."""
    last = Pulls(place.pulls_path).extracted_at(snapshot.source)
    told = f"source {snapshot.source}: data as at {clock.stamp(snapshot.extracted_at)}"
    if last is not None and snapshot.extracted_at < last:
        raise StaleExport(f"{told}, but data as at {clock.stamp(last)} were accepted before.")
    if snapshot.extracted_at > clock.now() + CLOCKS_DIFFER:
        raise StaleExport(f"{told}, which is still to come.")


class Pulls:
    """Of when each source's last accepted pull was, how many rows its exports had, what its account saw."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: dict[str, Any] = read_json(path) if path.exists() else {}
        self.sources = sorted(self._known)

    @property
    def exist(self) -> bool:
        """Return whether a run has ever begun to write them down."""
        return self._path.exists()

    def begin(self) -> None:
        """Write down that there was no pull yet, so that a later loss is told from a first night."""
        write_atomic(self._path, as_json({}))

    def rows(self, source: str) -> dict[str, int]:
        """Return rows by export."""
        return dict(self._known.get(source, {}).get("rows", {}))

    def extracted_at(self, source: str) -> datetime | None:
        """Return the instant the data were of; None before the first pull."""
        said = self._known.get(source, {}).get("extracted_at")
        return datetime.fromisoformat(said) if said else None

    def earlier(self, source: str) -> Earlier:
        """Return of when the data were that every flow has settled, and of when those that were complete."""
        said = [self._known.get(source, {}).get(name) for name in ("settled_at", "complete_at")]
        return Earlier(*(datetime.fromisoformat(instant) if instant else None for instant in said))

    def unread(self, source: str) -> Unread | None:
        """Return how many cells of each field could not be read; None before the first pull."""
        return dict(self._known[source].get("unread", {})) if source in self._known else None

    def filled(self, source: str) -> Filled:
        """Return how many cells of each field held something; nothing before the first pull."""
        return dict(self._known.get(source, {}).get("filled", {}))

    def knows_identity(self, source: str) -> bool:
        """Return whether it was written down what its people hold of their identity."""
        return bool(self._known.get(source, {}).get("identity"))

    def view(self, source: str) -> Seen:
        """Return what the account saw; nothing before the first pull."""
        return dict(self._known.get(source, {}).get("view", {}))

    def accept(self, sources: list[SourceSummary], views: dict[str, Seen], settled: set[str]) -> None:
        """Write down tonight's pulls of the sources that were read whole.

        Given: the views of those sources whose view of tonight is the one to compare with from now on;
               the others keep the view, and the numbers of rows, that a person has not yet let go.
               `settled`: the sources of whose pull no flow has anything left to do.
        """
        read = [told for told in sources if told.exports]
        good = {told.source: self._pull(told, views.get(told.source)) for told in read}
        for told in read:
            good[told.source] |= self._instants(told, settled=told.source in settled)
        write_atomic(self._path, as_json(self._known | good))

    def _instants(self, told: SourceSummary, *, settled: bool) -> dict[str, str | None]:
        before = self.earlier(told.source)
        settled_at = told.extracted_at if settled else before.settled_at
        complete_at = told.extracted_at if settled and told.complete else before.complete_at
        return {
            "settled_at": settled_at.isoformat() if settled_at else None,
            "complete_at": complete_at.isoformat() if complete_at else None,
        }

    def _pull(self, told: SourceSummary, view: Seen | None) -> dict[str, Any]:
        rows = {name: counts.rows for name, counts in told.exports.items()}
        return {
            "rows": self.rows(told.source) if view is None else rows,
            "identity": True,
            "extracted_at": told.extracted_at.isoformat() if told.extracted_at else None,
            "view": self.view(told.source) if view is None else view,
            "unread": told.readable.unread if told.complete else self.unread(told.source) or {},
            "filled": self.filled(told.source) if view is None or not told.complete else told.readable.filled,
        }
