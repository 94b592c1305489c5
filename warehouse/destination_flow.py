"""One flow of the warehouse file made right at a destination: merged where it can be, else sent whole."""

from collections.abc import Callable, Iterator
from pathlib import Path

from canonical import ENTITIES, spec
from common import log
from config.lake import DestinationPlace
from warehouse import tables
from warehouse.destination_line import FAULTS, GONE, Counts, Line, Sent, Shown, quiet
from warehouse.duckdb_file import DuckDatabase
from warehouse.lake_files import ROWS_AT_ONCE
from warehouse.lake_tables import FlowNow, LakeTable, lake_tables, state_at

__all__ = ["FAULTS", "quiet", "written"]

LOG = log.get("warehouse")
KEYS = {"withdrawn_records": ("entity", "key"), tables.BATCHES: ("sequence",)}


class NotTaken(OSError):
    """The destination holds other rows than it was given."""


def written(database: DuckDatabase, now: FlowNow, place: DestinationPlace, folder: Path) -> bool:
    """Return whether the flow had to be written; afterwards the destination shows it, and says so.

    Errors:  those of FAULTS, whose words may hold a value.
    """
    credentials = place.credentials.read()
    line = Line(place.destination, credentials, now.flow, folder / "line")
    wanted, before = Shown(now.state, now.batch_sequence, now.certificates), line.shown()
    if before == wanted:
        return False
    _Writing(database, now.flow, line).make_right(_since(database, now.flow, before) if line.merges else None)
    _tell(line, wanted, lambda: Line(place.destination, credentials, now.flow, folder / "again"))
    return True


def _since(database: DuckDatabase, flow: str, before: Shown | None) -> int | None:
    """Return the batch after which rows are to be merged; None where what is there is not a state of ours."""
    if before is None:
        return None
    ours = state_at(database, flow, before.batch_sequence, before.certificates)
    return before.batch_sequence if before.state == ours else None


def _tell(line: Line, wanted: Shown, again: Callable[[], Line]) -> None:
    """Say what is shown from now on; where the answer is lost, ask on another line.

    Errors:  those of FAULTS, NotTaken.
    """
    doubt = False
    try:
        line.tell(wanted)
    except FAULTS:
        doubt = True
    if not doubt:
        return
    LOG.warning("commit_in_doubt")
    if again().shown() != wanted:
        raise NotTaken
    LOG.info("commit_found")


class _Writing:
    """The tables of one flow on their way to one destination."""

    def __init__(self, database: DuckDatabase, flow: str, line: Line) -> None:
        self._database = database
        self._flow = flow
        self._line = line
        self._tables = lake_tables(database, flow)

    def make_right(self, since: int | None) -> None:
        """Send what changed since that batch, or all of it; what was counted and differs is sent whole.

        A column that is no longer released is blanked in rows of before, which no batch brought: only the
        count of what each column holds tells. Errors:  those of FAULTS, NotTaken.
        """
        self._line.send([self._sent(table, since) for table in self._tables])
        wrong = list(self._wrong())
        if not wrong:
            return
        self._line.send([self._sent(table, None) for table in wrong])
        if any(self._wrong()):
            raise NotTaken

    def _wrong(self) -> Iterator[LakeTable]:
        for table in self._tables:
            if self._line.counts(table.name, list(table.columns)) != self._counts(table):
                yield table

    def _counts(self, table: LakeTable) -> Counts:
        each = ", ".join(f"count({tables.quoted(column)})" for column in table.columns)
        return tuple(self._database.rows(f"SELECT count(*), {each} FROM ({table.query})")[0])

    def _sent(self, table: LakeTable, since: int | None) -> Sent:
        key = KEYS[table.name] if table.name in KEYS else spec(table.name).key
        whole = since is None or table.name not in ENTITIES
        query = table.query if since is None or whole else self._changed(table, key[0], since)
        return Sent(table.name, lambda: self._database.stream(query, ROWS_AT_ONCE), tuple(key), whole=whole)

    def _changed(self, table: LakeTable, key: str, since: int) -> str:
        """Return the query for the rows that came since, and the keys of those that went."""
        stones = tables.tombstones(self._flow)
        return (
            f"SELECT *, false AS {GONE} FROM ({table.query}) WHERE batch_sequence > {since} "
            f"UNION ALL BY NAME SELECT key::VARCHAR AS {tables.quoted(key)}, true AS {GONE} FROM {stones} "
            f"WHERE entity = '{table.name}' AND (batch_sequence > {since} OR reason = 'expired')"
        )
