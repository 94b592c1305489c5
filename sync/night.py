"""The opening of a flow's night: its rules, its outbox, its choices, and the secrets of its people."""

from collections.abc import Collection
from typing import Protocol

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
    latest = due(place.site, place.outboxes[flow_id], whole, choices.dpia.flow(flow_id).sources)
    if choices.unsure_of(flow_id):
        latest = None  # whom a register holds tonight would be left under the old key, and withdrawn with it
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
    night = FlowNight(
        flow, outbox, place.sender, place.run_id, summary, run.steps, told, choices.stops(flow_id)
    )
    night.send_all = run.wish.full
    night.canaries = Canaries.of(place.site)
    schedule = choices.dpia.flow(flow_id).schedule
    night.tripwires = Tripwires(flow_id, schedule, run.wish.accept_volume)
    if latest is not None:
        night.rekeying = Rekeying(place.compile_flow(choices.dpia, flow_id), night.memory.everything())
        summary.rekeyed = {"from": night.previous.pseudonym_version, "to": latest}
    return night
