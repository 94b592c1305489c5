"""What a batch says of itself when it is given its name: the manifest, and its leaf in the disclosure log."""

import hashlib
from typing import TYPE_CHECKING, Any

import rfc8785

from audit.people import PeopleTree
from sealing.manifest import Manifest
from sharing import WithdrawingFlow
from sync.described import field_actions, shapes

if TYPE_CHECKING:
    from sync.batch_night import BatchNight

SCHEMA_VERSION = "1"
LOGGED = ("entity", "operation", "rows", "plain_sha256")


def manifest(night: "BatchNight", created_at: str) -> Manifest:
    """Return the manifest of the flow's batch of tonight."""
    return Manifest.model_validate(
        {
            "format": "viaduct-batch/1",
            "flow": night.flow.id,
            "sequence": night.sequence,
            "run_id": night.run_id,
            "created_at": created_at,
            "previous_manifest_sha256": night.previous.manifest_sha256,
            "dpia": night.flow.dpia,
            "schema_version": SCHEMA_VERSION,
            "recipient": night.sender.recipient,
            "entities": shapes(night.flow, night.files),
            "files": night.files,
            "retention": terms(night.flow),
            "disclosure_control": night.flow.disclosure_control,
        }
    )


def terms(flow: WithdrawingFlow) -> list[dict[str, str]]:
    """Return how long the recipient may keep the rows, entity by entity, as the manifest says it."""
    return [{name: term[name] for name in ("entity", "period", "since")} for term in flow.retention]


def terms_sha256(flow: WithdrawingFlow) -> str:
    """Return the digest of the terms: other terms are sent even on a night without a row.

    Those of retention alone are what they were before there were others, so that nothing is sent again.
    """
    said: Any = terms(flow)
    if flow.disclosure_control is not None:
        said = {"retention": said, "disclosure_control": flow.disclosure_control}
    return hashlib.sha256(rfc8785.dumps(said)).hexdigest()


def leaf(night: "BatchNight", manifest_sha256: str, created_at: str, people: PeopleTree) -> dict[str, Any]:
    """Return the batch's leaf in the disclosure log."""
    return {
        "kind": "batch",
        "identity": f"batch:{night.flow.id}/{night.sequence:08d}-{night.run_id}",
        "run": night.run_id,
        "at": created_at,
        "flow": night.flow.id,
        "seq": night.sequence,
        "recipient": night.sender.recipient,
        "dpia": night.flow.dpia,
        "manifest_sha256": manifest_sha256,
        "fields": field_actions(night.flow),
        "filled": night.filled.said(),
        "files": [{name: file[name] for name in LOGGED} for file in night.files],
        "people": {"leaves": people.count, "root": people.root.hex()},
        **night.counts(),
    }
