"""A batch that is lost for good is given up by a person, and settled by the council side's own answer.

Nothing here decides whether it was loaded. Its signed manifest, which names nobody, is laid down once more,
without a file. The council side that never loaded it refuses it (`file_missing`): its number is used, the
chain goes on, and what it brought or took back counts as not received. The council side that had loaded it
knows the manifest and leaves its receipt again: the batch is remembered as any other. So the two sides agree,
whatever the person who gave it up believed, and whatever comes to light later.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from audit.leaves import GivenUpLeaf
from common import clock
from sync.forgetting import Approver
from sync.outbox import GIVEN_UP, Batch, read_json
from sync.place import Workplace
from sync.resting import resting_boxes
from sync.run_names import new_run_id


class Lost(StrEnum):
    """How a batch was lost; a word, for the log holds no words of anybody."""

    LANDING = "landing_lost"
    DAMAGED = "damaged"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class OnItsWay:
    """A sealed batch that nobody has remembered yet: how far it came, and how many rows it holds.

    late: delivered, and its answer has not come within the time of the site.
    """

    batch: Batch = field(repr=False)
    state: str
    sealed_at: str
    rows: dict[str, int]
    late: bool
    given_up: bool

    def to_json(self) -> dict[str, Any]:
        """Return it as `batches list --json` prints it; nothing in it is about a person."""
        told = {"state": self.state, "sealed_at": self.sealed_at, "rows": self.rows}
        return {"batch": self.batch.id, **told, "late": self.late, "given_up": self.given_up}


def on_their_way(place: Workplace) -> Iterator[OnItsWay]:
    """Yield what waits in each flow's outbox, also of flows that rest. Errors: StateUnreadable."""
    for outbox in [*place.outboxes.values(), *resting_boxes(place)]:
        for batch in outbox.waiting():
            yield _as_it_stands(place, batch)


def give_up(place: Workplace, lost: OnItsWay, reason: Lost, approver: Approver) -> None:
    """Log that the batch is given up, then mark it; the next run asks the council side for its answer.

    Each step may be repeated: killed in between, the same again ends it, and the log says it once.
    Given: a batch that is late. Errors: those of the log.
    """
    batch = lost.batch
    leaf = GivenUpLeaf(
        identity=f"given_up:{batch.id}",
        run=new_run_id(),
        at=clock.stamp(clock.now()),
        flow=batch.flow,
        seq=batch.sequence,
        manifest_sha256=batch.note["manifest_sha256"],
        reason=reason.value,
        approver=approver.value,
    )
    place.log.append_once(leaf.identity, [leaf])
    batch.mark(GIVEN_UP, clock.stamp(clock.now()))


def _as_it_stands(place: Workplace, batch: Batch) -> OnItsWay:
    sealed_at = str(batch.note["created_at"])
    waits = batch.has("delivered") and batch.receipt is None
    late = waits and clock.now() - datetime.fromisoformat(sealed_at) > place.site.receipt_within
    rows = {"upsert": 0, "withdraw": 0}
    for file in read_json(batch.folder / "manifest.json")["files"]:
        rows[file["operation"]] += file["rows"]
    return OnItsWay(batch, batch.state, sealed_at, rows, late, batch.has(GIVEN_UP))
