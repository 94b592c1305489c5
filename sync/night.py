"""The opening of a flow's night: its rules, its outbox, its choices, and the secrets of its people."""

from typing import Protocol

from common import log
from common.errors import ViaductError
from sync.canaries import Canaries
from sync.choices import Choices
from sync.expiry import learn_expiries
from sync.flow_night import FlowNight
from sync.place import Workplace
from sync.steps import Steps
from sync.summary import FlowSummary, Summary
from sync.told import Told
from sync.wish import Wish

LOG = log.get("sync")


class UnderWay(Protocol):
    """The run that the night belongs to."""

    place: Workplace
    wish: Wish
    steps: Steps
    summary: Summary


def open_night(run: UnderWay, choices: Choices, flow_id: str) -> FlowNight:
    """Return the flow's night, ready to decide; its summary stands in the run's. Errors: KeyUnusable."""
    place = run.place
    flow = place.compile_flow(choices.dpia, flow_id)
    summary = FlowSummary(flow_id, flow.dpia, describe=flow.describe())
    run.summary.flows.append(summary)
    outbox = place.outboxes[flow_id]
    try:
        learn_expiries(place, outbox, summary)
    except ViaductError as error:
        summary.error = error
        LOG.error("flow_stopped", flow=flow_id, error_code=error.code, failure=error.failure)
    batch = f"{flow_id}/{outbox.chain().sequence + 1:08d}-{place.run_id}"
    secrets = None if run.wish.dry_run else place.log_secrets
    told = Told(secrets, place.digest, batch, choices.forgotten)
    night = FlowNight(
        flow, outbox, place.sender, place.run_id, summary, run.steps, told, choices.stops(flow_id)
    )
    night.send_all = run.wish.full
    night.canaries = Canaries.of(place.site)
    return night
