"""What whoever makes figures of a warehouse is told beside its rows."""

from config.warehouse import Whereabouts
from warehouse.disclosure_terms import Told, read_control
from warehouse.stores import store


def control_in(warehouse: Whereabouts, flow: str) -> Told | None:
    """Return what the warehouse was told of the flow. Errors: WarehouseUnreadable."""
    asked = store(warehouse)
    if not asked.exists():
        return None
    with asked.reading() as database:
        return read_control(database, flow)
