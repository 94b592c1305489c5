"""How far a batch came, and what its receipt says, in the words of the pages."""

from typing import Any

STATES = {
    "nothing_sent": "nothing to send",
    "dry_run": "dry run: nothing left",
    "sealed": "sealed and waiting; the next run delivers these same bytes",
    "delivered": "delivered, no receipt yet",
    "refused": "delivered and refused by the council side; nothing of it was loaded",
    "remembered": "delivered, loaded and receipted",
}


def state_words(state: str, stopped_by: str = "") -> str:
    """Return how far a batch came. Given: the first line of the error of a flow that was stopped."""
    if stopped_by:
        return f"stopped ({stopped_by.partition(' ')[0]}): nothing left"
    return STATES.get(state, state.replace("_", " ") or "not known")


def receipt_words(receipt: Any) -> str:
    """Return a receipt in one line. Given: the receipt of a run summary, in either of its shapes, or none."""
    if isinstance(receipt, dict):
        inner = receipt.get("receipt", receipt)
        said = map(inner.get, ("outcome", "reason", "at")) if isinstance(inner, dict) else ()
        return ", ".join(str(word) for word in said if word) or "received"
    return str(receipt) if receipt else "none yet"
