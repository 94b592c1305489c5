"""What a load needs of a warehouse, whatever it is made of.

The statements are written once, in words that DuckDB and PostgreSQL share; a `?` stands for each value that
is given with them, because a statement may be written into a log and a value may not.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

import pyarrow as pa

from canonical import Kind
from common.errors import ViaductError

Row = tuple[Any, ...]
INCOMING = "incoming"
"""The name by which statements read the rows that are lent to them."""


@dataclass(frozen=True)
class Proof:
    """A question that has an answer only where a transaction was committed."""

    statement: str
    given: tuple[str | int, ...]


class Database(Protocol):
    """A connection to a warehouse: statements, transactions, and what differs in their words."""

    types: dict[Kind, str]
    bytes_type: str

    def run(self, statement: str) -> None:
        """Do what the statement says."""
        ...

    def rows(self, statement: str, given: Sequence[Any] = ()) -> list[Row]:
        """Return the rows that the statement asks for."""
        ...

    def change(self, statement: str, given: Sequence[Any] = ()) -> int:
        """Return how many rows the statement has added, changed or removed."""
        ...

    def lent(self, rows: pa.Table) -> AbstractContextManager[None]:
        """Let statements read the rows as `incoming` while the block runs. Errors: Refused."""
        ...

    def begin(self) -> None:
        """Begin a transaction."""
        ...

    def commit(self, proof: Proof) -> None:
        """End the transaction; it is durable, or will be once it is published.

        Given:   what to ask where the answer to the commit was lost.
        """
        ...

    def rollback(self) -> None:
        """Undo the transaction."""
        ...

    def make_schema(self, flow: str) -> None:
        """Make the flow's schema where it is missing."""
        ...

    def make_table(self, flow: str, entity: str, columns: tuple[str, ...]) -> None:
        """Make the entity's table with its keys and these columns."""
        ...

    def show(self, flow: str) -> None:
        """Let readers see the flow's tables as they are now."""
        ...


class Writing(Protocol):
    """A warehouse that is being changed."""

    database: Database

    def publish(self, *, rewrite: bool) -> None:
        """Make what was committed the warehouse; `rewrite`: rows were replaced or removed."""
        ...


class Warehouse(Protocol):
    """A warehouse as the council's side holds it."""

    name: str
    faults: tuple[type[Exception], ...]
    unavailable: type[ViaductError]
    kept: str

    def only_loader(self) -> AbstractContextManager[None]:
        """Hold the lock of this warehouse while the block runs. Errors: LoadUnderWay."""
        ...

    def exists(self) -> bool:
        """Return whether anything was ever loaded into it."""
        ...

    def reading(self) -> AbstractContextManager[Database]:
        """Yield what was published, to be asked and not changed. Errors: WarehouseUnreadable."""
        ...

    def writing(self, memory_limit: str) -> AbstractContextManager[Writing]:
        """Yield it to be changed; what is not published at the end of the block is undone."""
        ...
