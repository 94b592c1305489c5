"""What of the warehouse file a lake shows: the tables of each flow, in types that every reader knows."""

import hashlib
from collections import Counter
from dataclasses import dataclass

from warehouse import certificates, tables
from warehouse.database import Database

TEXT_KEY = "VARCHAR"


@dataclass(frozen=True)
class LakeTable:
    """One table to be published: name, the query for its rows, how many, names and types, which are keys."""

    name: str
    query: str
    rows: int
    columns: dict[str, str]
    keys: tuple[str, ...] = ()


@dataclass(frozen=True)
class FlowNow:
    """A flow as the warehouse holds it: its last loaded batch, and a digest of all that was done to it."""

    flow: str
    batch_sequence: int
    state: str
    certificates: int


def flows_now(database: Database) -> list[FlowNow]:
    """Return the flows that were loaded. Whatever changes a row of a flow changes its digest.

    A row changes with a batch that is loaded, or goes with a certificate; both are listed with what was
    signed of them.
    """
    last = "SELECT flow, max(sequence) FROM viaduct_batches GROUP BY flow ORDER BY flow"
    given = certificates.certificates(database) if certificates.is_kept(database) else []
    counts = Counter(kept.flow for kept in given)
    return [
        FlowNow(flow, sequence, state_at(database, flow, sequence, counts[flow]), counts[flow])
        for flow, sequence in database.rows(last)
    ]


def state_at(database: Database, flow: str, sequence: int, count: int) -> str:
    """Return the digest of what was done to the flow up to a batch and a number of certificates."""
    receipts = database.rows(
        "SELECT receipt FROM viaduct_batches WHERE flow = ? AND sequence <= ? ORDER BY sequence",
        [flow, sequence],
    )
    given = certificates.certificates(database) if certificates.is_kept(database) else []
    removed = [kept.sha256 for kept in given if kept.flow == flow][:count]
    return _digest([text for (text,) in receipts] + removed)


def lake_tables(database: Database, flow: str) -> list[LakeTable]:
    """Return the tables of one flow: its entities, what is withdrawn, and the list of its batches."""
    names = tables.columns_in(database, flow)
    found = [_table(database, name, f"SELECT * FROM {tables.table(flow, name)}") for name in names]
    batches = f"SELECT {tables.BATCH_COLUMNS} FROM viaduct_batches WHERE flow = '{flow}' ORDER BY sequence"
    return [*found, _table(database, tables.BATCHES, batches)]


def _table(database: Database, name: str, rows: str) -> LakeTable:
    told = {column: kind for column, kind, *_ in database.rows(f"DESCRIBE {rows}")}
    keys = [column for column, kind in told.items() if kind == "UUID"]
    as_text = ", ".join(f"{tables.quoted(key)}::{TEXT_KEY} AS {tables.quoted(key)}" for key in keys)
    query = f"SELECT * REPLACE ({as_text}) FROM ({rows})" if keys else rows
    ((count,),) = database.rows(f"SELECT count(*) FROM ({rows})")
    columns = {column: TEXT_KEY if column in keys else kind for column, kind in told.items()}
    return LakeTable(name, query, count, columns, tuple(keys))


def _digest(said: list[str]) -> str:
    digest = hashlib.sha256()
    for text in said:
        digest.update(hashlib.sha256(text.encode()).digest())
    return digest.hexdigest()
