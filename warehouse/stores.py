"""Which kind of warehouse a site names."""

from config.warehouse import PostgresWarehouse, Whereabouts
from warehouse.database import Warehouse
from warehouse.duckdb_file import DuckFile


def store(whereabouts: Whereabouts) -> Warehouse:
    """Return the warehouse that is there; nothing is opened yet."""
    if isinstance(whereabouts, PostgresWarehouse):
        from warehouse.postgres import PostgresServer  # noqa: PLC0415 - its driver is for those who need it

        return PostgresServer(whereabouts)
    return DuckFile(whereabouts)
