"""Reading what a source gave: every export to its end, mapped batch by batch into its gathering."""

from connectors.row_starts import RowStart
from connectors.source import Export, Snapshot
from connectors.tables import read_batches
from sync.errors import RunOutOfTime
from sync.faults import own_faults_told
from sync.gather import Gathering, reading_order
from sync.place import Workplace
from sync.steps import Steps
from sync.summary import SourceSummary


def read_exports(
    place: Workplace, gathering: Gathering, snapshot: Snapshot, told: SourceSummary, steps: Steps
) -> None:
    """Read the snapshot's exports in the order in which links can be followed, letting go of each body.

    Errors: those of its rows and cells, ConservationBroken, RunOutOfTime; a fault of our own by its place.
    """
    for export in reading_order(place.entities_of(snapshot.source)):
        with own_faults_told(snapshot.exports[export].place):
            _read(place, gathering, snapshot.exports[export], told, steps)
        snapshot.exports[export].body.discard()


def in_time(steps: Steps, place: str) -> None:
    """Errors: RunOutOfTime, when the run's time is over."""
    if steps.out_of_time:
        raise RunOutOfTime(f"at {place}")


def _read(place: Workplace, gathering: Gathering, export: Export, told: SourceSummary, steps: Steps) -> None:
    """Read one export to its end. Errors: those of its rows, and of its cells once all are known."""
    compiled, name = place.mappings[export.source][export.name], export.name
    reference = compiled.mapping.declared.reference
    starts = RowStart(reference.column, reference.pattern)
    batches = read_batches(export, compiled.columns, compiled.ignored, row_starts=starts)
    evidence = compiled.evidence(
        batches.header, export.place, typed=batches.typed, may_shift=batches.may_shift
    )
    furniture = 0
    gathering.view.names("fields", name, batches.header)
    for batch in batches:
        for aspect, column in compiled.mapping.declared.view.items():
            gathering.view.cells(aspect, name, batch[column])
        mapped = compiled.apply(batch, evidence)
        told.readable.take(name, mapped.entities)
        gathering.take(name, batch, mapped, batches.furniture - furniture)
        furniture = batches.furniture
        in_time(steps, export.place)
    gathering.view.export(name, batches.rows - batches.furniture)
    gathering.close_export(name, batches.rows, batches.furniture)
    gathering.doubt(name, evidence.settle())
    told.unknown_columns[name], told.arrived[name] = list(batches.unknown), batches.arrived
    told.cells[name] = evidence.told.to_json()
