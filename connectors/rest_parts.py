"""A night that reads a part: whose records are read then, whole, and nothing of anybody else.

The API tells of no change. People are taken who have had a contact lately, or of whom a record with a late
day stands in a list that is named for it (an answer about consent, a risk). All about them is read anew.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta

import polars as pl

from connectors.reception import Reception
from connectors.rest_columns import Columns, as_csv
from connectors.rest_errors import AnswerCapped
from connectors.rest_reading import LAST, USUAL_CAPS, Pairs, refuse_a_part
from connectors.rest_records import Records
from connectors.rest_settings import Request, RestSettings
from connectors.rest_visit import Visit
from connectors.settings import Ceilings, Layout
from connectors.source import Earlier, Export
from connectors.spool import Spool
from connectors.tables import read_batches
from connectors.web import Download

IDS_IN_ADDRESS = 150


def since_when(settings: RestSettings, earlier: Earlier, today: date) -> date | None:
    """Return the day from which tonight looks; None where it must read everything.

    Every run reads everything where full_every_days is 1, the second of a day too.
    """
    whole_nights_apart = settings.parts.full_every_days
    if whole_nights_apart <= 1 or earlier.settled_at is None or earlier.complete_at is None:
        return None
    if today - earlier.complete_at.date() >= timedelta(days=whole_nights_apart):
        return None
    return earlier.settled_at.date() - timedelta(days=settings.parts.overlap_days)


def people_since(visit: Visit, settings: RestSettings, since: date) -> list[str]:
    """Return the ids of the clients on whom something has been done since the day, in order."""
    parts, ceilings = settings.parts, settings.limits.ceilings
    active = ("field", f"id;{parts.active_owner}", parts.active_filter, f"{since},{LAST}")
    path = "/".join((parts.active_list, *active))
    found = [
        table[parts.active_owner] for table in _tables(visit, path, ("id", parts.active_owner), ceilings)
    ]
    for request in settings.requests.values():
        if request.active_fields and request.owner_filter is not None:
            fields = (request.owner_filter, *request.active_fields)
            path = f"{request.path}/field/{';'.join(fields)}"
            for table in _tables(visit, path, fields, ceilings):
                late = pl.any_horizontal(pl.col(name) >= f"{since}" for name in request.active_fields)
                found.append(table.filter(late)[request.owner_filter])
    ids = pl.concat([pl.Series("id", [], dtype=pl.String), *(each.alias("id") for each in found)])
    return sorted(set(ids.drop_nulls()) - {""})


def _tables(visit: Visit, path: str, fields: tuple[str, ...], ceilings: Ceilings) -> list[pl.DataFrame]:
    """Return a few fields of a list; ids and days alone are held."""
    step = "who was worked on"
    columns = Columns(fields, {}, frozenset(), visit.place(step))

    def read(download: Download) -> list[pl.DataFrame]:
        records = Records(download.pieces(), visit.place(step), ceilings)
        tables = [columns.table(batch) for batch in records.batches()]
        held = sum(table.height for table in tables)
        refuse_a_part(download, held, visit.place(step))
        if held in USUAL_CAPS:
            raise AnswerCapped(f"{visit.place(step)}: just {held} records, a usual page.")
        return tables

    return visit.take(path, step, read)


def scopes_of(request: Request, people: list[str]) -> tuple[Pairs, ...]:
    """Return the filters that choose these clients' records, so many at a time."""
    pieces = (people[start : start + IDS_IN_ADDRESS] for start in range(0, len(people), IDS_IN_ADDRESS))
    return tuple(((str(request.owner_filter), ";".join(piece)),) for piece in pieces)


def of_people(request: Request) -> Request:
    """Return the request as it is asked of given clients: without windows of days."""
    return replace(request, date_filter=None)


def rows_of(
    export: Export, owners: tuple[str, ...], people: list[str], spool: Spool, ceilings: Ceilings
) -> Export:
    """Return an export of a file with those of its rows of which every owner is among the people."""
    header = list(read_batches(export, owners).header)
    mine = pl.all_horizontal(pl.col(name).str.strip_chars().is_in(people) for name in owners)
    with Reception(export.source, export.name, spool, Layout(), ceilings) as reception:
        reception.take(as_csv(pl.DataFrame(schema=dict.fromkeys(header, pl.String)), header=True))
        rows = 0
        for table in _filtered(read_batches(export, header), mine):
            rows += table.height
            reception.take(as_csv(table, header=False))
        return reception.close(rows)


def _filtered(batches: Iterable[pl.DataFrame], mine: pl.Expr) -> Iterator[pl.DataFrame]:
    for batch in batches:
        table = batch.drop("_row").filter(mine)
        if not table.is_empty():
            yield table
