"""What a run itself says in the disclosure log, beside its batches."""

from datetime import date
from typing import Any

from audit.kept import signatures_list
from common import clock
from sharing import Dpia
from sync.flow_night import FlowNight
from sync.place import Workplace
from sync.sign_off import keep_assessment


def log_run(place: Workplace, flows: list[str], sources: list[str], accepted: list[str]) -> None:
    """Log that the run has begun, under which assessment, and which waivers it goes on under."""
    keep_assessment(place)
    at = clock.stamp(clock.now())
    leaf = run_leaf(place, at, sources, flows, accepted)
    place.log.append_once(leaf["identity"], [leaf])
    if waived := waived_leaves(place.dpia, place.run_id, at):
        place.log.append_once(waived[0]["identity"], waived)


def named(dpia: Dpia) -> dict[str, str]:
    """Return what a leaf says of the assessment under which something was done."""
    return {"id": dpia.id, "version": dpia.version, "sha256": dpia.sha256}


def run_leaf(
    place: Workplace, at: str, sources: list[str], flows: list[str], accepted: list[str]
) -> dict[str, Any]:
    """Return the run's first leaf: its sources and flows, its assessment, the brakes released by hand.

    Named here, an assessment without an active flow is what last ran as well: it is not rolled back unseen;
    and the list of who signed it is not taken away unseen.
    """
    return {
        "kind": "run",
        "identity": f"run:{place.run_id}",
        "run": place.run_id,
        "at": at,
        "sources": sources,
        "flows": flows,
        "accepted": accepted,
        "dpia": named(place.dpia),
        "signatures": signatures_list(place.dpia.signatures)[0],
    }


def waived_leaves(dpia: Dpia, run_id: str, at: str) -> list[dict[str, Any]]:
    """Return a leaf for each waiver without which something would be overdue today."""
    return [
        {
            "kind": "waived",
            "identity": f"waived:{run_id}",
            "run": run_id,
            "at": at,
            "waiver": waiver.id,
            "rule": waiver.rule,
            "until": waiver.expires_on.isoformat(),
            "dpia": named(dpia),
        }
        for waiver in dpia.waivers_used(clock.today())
    ]


def disposal_leaf(place: Workplace, count: int, unused_since: date) -> dict[str, Any]:
    """Return the leaf of so many people's secrets that are about to be destroyed, their time being over."""
    return {
        "kind": "disposal",
        "identity": f"disposal:{place.run_id}",
        "run": place.run_id,
        "at": clock.stamp(clock.now()),
        "count": count,
        "unused_since": unused_since.isoformat(),
        "dpia": named(place.dpia),
    }


def nothing_sent_leaf(night: FlowNight, run_id: str, at: str) -> dict[str, Any]:
    """Return the leaf of a flow that was settled and had nothing to send."""
    return {
        "kind": "nothing_sent",
        "identity": f"nothing:{night.flow.id}:{run_id}",
        "run": run_id,
        "at": at,
        "flow": night.flow.id,
        "after_seq": night.previous.sequence,
        "dpia": night.flow.dpia,
        **night.counts(),
    }
