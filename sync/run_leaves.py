"""What a run itself says in the disclosure log, beside its batches."""

from typing import Any

from sync.flow_night import FlowNight


def run_leaf(
    run_id: str, at: str, sources: list[str], nights: list[FlowNight], accepted: list[str]
) -> dict[str, Any]:
    """Return the run's first leaf: its sources, its flows, and the brakes that somebody released by hand."""
    return {
        "kind": "run",
        "identity": f"run:{run_id}",
        "run": run_id,
        "at": at,
        "sources": sources,
        "flows": [night.flow.id for night in nights],
        "accepted": accepted,
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
