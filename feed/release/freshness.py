"""How fresh the warehouse is: the last batch that the figures have seen, and the last of each provider."""

from canonical import ENTITIES
from common import clock
from feed.errors import WarehouseNotThere
from feed.facts import SCHEMA
from feed.release.changes import Rows
from feed.release.quality import Fresh
from feed.release.words import AsOf

PROVENANCE = {"source_system", "batch_sequence", "run_id", "released_at"}


def as_of(ask: Rows) -> AsOf:
    """Return the last batch of the flow, and when it was released. Errors: WarehouseNotThere, if none was."""
    ((batch, released_at, run_id),) = ask(
        "SELECT max(batch_sequence), max(released_at), arg_max(run_id, (batch_sequence, run_id)) "
        f"FROM ({_rows(ask)})"
    )
    if released_at is None:
        raise WarehouseNotThere(f"no batch of the flow {SCHEMA} was loaded into it")
    return AsOf(int(batch), clock.stamp(released_at), str(run_id))


def freshness(ask: Rows) -> tuple[Fresh, ...]:
    """Return of each provider the last batch that changed any of its rows."""
    told = ask(
        "SELECT source_system, max(batch_sequence), max(released_at) "
        f"FROM ({_rows(ask)}) WHERE source_system IS NOT NULL GROUP BY 1 ORDER BY 1"
    )
    return tuple(Fresh(str(who), int(batch), clock.day_of(clock.stamp(at))) for who, batch, at in told)


def _rows(ask: Rows) -> str:
    """Return a statement over the provenance of every row of the flow."""
    found = ask(
        f"SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = '{SCHEMA}'"
    )
    columns: dict[str, set[str]] = {}
    for name, column in found:
        columns.setdefault(name, set()).add(column)
    there = [entity for entity in ENTITIES if columns.get(entity, set()) >= PROVENANCE]
    selected = [f"SELECT {', '.join(sorted(PROVENANCE))} FROM {SCHEMA}.{entity}" for entity in there]
    nothing = "SELECT NULL AS source_system, 0 AS batch_sequence, NULL AS run_id, NULL AS released_at LIMIT 0"
    return " UNION ALL ".join(selected) or nothing
