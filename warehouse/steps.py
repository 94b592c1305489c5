"""How the warehouse's own lists came to be as they are: numbered steps, each done once and each only adding.

A step that was released is never changed: what a later version needs is a step after it. So a warehouse that
an earlier version made is brought up by the steps it lacks, each in a transaction of its own with its number,
and the next version may rely on every column. The flows' tables follow their manifests and have no steps.
"""

from warehouse import disclosure_terms, tables
from warehouse.database import Database, Proof
from warehouse.errors import WarehouseIsNewer

STEPS = (tables.BOOKS, disclosure_terms.TABLE)
"""Step 1 changes nothing where it was done: warehouses from before the steps were counted have it."""
COUNTED = "CREATE TABLE IF NOT EXISTS viaduct_schema (version BIGINT NOT NULL, done_at TIMESTAMPTZ NOT NULL)"


def bring_up(database: Database, name: str) -> None:
    """Do the steps that the warehouse lacks, in their order.

    Given:   name: what errors call the warehouse; no transaction is open.
    Errors:  WarehouseIsNewer, if a later version of Viaduct has done steps that are not known here.
    """
    database.run(COUNTED)
    done = int(database.rows("SELECT coalesce(max(version), 0) FROM viaduct_schema")[0][0])
    if done > len(STEPS):
        raise WarehouseIsNewer(f"{name}: form {done}; this version of Viaduct knows {len(STEPS)}.")
    for number, step in enumerate(STEPS[done:], done + 1):
        database.begin()
        database.run(step)
        database.change("INSERT INTO viaduct_schema VALUES (?, now())", [number])
        database.commit(Proof("SELECT 1 FROM viaduct_schema WHERE version = ?", (number,)))
