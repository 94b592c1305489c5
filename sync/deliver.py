"""From a sealed batch to a memory: log, publish, collect the receipt, log it, remember.

Each step can be repeated: a run that was killed anywhere finishes the same bytes in the next run.
"""

import hashlib
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from common import clock
from common.errors import ViaductError
from common.files import fsync_folder
from sealing.receipt import Receipt
from sync.errors import BatchRefused, ReceiptOverdue, ReceiptUnusable, StateBehind
from sync.outbox import GIVEN_UP, Batch, Outbox, chain_after, read_json
from sync.steps import Steps
from sync.treatments import Treatments

NEVER_LOADED = "The batch lies in the landing zone and will not be loaded."
MAYBE_LOADED = "The batch was delivered; whether it was loaded is not known."


class Log(Protocol):
    """The disclosure log, as the sync side uses it."""

    def keep_people(self, flow: str, sequence: int, leaves: bytes) -> None:
        """Keep the leaves of the people a batch tells of, before its own leaf commits to them."""

    def append_once(self, identity: str, leaves: list[dict[str, Any]]) -> Any:
        """Append the leaves unless their identity is there already, and sign the checkpoint."""


class Landing(Protocol):
    """The landing zone, as the sync side uses it."""

    def publish(self, batch: str, files: dict[str, Any], manifest: bytes, signature: bytes) -> None:
        """Put the files there, the manifest last."""

    def lay_manifest(self, batch: str, manifest: bytes, signature: bytes) -> None:
        """Put the manifest there alone."""

    def receipt(self, flow: str, sequence: int) -> bytes | None:
        """Return the receipt, if there is one."""


@dataclass
class Way:
    """Where a batch goes and who answers."""

    log: Log = field(repr=False)
    landing: Landing = field(repr=False)
    read_receipt: Callable[[bytes], Receipt] = field(repr=False)
    council: Callable[[], Iterable[Receipt]] | None = field(repr=False)
    receipt_within: timedelta
    steps: Steps = field(repr=False)


@dataclass
class Delivered:
    """How far a batch came: its state, and the receipt if it has one."""

    state: str
    receipt: dict[str, Any] | None = None


def deliver(batch: Batch, outbox: Outbox, way: Way, may_leave: Callable[[Batch], None]) -> Delivered:
    """Take the batch as far as it will go now.

    Given:  what raises where the batch may not leave at this moment: asked whenever its bytes would.
            Of a batch that was given up the manifest alone leaves, for the council side to answer.
    Returns: `refused` of a batch that was given up: what it held counts as not received.
    Errors: those of `may_leave`, for a batch not delivered yet; BatchRefused when the council side refused
            it (memory stays, the number is used up); ReceiptOverdue, when no receipt came in time.
    """
    if not batch.has("delivered"):
        may_leave(batch)
    _log(batch, way)
    _publish(batch, way)
    given_up = _ask_again(batch, way)
    receipt = _receipt(batch, way)
    if receipt is None:
        _overdue(batch, way, may_leave)
        return Delivered("delivered")
    _log_receipt(batch, receipt, way)
    said = receipt.model_dump(mode="json")
    if receipt.outcome != "loaded":
        if receipt.uses_number:
            known = outbox.chain()
            used = chain_after(batch)
            outbox.advance(replace(known, sequence=used.sequence, manifest_sha256=used.manifest_sha256))
            batch.remove()
            if given_up:
                return Delivered("refused", said)
        raise BatchRefused(
            f"batch {batch.id}: {receipt.reason}",
            sent="The batch lies in the landing zone; nothing of it was loaded.",
        )
    _remember(batch, outbox, way)
    return Delivered("remembered", said)


def _log(batch: Batch, way: Way) -> None:
    if batch.has("logged"):
        return
    with way.steps.stage("log"):
        note = batch.note
        way.log.keep_people(batch.flow, batch.sequence, batch.people)
        way.log.append_once(note["leaf"]["identity"], [note["leaf"]])
        batch.mark("logged", clock.stamp(clock.now()))
    way.steps.reached("logged")


def _publish(batch: Batch, way: Way) -> None:
    if batch.has("delivered"):
        return
    with way.steps.stage("deliver"):
        way.landing.publish(batch.id, batch.bodies, batch.manifest, batch.signature)
        batch.mark("delivered", clock.stamp(clock.now()))
    way.steps.reached("delivered")


def _ask_again(batch: Batch, way: Way) -> bool:
    """Lay the manifest of a batch that was given up down alone; return whether it was given up."""
    given_up = batch.has(GIVEN_UP)
    if given_up and batch.receipt is None:
        with way.steps.stage("deliver"):
            way.landing.lay_manifest(batch.id, batch.manifest, batch.signature)
        way.steps.reached("asked_again")
    return given_up


