"""What stops one flow and leaves the others alone: asked before it is decided, and again before it leaves."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from common import clock, log
from common.errors import MAYBE_SENT, Failure, ViaductError
from sharing.errors import ReleaseRefused
from sync.errors import ClockMoved, OtherRecipient, RunOutOfTime
from sync.flow_night import FlowNight
from sync.outbox import Batch
from sync.place import Workplace
from sync.reach import AGE_KEY, reach
from sync.rotation import require_fresh_keys
from sync.steps import Steps
from sync.summary import FlowSummary

LOG = log.get("sync")
MOST_SECONDS = 900.0
"""By how much the clock of the day may be set while a run is at work: more, and no day is certain."""


@contextmanager
def kept(summary: FlowSummary) -> Iterator[None]:
    """Keep a flow's error in its summary, so that other flows go on; the first one stays."""
    try:
        yield
    except ViaductError as error:
        summary.error = summary.error or error
        LOG.error("flow_stopped", flow=summary.flow, error_code=error.code, failure=error.failure)


@contextmanager
def kept_beside(summary: FlowSummary) -> Iterator[None]:
    """Keep what a batch met that left although its flow is stopped, beside what stopped the flow."""
    try:
        yield
    except ViaductError as error:
        summary.batch_error = error
        LOG.error("flow_stopped", flow=summary.flow, error_code=error.code, failure=error.failure)


def require_flow(place: Workplace, flow: str, steps: Steps) -> None:
    """Ask whether the flow may run at this moment.

    Errors: DpiaNotInForce, for the file or for what governs the flow; KeyTooOld (both exit 11);
            ClockMoved, where the day itself cannot be believed; OtherRecipient, KeyUnusable (exit 40);
            RunOutOfTime, where the run has used up its time.
    """
    if steps.out_of_time:
        raise RunOutOfTime(f"before flow {flow} was sent", sent=MAYBE_SENT)
    place.dpia.require_flow_in_force(flow, clock.today())
    _require_way(place, flow, steps)


def require_withdrawing(place: Workplace, flow: str, steps: Steps) -> None:
    """Ask whether the flow may take back at this moment: which discloses nothing: its own days do not matter.

    Errors: those of `require_flow`, but that what governs the flow alone is out of date.
    """
    place.dpia.require_file_in_force(clock.today())
    _require_way(place, flow, steps)


def require_resting(place: Workplace, batch: Batch, steps: Steps) -> None:
    """Ask whether a batch of a flow that rests may leave at this moment: it takes back, and nothing else.

    Errors: ReleaseRefused, for a batch that holds a row; those of `require_sure`; RecipientOutOfReach.
    """
    if not batch.takes_back_alone:
        raise ReleaseRefused(f"batch {batch.id}: flow {batch.flow} is not active, and it holds rows.")
    require_sure(place, steps)
    reach(place, batch.flow)


def require_sure(place: Workplace, steps: Steps) -> None:
    """See that file, keys and clock can be relied on. Errors: DpiaNotInForce, KeyTooOld, ClockMoved."""
    place.dpia.require_file_in_force(clock.today())
    require_fresh_keys(place.site, place.dpia)
    _require_steady(steps, "what flows that rest take back")


def _require_way(place: Workplace, flow: str, steps: Steps) -> None:
    """Errors: KeyTooOld, OtherRecipient, KeyUnusable, ClockMoved."""
    require_fresh_keys(place.site, place.dpia)
    named = place.dpia.flow(flow).to.key_id
    if named.startswith(AGE_KEY) and named != place.sender.recipient:
        raise OtherRecipient(f"flow {flow}: to.keyId")
    _require_steady(steps, f"flow {flow}")


def _require_steady(steps: Steps, what: str) -> None:
    moved = steps.clock_moved_seconds
    if abs(moved) > MOST_SECONDS:
        raise ClockMoved(f"{what}: the clock moved by {moved / 60:+.0f} minutes beside the run.")


def stopped_leaf(night: FlowNight, run_id: str, at: str, *, whatever: bool) -> dict[str, Any] | None:
    """Return the leaf of a flow that a rule of the assessment stopped; None if none did.

    Given: whether `whatever` stopped it has a leaf, a brake of the site too: where something is taken back.
    """
    error = night.summary.error
    if error is None or not (whatever or error.failure is Failure.POLICY):
        return None
    return {
        "kind": "stopped",
        "identity": f"stopped:{night.flow.id}:{run_id}",
        "run": run_id,
        "at": at,
        "flow": night.flow.id,
        "after_seq": night.previous.sequence,
        "dpia": night.flow.dpia,
        "code": error.code,
    }
