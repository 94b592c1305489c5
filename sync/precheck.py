"""A provider's own exports looked at before they are sent: read and checked as in a run, and nothing is kept.

The reading, the mapping, the index, the checks are those of a run. What a run knows beside them is not there:
no key (digests are seeded anew each time), no state, no assessment, no other source. What one of these would
have to answer is unknown, never wrong. Nothing is asked of a network, and what must wait waits in a file that
is encrypted and has no name.
"""

import re
import secrets
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import polars as pl

from common import clock
from common.errors import ViaductError
from config.site import Site
from connectors.handed import Handed, handed_files
from connectors.handed_source import Columns, HandedSource
from connectors.settings import MIB
from connectors.source import Snapshot
from connectors.spool import Spool
from connectors.spool_room import Ceiling
from mappings import Compiled
from sync.cases import NONE
from sync.errors import RunOutOfTime, SameExportTwice
from sync.examine import Examination
from sync.gather import Gathering
from sync.people import build_index
from sync.place import Workplace
from sync.pull import partitions_for
from sync.reading import read_exports
from sync.run_names import new_run_id
from sync.steps import Steps, Watcher
from sync.store import Store
from sync.summary import SourceSummary, Summary
from sync.twice import told_twice
from sync.view import View
from sync.window import Window

SECRET_BYTES = 32
SPOOL = "viaduct-precheck"
NEXT_RUN = re.compile(r"[,;] (?:then|to [^:;]*): python run_sync\.py .*$")
LOOK_AGAIN = ", then type this again."
NOTHING_LEFT = "Nothing left this machine, and nothing was kept."


@dataclass
class Bench(Workplace):
    """A workplace for one source's own files: no key, no state, no assessment is opened.

    there: the exports that were handed over; None before that is known.
    """

    source_name: str = ""
    there: frozenset[str] | None = None

    @cached_property
    def memory_key(self) -> bytes:
        """Return a key that is made for this once."""
        return secrets.token_bytes(SECRET_BYTES)

    @cached_property
    def mappings(self) -> dict[str, dict[str, Compiled]]:
        """Return the compiled mappings of the one source. Errors: DocumentRefused."""
        return {self.source_name: self._mappings_of(self.source_name)}

    @property
    def columns(self) -> dict[str, Columns]:
        """Return what each export's header is known by."""
        compiled = self.mappings[self.source_name]
        return {export: Columns(one.columns, one.ignored) for export, one in compiled.items()}

    def entities_of(self, source: str) -> dict[str, list[str]]:
        """Return which entities each export that is there gives."""
        every = super().entities_of(source)
        return {export: given for export, given in every.items() if self._has(export)}

    def filled(self, source: str) -> dict[str, frozenset[str]]:
        """Return which fields of which entity the exports that are there fill."""
        fields: dict[str, frozenset[str]] = {}
        for export, compiled in self.mappings[source].items():
            for entity in compiled.entities if self._has(export) else ():
                fields[entity] = fields.get(entity, frozenset()) | compiled.fills(entity)
        return fields

    @property
    def partial(self) -> frozenset[str]:
        """Return the entities of which an export that gives them is not there."""
        every = super().entities_of(self.source_name)
        return frozenset(e for export, given in every.items() if not self._has(export) for e in given)

    def _has(self, export: str) -> bool:
        return self.there is None or export in self.there


@dataclass
class Prechecked:
    """What became of the files.

    summary:     as of a run of this one source: its exports, columns and cells, how often each check failed.
    findings:    as `quality.FINDINGS`; a row without a reference is named by its row.
    missing:     the source's exports that were not handed over.
    passed_over: files of a folder or an archive that are no export.
    """

    summary: Summary
    findings: pl.DataFrame = field(repr=False)
    missing: list[str] = field(default_factory=list)
    passed_over: list[str] = field(default_factory=list)

    @property
    def source(self) -> SourceSummary:
        """Return how the source's exports were read."""
        return self.summary.sources[0]


def precheck(site: Site, source: str, paths: list[Path], watcher: Watcher | None = None) -> Prechecked:
    """Return what the checks find in these files of a source; a folder or an archive stands for its files.

    Errors: NotTheExport and its kinds, DocumentRefused, CellsUnreadable, SpoolFull, RunOutOfTime.
    """
    steps = Steps(watcher, site.limits.run_minutes * 60.0)
    ceiling = Ceiling(site.limits.spool_megabytes * MIB, site.limits.free_megabytes * MIB)
    failed: ViaductError | None = None
    with Spool(Path(tempfile.gettempdir()), ceiling=ceiling) as spool:
        bench = Bench(site, spool, dry_run=True, run_id=new_run_id(), source_name=source)
        try:
            return Prechecking(bench, steps).of(handed_files(paths))
        except ViaductError as error:
            error.sent, error.next_step = NOTHING_LEFT, NEXT_RUN.sub(LOOK_AGAIN, error.next_step)
            error.__context__ = None
            failed = error
    raise failed


@dataclass
class Prechecking:
    """The state of one look at files."""

    bench: Bench
    steps: Steps

    def of(self, files: Sequence[Handed]) -> Prechecked:
        """Return what the checks find in the files."""
        bench, name = self.bench, self.bench.source_name
        declared = bench.site.sources[name]
        handed = HandedSource(declared, files, bench.columns)
        with self.steps.stage("pull", name):
            snapshot = handed.pull(bench.spool)
        self.steps.reached("pulled", 1, 1)
        summary = Summary(bench.run_id, clock.now(), sample=bench.sample, dry_run=True)
        told = SourceSummary(name, declared.provider, extracted_at=snapshot.extracted_at)
        summary.sources.append(told)
        gathered = {name: self._gather(snapshot, told)}
        return Prechecked(
            summary,
            self._found(gathered, summary),
            [export for export in bench.mappings[name] if export not in snapshot.exports],
            handed.passed_over,
        )

    def _gather(self, snapshot: Snapshot, told: SourceSummary) -> Gathering:
        bench, source = self.bench, snapshot.source
        bench.there = frozenset(snapshot.exports)
        twice = told_twice(snapshot.exports.values(), {source: bench.entities_of(source)})
        if twice:
            raise SameExportTwice(twice[source])
        size = sum(export.size for export in snapshot.exports.values())
        bench.partitions = partitions_for(-(-size // (bench.site.limits.partition_megabytes * MIB)))
        store = Store(bench.partitions, bench.spool)
        gathering = Gathering(source, bench.digest, {}, store, View(bench.memory_key))
        gathering.complete, gathering.partial = snapshot.complete, bench.partial
        with self.steps.stage("gather", source):
            read_exports(bench, gathering, snapshot, told, self.steps)
        self.steps.reached("gathered", 1, 1)
        told.readable.refuse(None, bench.source_brakes[source])
        told.exports, told.complete = gathering.counts, snapshot.complete
        store.close()
        return gathering

    def _found(self, gathered: dict[str, Gathering], summary: Summary) -> pl.DataFrame:
        notes = {source: part.notes for source, part in gathered.items()}
        whole = frozenset(source for source, part in gathered.items() if part.complete)
        with self.steps.stage("index"):
            index = build_index(notes, whole, None, everyone=False, telling=NONE)
        self.steps.reached("indexed")
        examination = Examination(
            self.bench, gathered, index, steps=self.steps, summary=summary, window=Window()
        )
        for _, tables in examination.partitions():
            del tables
            if self.steps.out_of_time:
                raise RunOutOfTime("between two partitions")
        return examination.found()
