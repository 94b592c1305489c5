"""Publish the warehouse file to a database through dlt: what changed is merged, then counted, then told.

A destination has no one step for all tables of a flow. So each table is made right, counted row for row and
column for column, and only then one row says what the destination shows; receipts are left after that.
"""

from importlib.util import find_spec
from pathlib import Path

import duckdb

from common.files import private_folder
from config.lake import DestinationPlace
from warehouse.duckdb_file import DuckDatabase
from warehouse.errors import DestinationFailed
from warehouse.lake_tables import flows_now
from warehouse.working_copy import reading_copy, workplace

LATER = "The warehouse file holds what was loaded. The destination may show part of it; no receipt was left."


def publish_destination(warehouse: Path, place: DestinationPlace) -> list[str]:
    """Return the flows that were written, once the destination shows what the warehouse file holds.

    Given:   the lock of the file's only loader is held.
    Errors:  DestinationFailed, naming the kind of fault only.
    """
    if not warehouse.exists():
        return []
    if find_spec("dlt") is None:
        remedy = "Install it: sh tools/setup.sh .venv requirements-dlt.txt. Then: python run_sync.py load"
        raise DestinationFailed("dlt is not installed.", sent=LATER, remedy=remedy)
    from warehouse.destination_flow import FAULTS, quiet, written  # noqa: PLC0415 - dlt is for who needs it

    faults: tuple[type[Exception], ...] = (*FAULTS, duckdb.Error, ValueError)
    kind = ""
    try:
        with reading_copy(warehouse) as connection:
            folder = private_folder(workplace(warehouse) / "dlt")
            with quiet(folder):
                database = DuckDatabase(connection)
                return [now.flow for now in flows_now(database) if written(database, now, place, folder)]
    except faults as error:
        kind = type(error).__name__
    raise DestinationFailed(f"{place.destination} ({kind}).", sent=LATER)
