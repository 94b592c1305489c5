"""The opening of a flow's night: its rules, its outbox, its choices, and the secrets of its people."""

from collections.abc import Collection
from datetime import date
from typing import Protocol

from common import clock
from sharing import AggregateFlow
from sharing.document import FlowBlock
from sharing.document.flows import Schedule
from sync.aggregate_night import AggregateNight
from sync.canaries import Canaries
from sync.choices import Choices
from sync.expiry import learn_expiries
from sync.flow_night import FlowNight
from sync.place import Workplace
from sync.rekeying import Rekeying
from sync.rotation import due
from sync.steps import Steps
from sync.stopped import kept, require_flow
from sync.summary import FlowSummary, Summary
from sync.told import Told
from sync.tripwires import Tripwires
from sync.wish import Wish


class UnderWay(Protocol):
    """The run that the night belongs to."""

    place: Workplace
    wish: Wish
    steps: Steps
    summary: Summary


def open_night(run: UnderWay, choices: Choices, flow_id: str, whole: Collection[str]) -> FlowNight:
    """Return the flow's night, ready to decide; its summary stands in the run's.

    Given:  the sources that were pulled whole. Only if all of the flow's were, a new key takes over.
    Errors: KeyUnusable.
    """
    place = run.place
    block = choices.dpia.flow(flow_id)
    latest = due(place.site, place.outboxes[flow_id], whole, block.sources)
    if choices.unsure_of(flow_id) or block.aggregate is not None:
        # Whom a register holds tonight would be left under the old key, and withdrawn with it; and counts
        # are not made anew for the sake of a key that names nobody.
        latest = None
    flow = place.compile_flow(choices.dpia, flow_id, latest)
    summary = FlowSummary(flow_id, flow.dpia, describe=flow.describe())
    run.summary.flows.append(summary)
    outbox = place.outboxes[flow_id]
    with kept(summary):
        require_flow(place, flow_id, run.steps)
        learn_expiries(place, outbox, summary)
    batch = f"{flow_id}/{outbox.chain().sequence + 1:08d}-{place.run_id}"
    secrets = None if run.wish.dry_run else place.log_secrets
    told = Told(secrets, place.digest, batch, choices.forgotten)
    opened = (outbox, place.sender, place.run_id, summary, run.steps, told, choices.stops(flow_id))
    night: FlowNight
    if isinstance(flow, AggregateFlow):
        night = AggregateNight(flow, *opened, as_of=_as_of(run.summary), whole=whole)
    else:
        night = FlowNight(flow, *opened, send_all=run.wish.full)
    night.canaries = Canaries.of(place.site)
    night.tripwires = Tripwires(flow_id, _watched(block), run.wish.accept_volume)
    if latest is not None:
        night.rekeying = Rekeying(place.compile_flow(choices.dpia, flow_id), night.memory.everything())
        summary.rekeyed = {"from": night.previous.pseudonym_version, "to": latest}
    return night


def _as_of(summary: Summary) -> dict[str, date]:
    """Return the day (Europe/London) of which each source's data are, of the sources that told."""
    told = {one.source: one.extracted_at for one in summary.sources if one.error is None}
    return {source: clock.day_of(clock.stamp(at)) for source, at in told.items() if at is not None}


def _watched(block: FlowBlock) -> Schedule:
    """Return what the tripwires watch; when counts leave is their own calendar's to say."""
    calendar = {"frequency": "P1D"} if block.aggregate is not None else {}
    return block.schedule.model_copy(update=calendar)
