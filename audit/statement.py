"""The disclosure statement of a run: what the log holds of it, added up, and signed as a note of its own.

The leaves stand in it as they are in the log, so that whoever has the log can hold the one to the other;
every number besides is added up from them. Source: C2SP signed-note, under a name that no checkpoint has.
"""

from collections import Counter
from collections.abc import Iterable
from json import loads
from typing import Any

import rfc8785
from pydantic_core import from_json

from audit.errors import ProofRefused
from audit.reading import Reading, batch_name
from audit.tree import leaf_hash, root_of
from sealing.notes import open_note, sign_note
from sealing.signing import Signer, Verifier

NAME = "viaduct/disclosure-statement"
FORMAT = "viaduct-statement/2"
CANNOT = (
    "No log can prove that nothing left by another door. What stands against it: every batch is logged before"
    " it is published, one account may deliver, and every batch in the landing zone and every receipt is held"
    " to the log."
)
SETTLED = ("released", "unchanged", "withheld", "held")


def figures(leaves: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Return what the leaves of one run add up to: per flow what came in, what went out, why the rest stayed.

    Given: leaves as documents, in the order of the log.
    """
    found = list(leaves)
    begun = next((leaf for leaf in found if leaf["kind"] == "run"), None)
    settled = [leaf for leaf in found if leaf["kind"] in {"batch", "nothing_sent"}]
    answers = {(leaf["flow"], leaf["seq"]): leaf for leaf in found if leaf["kind"] in {"receipt", "refusal"}}
    flows = [_flow(leaf, answers.get((leaf["flow"], leaf.get("seq", 0)))) for leaf in settled]
    stopped = {leaf["flow"]: leaf["code"] for leaf in found if leaf["kind"] == "stopped"}
    silent = sorted(set(begun["flows"]) - {leaf["flow"] for leaf in settled} - set(stopped)) if begun else []
    sent = sum(flow["rows_sent"] for flow in flows)
    withdrawn = sum(flow["rows_withdrawn"] for flow in flows)
    return {
        "began_at": begun["at"] if begun else None,
        "sources": begun["sources"] if begun else [],
        "brakes_released": begun["accepted"] if begun else [],
        "nothing_sent": not any(flow["batch"] for flow in flows),
        "rows_sent": sent,
        "rows_withdrawn": withdrawn,
        "flows": flows,
        "waivers_used": [leaf["waiver"] for leaf in found if leaf["kind"] == "waived"],
        "flows_stopped": dict(sorted(stopped.items())),
        "flows_not_settled": silent,
    }


def _flow(leaf: dict[str, Any], answer: dict[str, Any] | None) -> dict[str, Any]:
    """Return what one batch, or its absence, adds up to."""
    is_batch = leaf["kind"] == "batch"
    rows: Counter[str] = Counter()
    for file in leaf.get("files", []):
        rows[file["operation"]] += file["rows"]
    reasons: Counter[str] = Counter()
    for counted in leaf["reasons"].values():
        reasons.update(counted)
    return {
        "flow": leaf["flow"],
        "batch": batch_name(leaf) if is_batch else None,
        "logged_at": leaf["at"],
        "dpia": leaf["dpia"],
        "key": leaf.get("recipient"),
        "manifest_sha256": leaf.get("manifest_sha256"),
        "people": leaf["people"]["leaves"] if is_batch else 0,
        "rows_sent": rows["upsert"],
        "rows_withdrawn": rows["withdraw"],
        "records_in": {
            entity: sum(counts.get(fate, 0) for fate in SETTLED) for entity, counts in leaf["counts"].items()
        },
        "reasons": dict(sorted(reasons.items())),
        "answer": answer["kind"] if answer else ("none yet" if is_batch else None),
        "answered_at": answer["at"] if answer else None,
    }


def sign_statement(said: dict[str, Any], signer: Signer) -> bytes:
    """Return the statement as a signed note: its name, one line of canonical JSON, the signature."""
    return sign_note(f"{NAME}\n{rfc8785.dumps(said).decode()}\n", NAME, signer)


def size_told(content: bytes) -> int | None:
    """Return up to which size of the log a kept statement tells; None for what is none of this form."""
    try:
        said = from_json(content.split(b"\n")[1])
        size = said["log"]["size"] if said["format"] == FORMAT else None
    except (ValueError, LookupError, TypeError):
        return None
    return size if isinstance(size, int) else None


def open_statement(content: bytes, verifier: Verifier, reading: Reading, where: str) -> dict[str, Any]:
    """Return a statement that the log's key signed: of the run it tells what the log held at its size.

    Held are the log's size and root, the leaves and the figures; the words of assessments are not.
    Errors: ProofRefused, with what of it is wrong.
    """
    text = open_note(content, NAME, verifier)
    if text is None:
        raise ProofRefused(f"{where}: not a statement that the log's key signed.")
    try:
        said: dict[str, Any] = loads(text.split("\n")[1])
        size, root = said["log"]["size"], said["log"]["root"]
        run, leaves, added = said["run"], said["leaves"], said["figures"]
    except (ValueError, LookupError, TypeError):
        raise ProofRefused(f"{where}: signed, and not of the form of a statement.") from None
    if type(size) is not int or not 0 <= size <= reading.checkpoint.size:
        raise ProofRefused(f"{where}: it tells of {size} leaves, the log has {reading.checkpoint.size}.")
    if root != root_of([leaf_hash(line.encode()) for line in reading.lines[:size]]).hex():
        raise ProofRefused(f"{where}: the root of the log's first {size} leaves is another.")
    of_run = [leaf for leaf in reading.leaves[:size] if leaf["run"] == run]
    if leaves != of_run or added != figures(of_run):
        raise ProofRefused(f"{where}: it does not tell what the log holds of run {run}.")
    return said


def more_since(said: dict[str, Any], reading: Reading) -> bool:
    """Return whether the log tells more of the run than the statement that it bears out: an answer, say."""
    return bool(said["leaves"] != reading.of_run(said["run"]))
