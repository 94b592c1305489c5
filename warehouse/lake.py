"""Publish the tables of a warehouse file to a lake: all that changed, whole, and then one pointer.

The file stays what the loader works on. The lake is made from it and can be made again at any time, so a
publication that was cut short is done by the next load, before it leaves any receipt.
"""

from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path

import duckdb

from common import clock, log
from config.lake import LakePlace
from warehouse.duckdb_file import DuckDatabase
from warehouse.errors import LakeNotCleared, LakeNotOurs, LakeNotPublished
from warehouse.lake_files import LakeFiles, WrongCount
from warehouse.lake_parquet import ParquetLake
from warehouse.lake_pointer import (
    POINTER,
    UNTOUCHED,
    FlowState,
    Pointer,
    Superseded,
    group_folder,
    read_pointer,
    stamp_now,
    write_pointer,
)
from warehouse.lake_tables import FlowNow, flows_now, lake_tables
from warehouse.working_copy import reading_copy

LOG = log.get("warehouse")
AS_BEFORE = "The warehouse file holds what was loaded. The lake's pointer is as it was; no receipt was left."
SHOWN = "The lake shows what the warehouse file holds; no receipt or certificate was left."


def publish_lake(warehouse: Path, place: LakePlace, keep: timedelta | None = None) -> list[str]:
    """Return the flows that were published anew, once the lake shows what the warehouse file holds.

    Given:   the lock of the file's only loader is held; `keep` in place of the lake's own, where it must
             hold at once that no row which was removed stands in any file.
    Errors:  LakeNotOurs; LakeNotPublished, naming the kind of fault only; LakeNotCleared, if nothing older
             was to be kept and something else than the current versions still stands.
    """
    if not warehouse.exists():
        return []
    kind, sent, files = "", AS_BEFORE, files_of(place)
    faults: tuple[type[Exception], ...] = (duckdb.Error, WrongCount, *files.faults)
    try:
        with reading_copy(warehouse) as connection:
            publication = _Publication(DuckDatabase(connection), place, files, keep)
            after, changed = publication.shown()
            sent = SHOWN
            publication.clear(after)
            return changed
    except faults as error:
        kind = type(error).__name__
    if sent == SHOWN:
        raise LakeNotCleared(f"{place.folder.as_posix()} ({kind}).", sent=SHOWN)
    raise LakeNotPublished(f"{place.folder.as_posix()} ({kind}).", sent=AS_BEFORE)


def files_of(place: LakePlace) -> LakeFiles:
    """Return what writes the files of such a lake. Errors: LakeNotPublished, if its library is not here."""
    if place.format == "parquet":
        return ParquetLake(place.folder)
    if find_spec("deltalake") is None:
        remedy = "Install it: sh tools/setup.sh .venv requirements-delta.txt. Then: python run_sync.py load"
        raise LakeNotPublished("deltalake is not installed.", sent=AS_BEFORE, remedy=remedy)
    from warehouse.lake_delta import DeltaLake  # noqa: PLC0415 - its library is for those who need it

    return DeltaLake(place.folder)


class _Publication:
    """One comparison of the warehouse file with the lake, and what follows from it."""

    def __init__(
        self, database: DuckDatabase, place: LakePlace, files: LakeFiles, keep: timedelta | None
    ) -> None:
        self._database = database
        self._folder = place.folder
        self._lake = files
        self._keep = place.keep if keep is None else keep

    def shown(self) -> tuple[Pointer, list[str]]:
        """Return the pointer, which shows what the file holds, and the flows that were published anew."""
        before = self._begun()
        now = flows_now(self._database)
        self._of_this_warehouse(before, now)
        self._lake.make_room(before)
        changed = [flow for flow in now if not self._shown(before.flows.get(flow.flow), flow)]
        flows = before.flows | {flow.flow: self._publish(flow) for flow in changed}
        after = before.model_copy(update={"flows": flows, "superseded": self._superseded(before, flows)})
        if after != before:
            write_pointer(self._folder, after)
        return after, [flow.flow for flow in changed]

    def clear(self, shown: Pointer) -> None:
        """Remove what is older than it may be. Errors: LakeNotCleared, if nothing may and something is."""
        self._lake.clear(shown, self._keep)
        strays = [] if self._keep else self._lake.strays(shown)
        if strays:
            where = f"{self._folder.as_posix()}: files that {POINTER} does not name: {len(strays)}."
            raise LakeNotCleared(where, sent=SHOWN)

    def _begun(self) -> Pointer:
        pointer = read_pointer(self._folder, self._lake.kind)
        if pointer is None:
            group_folder(self._folder)
            pointer = Pointer(kind=self._lake.kind)
            write_pointer(self._folder, pointer)
        return pointer

    def _of_this_warehouse(self, before: Pointer, now: list[FlowNow]) -> None:
        strange = sorted(before.flows.keys() - {flow.flow for flow in now})
        if strange:
            where = f"{self._folder.as_posix()}: {', '.join(strange)} is not in this warehouse."
            raise LakeNotOurs(where, sent=UNTOUCHED)

    def _shown(self, state: FlowState | None, flow: FlowNow) -> bool:
        return state is not None and state.state == flow.state and self._lake.stands(state.tables)

    def _publish(self, flow: FlowNow) -> FlowState:
        folder, tables = self._lake.write(self._database, flow.flow, lake_tables(self._database, flow.flow))
        LOG.info("lake_written", flow=flow.flow, records=sum(table.rows for table in tables.values()))
        return FlowState(
            state=flow.state,
            batch_sequence=flow.batch_sequence,
            published_at=stamp_now(),
            folder=folder,
            tables=tables,
        )

    def _superseded(self, before: Pointer, flows: dict[str, FlowState]) -> list[Superseded]:
        gone = [
            Superseded(folder=state.folder, since=stamp_now())
            for flow, state in before.flows.items()
            if flows[flow].folder != state.folder
        ]
        now = clock.now()
        return [old for old in [*before.superseded, *gone] if old.stays(self._keep, now)]
