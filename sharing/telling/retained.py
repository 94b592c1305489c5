"""How long data stay, in words: with the recipients, and with Viaduct itself."""

from typing import Any

from sharing.document import FlowBlock, Retention
from sharing.telling.opened import Opened
from sharing.telling.said import DISPOSALS, KEPT, PROOFS, SINCE, period


def kept_for(opened: Opened, flow: FlowBlock) -> str:
    """Return how long the recipient keeps the flow's rows, and from when on that is counted."""
    what = f"{flow.id}@{flow.to.party}"
    since = [SINCE[term.since] for term in opened.dpia.retention if term.what == what]
    return " after ".join([period(flow.constraints.delete_after), *since[:1]])


def terms_of_flow(opened: Opened, flow: FlowBlock) -> list[dict[str, Any]]:
    """Return every term that the file states for what the recipient of the flow holds."""
    named = (flow.id, flow.to.party)
    return [_term(term) for term in opened.dpia.retention if _flow_and_party(term.what) == named]


def terms_of_viaduct(opened: Opened) -> list[dict[str, Any]]:
    """Return every term that the file states for what Viaduct itself keeps."""
    return [_term(term) for term in opened.dpia.retention if "@" not in term.what]


def _flow_and_party(what: str) -> tuple[str, str]:
    named, _, party = what.partition("@")
    return named.partition(".")[0], party


def _term(term: Retention) -> dict[str, Any]:
    named = term.what.partition("@")[0]
    return {
        "what": term.what,
        "words": KEPT.get(named, named.replace("_", " ").replace(".", ", ")),
        "kept_for": f"{period(term.period)} after {SINCE[term.since]}",
        "basis": term.basis,
        "disposal": DISPOSALS[term.disposal],
        "proof": PROOFS[term.proof],
    }
