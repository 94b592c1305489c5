"""What became of each batch: kept in the warehouse beside the rows, so that both move in one transaction."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from sealing.manifest import Manifest
from sealing.receipt import Receipt
from warehouse import tables
from warehouse.certificates import write_terms
from warehouse.database import Database, Proof, Row, Warehouse
from warehouse.disclosure_terms import write_control
from warehouse.errors import NOTHING_LOADED, WarehouseUnreadable
from warehouse.open_batch import Head


@dataclass(frozen=True)
class Settled:
    """A batch that has its answer, and the answer."""

    flow: str
    sequence: int
    batch: str
    manifest_sha256: str
    receipt: bytes


@dataclass
class Books:
    """Per flow and number, what became of the batch."""

    settled: dict[tuple[str, int], Settled] = field(default_factory=dict)
    heads: dict[str, Head] = field(default_factory=dict)

    def head(self, flow: str) -> Head:
        """Return the flow's last settled batch."""
        return self.heads.get(flow, Head())

    def of(self, flow: str) -> Iterator[Settled]:
        """Yield the flow's settled batches, by sequence."""
        return (entry for entry in self.settled.values() if entry.flow == flow)

    def knows(self, batch: str, flow: str, sequence: int, manifest_sha256: str) -> bool:
        """Return whether exactly this batch was settled."""
        entry = self.settled.get((flow, sequence))
        return entry is not None and (entry.batch, entry.manifest_sha256) == (batch, manifest_sha256)

    def enter(self, entry: Settled) -> None:
        """Take in an answer; its batch becomes the head of its flow."""
        self.settled[entry.flow, entry.sequence] = entry
        self.heads[entry.flow] = Head(entry.sequence, entry.manifest_sha256, entry.receipt)


def read_books(warehouse: Warehouse) -> Books:
    """Return the books of the published warehouse; empty ones where there is none yet.

    Errors:  WarehouseUnreadable.
    """
    books = Books()
    if not warehouse.exists():
        return books
    rows: list[Row] | None = None
    try:
        with warehouse.reading() as database:
            rows = database.rows(tables.SETTLED)
    except warehouse.faults:
        pass
    if rows is None:
        raise WarehouseUnreadable(f"{warehouse.name}: it has no list of batches.", sent=NOTHING_LOADED)
    for flow, sequence, batch, digest, receipt in rows:
        books.enter(Settled(flow, sequence, batch, digest, receipt.encode()))
    return books


def write_loaded(database: Database, manifest: Manifest, receipt: Receipt, signed: bytes) -> None:
    """Enter a loaded batch, in the transaction that loads it."""
    counts = receipt.entities.values()
    write_terms(database, manifest)
    write_control(database, manifest)
    database.change(
        "INSERT INTO viaduct_batches VALUES "
        "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?::TIMESTAMPTZ, ?::TIMESTAMPTZ, ?, ?, ?)",
        [
            manifest.flow, manifest.sequence, manifest.batch_id, manifest.run_id, receipt.manifest_sha256,
            manifest.dpia.id, manifest.dpia.version, manifest.dpia.sha256, manifest.schema_version,
            manifest.created_at, receipt.at, sum(count.upserted for count in counts),
            sum(count.withdrawn for count in counts), signed.decode(),
        ],
    )  # fmt: skip


def write_refused(database: Database, receipt: Receipt, signed: bytes) -> None:
    """Enter a refused batch that keeps its number."""
    database.change(
        "INSERT INTO viaduct_refusals VALUES (?, ?, ?, ?, ?, ?::TIMESTAMPTZ, ?)",
        [
            receipt.flow, receipt.sequence, receipt.batch_id, receipt.manifest_sha256,
            str(receipt.reason), receipt.at, signed.decode(),
        ],
    )  # fmt: skip


def proof_of(receipt: Receipt) -> Proof:
    """Return what to ask to learn whether the answer to a batch stands in the warehouse."""
    return Proof(
        f"SELECT 1 FROM ({tables.SETTLED}) AS settled "
        "WHERE flow = ? AND sequence = ? AND batch_id = ? AND manifest_sha256 = ?",
        (receipt.flow, receipt.sequence, receipt.batch_id, receipt.manifest_sha256),
    )
