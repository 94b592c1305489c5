"""The council side's own work beside loading, with the council's keys and none of the sync side's."""

from config.site import Site
from config.warehouse import PostgresWarehouse
from connectors.registry import open_landing
from sealing import keys
from sharing import load_dpia
from warehouse.expiring import Hold
from warehouse.retention import FlowRetention, apply_retention, look_at_retention


def retain_council_side(site: Site, *, dry_run: bool) -> list[FlowRetention]:
    """Return what had its time in the warehouse, by flow; it is removed and certified unless it is a dry run.

    Errors:  those of the warehouse, of the landing zone and of the receipt key.
    """
    holds = [Hold(hold.reference, hold.flow, hold.entity) for hold in site.retention.holds]
    if dry_run:
        return look_at_retention(site.warehouse, holds)
    signer = keys.load_signer("receipt", site.keys.private)
    return apply_retention(open_landing(site.landing), site.warehouse, signer, holds)


def server_grants(site: Site) -> str | None:
    """Return the statements that make a PostgreSQL server ready for the assessment's flows.

    Returns: None where the warehouse is a file. Errors:  those of the assessment.
    """
    if not isinstance(site.warehouse, PostgresWarehouse):
        return None
    from warehouse.postgres_views import grants  # noqa: PLC0415 - its driver is for those who need it

    return grants(site.warehouse, load_dpia(site.dpia, sources=site.sources).active_flows)
