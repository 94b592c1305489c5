"""The council side's own work, with the council's keys and none of the sync side's."""

from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from functools import partial
from pathlib import Path

from config.lake import DestinationPlace
from config.site import Site
from config.warehouse import PostgresWarehouse
from connectors.registry import open_landing
from sealing import keys
from sealing.earlier import earlier_verifiers, identities_in_use, verifiers_of_history
from sealing.receipt import Receipt
from sharing import load_dpia
from warehouse.duckdb_file import DuckDatabase
from warehouse.expiring import Hold
from warehouse.lake import publish_lake
from warehouse.lake_tables import flows_now, lake_tables
from warehouse.load import load_landing
from warehouse.open_batch import Council
from warehouse.retention import FlowRetention, apply_retention, look_at_retention
from warehouse.tsql import TsqlServer, tsql
from warehouse.working_copy import published


def load_council_side(site: Site, unread: list[str] | None = None) -> list[Receipt]:
    """Open, verify and load what has arrived; answer with signed receipts. The council's own keys only.

    Given: `unread` takes the names of batches whose manifest cannot be read, which get no answer.
    """
    identity, *before = identities_in_use(site.keys.private, site.keys.public)
    council = Council(
        identity,
        keys.load_verifier("signing", site.keys.public),
        keys.load_signer("receipt", site.keys.private),
        tuple(before),
        earlier_verifiers("signing", site.keys.public),
        verifiers_of_history("receipt", site.keys.public),
    )
    with closing(open_landing(site.landing)) as landing:
        return load_landing(landing, site.warehouse, council, publish=_publishing(site), unread=unread)


def retain_council_side(site: Site, *, dry_run: bool) -> list[FlowRetention]:
    """Return what had its time in the warehouse, by flow; it is removed and certified unless it is a dry run.

    Errors:  those of the warehouse, of the landing zone and of the receipt key.
    """
    holds = [Hold(hold.reference, hold.flow, hold.entity) for hold in site.retention.holds]
    if dry_run:
        return look_at_retention(site.warehouse, holds)
    signer = keys.load_signer("receipt", site.keys.private)
    with closing(open_landing(site.landing)) as landing:
        publish = _publishing(site, keep=timedelta(0))
        before = verifiers_of_history("receipt", site.keys.public)
        return apply_retention(landing, site.warehouse, signer, holds, publish=publish, before=before)


def _publishing(site: Site, keep: timedelta | None = None) -> Callable[[], object] | None:
    """Return what publishes the site's lake, if it has one."""
    if site.lake is None or not isinstance(site.warehouse, Path):
        return None
    if isinstance(site.lake, DestinationPlace):
        from warehouse.destination import publish_destination  # noqa: PLC0415 - for those who have dlt

        return partial(publish_destination, site.warehouse, site.lake)
    return partial(publish_lake, site.warehouse, site.lake, keep)


def server_grants(site: Site) -> str | None:
    """Return the statements that make a PostgreSQL server ready for the assessment's flows.

    Returns: None where the warehouse is a file. Errors:  those of the assessment.
    """
    if not isinstance(site.warehouse, PostgresWarehouse):
        return None
    from warehouse.postgres_views import grants  # noqa: PLC0415 - its driver is for those who need it

    return grants(site.warehouse, load_dpia(site.dpia, sources=site.known_sources).active_flows)


def server_schema(site: Site, server: TsqlServer) -> str | None:
    """Return the statements that make such a server ready for copies of what the warehouse file holds.

    Returns: None where nothing was loaded into a file yet. Errors:  WarehouseUnreadable.
    """
    if not isinstance(site.warehouse, Path) or not site.warehouse.exists():
        return None
    with published(site.warehouse) as connection:
        database = DuckDatabase(connection)
        return tsql({now.flow: lake_tables(database, now.flow) for now in flows_now(database)}, server)
