"""Load what has arrived: each batch in its order, whole or refused; publish once; then leave the receipts."""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain

from common import clock, log
from common.errors import ViaductError
from config.warehouse import Whereabouts
from sealing.manifest import MANIFEST_NAME, Manifest
from sealing.receipt import Loaded, Receipt, Refusal, open_receipt, sign_receipt
from warehouse.batch_load import BatchLoad
from warehouse.books import Books, Settled, proof_of, read_books, write_loaded, write_refused
from warehouse.database import Database, Warehouse
from warehouse.landing import Landing, says_absent
from warehouse.open_batch import Arrived, Council, Refused, admit
from warehouse.stores import store

LOG = log.get("warehouse")
MEMORY_LIMIT = "512MB"


def load_landing(
    landing: Landing,
    warehouse: Whereabouts,
    council: Council,
    memory_limit: str = MEMORY_LIMIT,
    *,
    publish: Callable[[], object] | None = None,
    unread: list[str] | None = None,
) -> list[Receipt]:
    """Return the answers given now, in order: to every batch that had none.

    A batch is loaded whole or refused for a named reason, and then nothing of it is in any table. A batch
    that was settled before is left alone; if its receipt is missing in the landing zone it is put there
    again, the same bytes. Refusals that leave the number free are returned and not put into the landing zone.
    A batch that cannot be read, or a receipt that cannot be left, holds up no other: the log names the one,
    the error that comes when all others have their answers names the other.
    Given:   `publish` shows what was loaded to others, before any receipt is left; `unread` takes the
             names of batches that are there and cannot be read: a link, or a manifest larger than any.
    Errors:  LoadUnderWay, WarehouseUnavailable, WarehouseUnreadable, those of the landing zone and of
             `publish`.
    """
    kept = store(warehouse)
    with kept.only_loader():
        books = read_books(kept)
        arrived = _arrived(landing, books, [] if unread is None else unread)
        answers = _settle_all(_Desk(landing, council, books), kept, arrived, memory_limit)
        if publish is not None:
            publish()
        return answers + _leave_receipts(landing, council, books, {receipt.batch_id for receipt in answers})


def _arrived(landing: Landing, books: Books, unread: list[str]) -> Iterator[Arrived]:
    """Yield the batches that have no answer yet, by flow and number; one manifest at a time is in memory.

    Those that are there and cannot be read are added to `unread`.
    """
    for flow in landing.flows():
        for batch in landing.spoilt(flow):
            LOG.warning("batch_not_whole", batch_id=batch)
            unread.append(batch)
        for batch in landing.batches(flow):
            sequence = int(batch.partition("/")[2].partition("-")[0])
            content = _manifest_there(landing, batch)
            if content is None:
                unread.append(batch)
                continue
            arrived = Arrived(batch, flow, sequence, content)
            if not books.knows(batch, flow, sequence, arrived.manifest_sha256):
                yield arrived


def _manifest_there(landing: Landing, batch: str) -> bytes | None:
    """Return the batch's manifest; None, and a line in the log, if no plain file is there.

    Errors:  those of a landing zone that is away.
    """
    try:
        return landing.read(batch, MANIFEST_NAME)
    except ViaductError as error:
        if not says_absent(error):
            raise
        LOG.warning("batch_not_whole", batch_id=batch, error_code=error.code)
    return None


def _settle_all(
    desk: "_Desk", warehouse: Warehouse, arrived: Iterator[Arrived], memory_limit: str
) -> list[Receipt]:
    """Settle what arrived, and publish once.

    Errors:  WarehouseUnavailable, naming the kind of fault only: a database's own words may hold a value.
    """
    kind = ""
    answers: list[Receipt] = []
    first = next(arrived, None)
    if first is None:
        return answers
    try:
        with warehouse.writing(memory_limit) as work:
            answers = desk.settle(work.database, chain([first], arrived))
            if any(receipt.uses_number for receipt in answers):
                work.publish(rewrite=desk.removed > 0)
    except warehouse.faults as error:
        kind = type(error).__name__
    if kind:
        raise warehouse.unavailable(f"{warehouse.name} ({kind}).", sent=warehouse.kept)
    return answers


def _leave_receipts(landing: Landing, council: Council, books: Books, answered: set[str]) -> list[Receipt]:
    """Put every receipt that is missing into the landing zone; return those of batches settled before.

    Errors:  the first of those that a receipt met, when all others have been left.
    """
    again: list[Receipt] = []
    fault: ViaductError | None = None
    for flow in landing.flows():
        left = landing.receipts(flow)
        for entry in books.of(flow):
            if left.get(entry.sequence) == entry.receipt:
                continue
            try:
                landing.put_receipt(flow, entry.sequence, entry.receipt)
            except ViaductError as error:
                LOG.error("receipt_not_left", batch_id=entry.batch, error_code=error.code)
                fault = fault or error
                continue
            if entry.batch not in answered:
                again.append(open_receipt(entry.receipt, council.receipts.verifier, council.receipts_before))
    if fault is not None:
        raise fault
    return again


class _Desk:
    """Where batches are settled one after another, each in a transaction of its own."""

    def __init__(self, landing: Landing, council: Council, books: Books) -> None:
        self._landing = landing
        self._council = council
        self._books = books
        self.removed = 0

    def settle(self, database: Database, arrived: Iterable[Arrived]) -> list[Receipt]:
        """Return one answer per batch; `removed` counts the rows that were replaced or taken away."""
        return [self._settle(database, batch) for batch in arrived]

    def _settle(self, database: Database, arrived: Arrived) -> Receipt:
        database.begin()
        try:
            receipt = self._load(database, arrived)
        except Refused as refused:
            reason = refused.reason
        else:
            database.commit(proof_of(receipt))
            return receipt
        database.rollback()
        return self._refuse(database, arrived, reason)

    def _load(self, database: Database, arrived: Arrived) -> Receipt:
        manifest: Manifest = admit(self._landing, arrived, self._council, self._books.head(arrived.flow))
        opener = self._council.opener(manifest.recipient) or self._council.identity
        load = BatchLoad(database, self._landing, manifest, opener)
        receipt = _receipt(arrived, load.apply(), None)
        write_loaded(database, manifest, receipt, self._enter(arrived, receipt))
        self.removed += load.removed
        return receipt

    def _refuse(self, database: Database, arrived: Arrived, reason: Refusal) -> Receipt:
        receipt = _receipt(arrived, {}, reason)
        if receipt.uses_number:
            database.begin()
            write_refused(database, receipt, self._enter(arrived, receipt))
            database.commit(proof_of(receipt))
        return receipt

    def _enter(self, arrived: Arrived, receipt: Receipt) -> bytes:
        """Return the signed receipt, entered as the answer to this batch."""
        signed = sign_receipt(receipt, self._council.receipts)
        self._books.enter(
            Settled(arrived.flow, arrived.sequence, arrived.batch, arrived.manifest_sha256, signed)
        )
        return signed


def _receipt(arrived: Arrived, entities: dict[str, Loaded], reason: Refusal | None) -> Receipt:
    return Receipt(
        flow=arrived.flow,
        sequence=arrived.sequence,
        batch_id=arrived.batch,
        manifest_sha256=arrived.manifest_sha256,
        outcome="loaded" if reason is None else "refused",
        reason=reason,
        entities=entities,
        at=clock.stamp(clock.now()),
    )