def _receipt(batch: Batch, way: Way) -> Receipt | None:
    """Return the verified receipt of this very manifest, never one matched by position.

    Errors: StateBehind, when the council side has settled another batch of this flow and number.
    """
    signed = batch.receipt
    if signed is None:
        signed = way.landing.receipt(batch.flow, batch.sequence)
        if signed is None and way.council is not None:
            with way.steps.stage("load"):
                answers = way.council()
            way.steps.reached("loaded")
            _refuse_a_number_that_stays(batch, answers)
            signed = way.landing.receipt(batch.flow, batch.sequence)
    if signed is None:
        return None
    receipt = _opened(signed, batch, way)
    if receipt.batch_id != batch.id or receipt.manifest_sha256 != batch.note["manifest_sha256"]:
        if receipt.batch_id.startswith(f"{batch.flow}/{batch.sequence:08d}-"):
            raise StateBehind(f"batch {batch.id}: its number is another batch's there", sent=NEVER_LOADED)
        return None
    batch.keep_receipt(signed)
    way.steps.reached("receipted")
    return receipt


def _refuse_a_number_that_stays(batch: Batch, answers: Iterable[Receipt]) -> None:
    """Errors: StateBehind, when the council side has just refused this batch, and waits for another."""
    for answer in answers:
        ours = answer.batch_id == batch.id and answer.manifest_sha256 == batch.note["manifest_sha256"]
        if ours and answer.outcome != "loaded" and not answer.uses_number:
            raise StateBehind(f"batch {batch.id}: {answer.reason}", sent=NEVER_LOADED)


def _opened(signed: bytes, batch: Batch, way: Way) -> Receipt:
    """Return the receipt. Errors: ReceiptUnusable, when it is not one that the council side signed."""
    try:
        return way.read_receipt(signed)
    except ViaductError:
        pass
    raise ReceiptUnusable(f"batch {batch.id}", sent=MAYBE_LOADED)


def _overdue(batch: Batch, way: Way, may_leave: Callable[[Batch], None]) -> None:
    """Lay the same bytes down once more when the answer is late: a landing zone may have lost them.

    Not where the batch may not leave any more, though it did once: what stands in the way is told.
    Errors: ReceiptOverdue, and those of the landing zone.
    """
    given_up_at = batch.marked(GIVEN_UP)
    since = datetime.fromisoformat(given_up_at or batch.note["created_at"])
    if clock.now() - since <= way.receipt_within:
        return
    if given_up_at is not None:
        raise ReceiptOverdue(f"batch {batch.id}: given up, and not answered yet", sent=MAYBE_LOADED)
    barred = _barred(batch, may_leave)
    if barred is None:
        with way.steps.stage("deliver"):
            way.landing.publish(batch.id, batch.bodies, batch.manifest, batch.signature)
    why = "" if barred is None else f": not laid down again ({barred.code} {'; '.join(barred.places)})"
    raise ReceiptOverdue(f"batch {batch.id}{why}", sent=MAYBE_LOADED)


def _barred(batch: Batch, may_leave: Callable[[Batch], None]) -> ViaductError | None:
    """Return what stands in the way of the batch at this moment; None if nothing does."""
    try:
        may_leave(batch)
    except ViaductError as error:
        return error
    return None


def _log_receipt(batch: Batch, receipt: Receipt, way: Way) -> None:
    with way.steps.stage("log"):
        loaded = receipt.outcome == "loaded"
        kind = "receipt" if loaded else "refusal"
        leaf: dict[str, Any] = {
            "kind": kind,
            "identity": f"{kind}:{batch.id}",
            "run": batch.run_id,
            "at": receipt.at,
            "flow": batch.flow,
            "seq": batch.sequence,
            "manifest_sha256": receipt.manifest_sha256,
            "receipt_sha256": hashlib.sha256(batch.receipt or b"").hexdigest(),
        }
        said = receipt.model_dump(mode="json")
        leaf |= {"entities": said["entities"]} if loaded else {"reason": said["reason"]}
        way.log.append_once(leaf["identity"], [leaf])
    way.steps.reached("receipt_logged")


def _remember(batch: Batch, outbox: Outbox, way: Way) -> None:
    with way.steps.stage("remember"):
        Treatments(outbox.treatments_path).write(read_json(batch.folder / "batch.json")["treatments"])
        if batch.memory.exists():
            os.replace(batch.memory, outbox.memory_path)
            fsync_folder(outbox.memory_path.parent)
        way.steps.reached("memory_moved")
        outbox.advance(chain_after(batch))
        batch.remove()
    way.steps.reached("remembered")
